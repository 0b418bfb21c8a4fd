#include "edgert/transform/image/resample.h"

namespace edgert::image {

void resample(const Kernels& kernels, const View& view, const Affine& to_frame,
              const Options& options, RunContext& context, const Sampling* kept) {
  if (goes_by_rows(to_frame)) {
    resample_aligned(kernels, view, to_frame, options, context, kept);
  } else {
    resample_turned(kernels, view, to_frame, options, context);
  }
}

}  // namespace edgert::image
