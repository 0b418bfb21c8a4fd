#include "edgert/transform/image/kernels.h"

#include "edgert/transform/image/kernels_list.h"

namespace edgert::image {

KernelList available_kernels() {
  KernelList list{{&kBaselineKernels, nullptr}, 1};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("ssse3")) list.kernels[list.count++] = &kSsse3Kernels;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
      __builtin_cpu_supports("f16c")) {
    list.kernels[list.count++] = &kAvx2Kernels;
    if (__builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vnni") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl")) {
      list.kernels[list.count++] = &kAvx512Kernels;
    }
  }
#endif
  return list;
}

const Kernels& best_kernels() {
  const KernelList list = available_kernels();
  return *list.kernels[list.count - 1];
}

}  // namespace edgert::image
