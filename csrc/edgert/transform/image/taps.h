// One axis of one component: which of its samples make up each output position, and by how much.
//
// The filter weighs pixels; where a component has one sample for two pixels, a pixel is the linear
// interpolation of two samples, and its weight is split between them. So one table does both.
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

// How a component samples this axis.
struct Sampling {
  int samples = 0;
  bool half = false;  // one sample for two pixels,
  double origin = 0;  // the first at this pixel index: 0 or 0.5
};

// Outputs in [begin, end) have their middle in the frame; those beyond are padding.
struct Inside {
  int begin = 0, end = 0;
};
Inside inside(const Axis& axis);

// Samples that an output takes at most.
int max_taps(const Axis& axis, Filter filter, const Sampling& sampling);

struct Taps {
  int stride = 0;                    // weights of an output; those it doesn't need are zero
  int low = 0, high = 0;             // samples that are read at all: [low, high)
  std::int32_t* first = nullptr;     // [outputs]
  std::uint16_t* weights = nullptr;  // [outputs][stride], each output's sum is `one`
};

// Fills first and weights of the outputs inside, and sets low and high. The caller has set stride
// (max_taps or more) and memory; `work` holds work_floats(stride).
constexpr int work_floats(int stride) {
  return 3 * stride + 4;
}
void fill_taps(const Axis& axis, Filter filter, const Sampling& sampling, int one, float* work,
               Taps& taps);

// A turned area is the mean of a grid of at most this many samples each way.
inline constexpr int kMaxTurnedGrid = 8;

// The pixel that `nearest` takes at a continuous position. A place on the border of two pixels, up
// to rounding, belongs to the right one.
int nearest_pixel(double position, int size);

}  // namespace edgert::image
