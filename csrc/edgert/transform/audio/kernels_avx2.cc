// For x86 with AVX2 and FMA.
#include "edgert/transform/audio/kernels.inc"

namespace edgert::sound {

const Kernels kAvx2Kernels = table("avx2");

}  // namespace edgert::sound
