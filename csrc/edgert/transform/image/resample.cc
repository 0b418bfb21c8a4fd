#include "edgert/transform/image/resample.h"

namespace edgert::image {

void resample(const Kernels& kernels, const View& view, const Affine& to_frame, Tensors tensors,
              RunContext& context, const Sampling* kept) {
  if (goes_by_rows(to_frame)) {
    resample_aligned(kernels, view, to_frame, tensors, context, kept);
  } else {
    resample_turned(kernels, view, to_frame, tensors, context);
  }
}

}  // namespace edgert::image
