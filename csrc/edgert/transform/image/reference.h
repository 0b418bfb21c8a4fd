// What image.to_tensor means, in double precision and without haste; its tests compare with this.
//
// Chroma is interpolated between its samples at each pixel; components are sampled at the output's
// middle, become R, G, B in 0..255 (not rounded), and are encoded. Bilinear: between pixels'
// middles. Area: each pixel by how much of it the output covers, along an axis that shrinks;
// turned, the mean of a grid of bilinear samples. Outputs whose middle is outside the frame are
// padding.
#pragma once

#include <vector>

#include "edgert/transform/geometry.h"
#include "edgert/transform/image/options.h"
#include "edgert/transform/image/view.h"

namespace edgert::image {

// YUV has values beyond R, G, B's 0..255. Drawn to it last, they take part in what is sampled, as
// when a GPU samples planes: this is what the operation does. Drawn to it first, each pixel becomes
// a colour before it is sampled. Both are the same where no pixel lies beyond.
enum class Clamp { kLast, kFirst };

// In the tensor's order, before the rounding of a quantised dtype.
std::vector<double> reference(const View& view, const Affine& to_frame, const Options& options,
                              Clamp clamp = Clamp::kLast);

}  // namespace edgert::image
