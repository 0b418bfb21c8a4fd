// From a model's input back to the frame: reads `fit`, `input_width` and `input_height`, and the
// frame and region among an operation's inputs.
#pragma once

#include <cmath>
#include <span>

#include "edgert/transform/geometry.h"
#include "edgert/transform/transform.h"

namespace edgert {

class FrameMap {
 public:
  // The frame is input `frame_index`; a region may follow it, and nothing else.
  static Result<FrameMap> make(const Params& params, std::span<const InputFormat> inputs,
                               std::size_t frame_index);

  // From pixels of the model's input to pixels of this run's frame.
  Affine affine(std::span<const Input> inputs) const;

  float width() const { return static_cast<float>(width_); }
  float height() const { return static_cast<float>(height_); }

 private:
  std::size_t frame_ = 0;
  bool has_region_ = false;
  Fit fit_ = Fit::kStretch;
  int width_ = 0, height_ = 0;
};

// False for a region that is broken on its way here (NaN, infinity, absurd sizes).
inline bool is_usable(const Affine& m) {
  bool usable = true;
  for (const float value : {m.a, m.b, m.c, m.d, m.e, m.f}) usable &= std::abs(value) <= 1e7f;
  return usable;
}

// Checks that input `index` is an image frame.
Status check_frame(std::span<const InputFormat> inputs, std::size_t index);

}  // namespace edgert
