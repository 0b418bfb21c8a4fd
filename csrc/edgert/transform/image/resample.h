// Samples a frame into a tensor, in one pass over the rows that are needed.
//
// What it gives is defined in reference.h.
#pragma once

#include <span>

#include "edgert/transform/geometry.h"
#include "edgert/transform/image/kernels.h"
#include "edgert/transform/image/options.h"
#include "edgert/transform/image/view.h"
#include "edgert/transform/transform.h"

namespace edgert::image {

class Sampling;

// The two ways: rows by columns, for a map that is aligned with the axes and doesn't mirror; and
// place by place, for any map.
inline bool goes_by_rows(const Affine& to_frame) {
  return to_frame.axis_aligned() && to_frame.a > 0 && to_frame.e > 0;
}

// Makes those of `tensors` (of the same pixels, at most kMostTensors) that are wanted; they must be
// allocated. `to_frame` maps the tensors' pixels to the frame's. `kept`: what Sampling would be
// made of the same view and map, where somebody has it.
using Tensors = std::span<const Options>;
void resample(const Kernels& kernels, const View& view, const Affine& to_frame, Tensors tensors,
              RunContext& context, const Sampling* kept = nullptr);

void resample_aligned(const Kernels& kernels, const View& view, const Affine& to_frame,
                      Tensors tensors, RunContext& context, const Sampling* kept);
void resample_turned(const Kernels& kernels, const View& view, const Affine& to_frame,
                     Tensors tensors, RunContext& context);

}  // namespace edgert::image
