// For x86 with AVX-512, its shuffles of bytes (VBMI) and sums of products (VNNI) among them.
#include "edgert/transform/image/kernels.inc"
#include "edgert/transform/image/kernels_list.h"

namespace edgert::image {

const Kernels kAvx512Kernels = table("avx512");

}  // namespace edgert::image
