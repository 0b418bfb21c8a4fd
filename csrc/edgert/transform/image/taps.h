// One axis of a frame: which of its pixels make up each output position, and by how much.
#pragma once

#include <cstdint>

#include "edgert/transform/image/options.h"

namespace edgert::image {

// Output i has its middle at `scale * (i + 0.5) + shift`, in pixels of the frame.
struct Axis {
  double scale = 1, shift = 0;
  int size = 0;  // pixels of the frame
  int outputs = 0;
};

// Outputs in [begin, end) have their middle in the frame; those beyond are padding.
struct Inside {
  int begin = 0, end = 0;
};
Inside inside(const Axis& axis);

// Pixels that an output takes at most.
int max_taps(const Axis& axis, Filter filter);

struct Taps {
  int stride = 0;                    // weights of an output; those it doesn't need are zero
  int low = 0, high = 0;             // pixels that are read at all: [low, high)
  std::int32_t* first = nullptr;     // [outputs]
  std::uint16_t* weights = nullptr;  // [outputs][stride], each output's sum is `one`
};

// Fills first and weights of the outputs inside, and sets low and high. The caller has set stride
// (max_taps or more) and memory; `work` holds work_floats(stride).
constexpr int work_floats(int stride) {
  return stride + 4;
}
void fill_taps(const Axis& axis, Filter filter, int one, float* work, Taps& taps);

// A turned area is the mean of a grid of at most this many samples each way.
inline constexpr int kMaxTurnedGrid = 8;

// The pixel that `nearest` takes at a continuous position. A place on the border of two pixels, up
// to rounding, belongs to the right one.
int nearest_pixel(double position, int size);

}  // namespace edgert::image
