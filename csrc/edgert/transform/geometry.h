// The one place that says how a frame is fitted into a model's input, used both ways: the image
// transform samples the frame through it, the answer decoders map coordinates back through it.
#pragma once

#include <optional>
#include <string_view>

#include "edgert/memory/tensor.h"

namespace edgert {

enum class Fit { kStretch, kLetterbox, kCentreCrop };

std::optional<Fit> fit_from_name(std::string_view name);  // "stretch", "letterbox", "centre_crop"

// A part of a frame, in pixels of the frame; `angle` in radians, clockwise as the image is seen.
// As a tensor: float32 [5] = centre x, centre y, width, height, angle.
struct Region {
  float cx = 0, cy = 0, width = 0, height = 0, angle = 0;
  static Region whole(int frame_width, int frame_height);
  static Region from_tensor(const Tensor& tensor);
};

// (x, y) -> (a x + b y + c, d x + e y + f). Coordinates are continuous: pixel i covers [i, i+1).
struct Affine {
  float a = 1, b = 0, c = 0, d = 0, e = 1, f = 0;
  bool axis_aligned() const { return b == 0 && d == 0; }
};

// From continuous pixels of the model's input (0..input_width) to pixels of the frame.
// stretch: the region fills the input, aspect not kept. letterbox: the whole region is in the
// middle, aspect kept, borders padded. centre_crop: the region's middle fills the input.
Affine input_to_frame(const Region& region, Fit fit, int input_width, int input_height);

}  // namespace edgert
