// For x86 with AVX2, FMA and F16C.
#include "edgert/transform/image/kernels.inc"
#include "edgert/transform/image/kernels_list.h"

namespace edgert::image {

const Kernels kAvx2Kernels = table("avx2");

}  // namespace edgert::image
