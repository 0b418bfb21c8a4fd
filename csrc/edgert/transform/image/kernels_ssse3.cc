// For x86 with SSSE3: processors of small power without AVX.
#include "edgert/transform/image/kernels.inc"
#include "edgert/transform/image/kernels_list.h"

namespace edgert::image {

const Kernels kSsse3Kernels = table("ssse3");

}  // namespace edgert::image
