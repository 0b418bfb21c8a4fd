// For every processor of the architecture: SSE2 on x86-64, NEON on aarch64.
#include "edgert/transform/audio/kernels.inc"

namespace edgert::sound {

const Kernels kBaselineKernels = table("baseline");

}  // namespace edgert::sound
