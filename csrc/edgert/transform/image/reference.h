// What image.to_tensor means, in double precision and without haste; its tests compare with this.
//
// Chroma is interpolated between its samples at each pixel by the frame's siting; each pixel
// becomes R, G, B by the matrix, clamped to 0..255 and not rounded; pixels are sampled at the
// output's middle, and encoded. Bilinear: between pixels' middles. Area: each pixel by how much of
// it the output covers, along an axis that shrinks; turned, the mean of a grid of bilinear samples.
// Outputs whose middle is outside the frame are padding.
#pragma once

#include <vector>

#include "edgert/transform/geometry.h"
#include "edgert/transform/image/options.h"
#include "edgert/transform/image/view.h"

namespace edgert::image {

// In the tensor's order, before the rounding of a quantised dtype.
std::vector<double> reference(const View& view, const Affine& to_frame, const Options& options);

}  // namespace edgert::image
