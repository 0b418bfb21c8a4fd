// For any processor of the architecture: SSE2, NEON, or plain.
#include "edgert/transform/image/kernels.inc"
#include "edgert/transform/image/kernels_list.h"

namespace edgert::image {

const Kernels kBaselineKernels = table("baseline");

}  // namespace edgert::image
