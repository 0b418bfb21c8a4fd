// Samples a frame into a tensor, in one pass over the rows that are needed.
//
// What it gives is defined in reference.h.
#pragma once

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

// Output 0 of `context` must be allocated. `to_frame` maps the tensor's pixels to the frame's.
// `kept`: what Sampling would be made of the same view and map, where somebody has it.
void resample(const Kernels& kernels, const View& view, const Affine& to_frame,
              const Options& options, RunContext& context, const Sampling* kept = nullptr);

void resample_aligned(const Kernels& kernels, const View& view, const Affine& to_frame,
                      const Options& options, RunContext& context, const Sampling* kept);
void resample_turned(const Kernels& kernels, const View& view, const Affine& to_frame,
                     const Options& options, RunContext& context);

}  // namespace edgert::image
