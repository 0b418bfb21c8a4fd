// For x86 with AVX-512 (F and VL).
#include "edgert/transform/audio/kernels.inc"

namespace edgert::sound {

const Kernels kAvx512Kernels = table("avx512");

}  // namespace edgert::sound
