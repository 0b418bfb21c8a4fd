#include "edgert/transform/image/resample.h"

namespace edgert::image {

void resample(const Kernels& kernels, const View& view, const Affine& to_frame,
              const Options& options, RunContext& context) {
  if (to_frame.axis_aligned() && to_frame.a > 0 && to_frame.e > 0) {
    resample_aligned(kernels, view, to_frame, options, context);
  } else {
    resample_turned(kernels, view, to_frame, options, context);
  }
}

}  // namespace edgert::image
