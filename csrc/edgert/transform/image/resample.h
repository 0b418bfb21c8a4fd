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

// Output 0 of `context` must be allocated. `to_frame` maps the tensor's pixels to the frame's.
void resample(const Kernels& kernels, const View& view, const Affine& to_frame,
              const Options& options, RunContext& context);

// The two ways: rows by columns, for a map that is aligned with the axes and doesn't mirror; and
// place by place, for any map.
void resample_aligned(const Kernels& kernels, const View& view, const Affine& to_frame,
                      const Options& options, RunContext& context);
void resample_turned(const Kernels& kernels, const View& view, const Affine& to_frame,
                     const Options& options, RunContext& context);

}  // namespace edgert::image
