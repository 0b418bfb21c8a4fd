#include "edgert/transform/audio/kernels.h"

namespace edgert::sound {

KernelList available_kernels() {
  KernelList list{{&kBaselineKernels, nullptr, nullptr}, 1};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    list.kernels[list.count++] = &kAvx2Kernels;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl"))
      list.kernels[list.count++] = &kAvx512Kernels;
  }
#endif
  return list;
}

const Kernels& best_kernels() {
  const KernelList list = available_kernels();
  return *list.kernels[list.count - 1];
}

}  // namespace edgert::sound
