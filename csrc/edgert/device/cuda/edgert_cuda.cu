// The CUDA part: a library of its own with the static CUDA runtime, so that the core needs none.
#include <cuda_runtime_api.h>
#include <stdio.h>

#include "edgert/device/cuda/abi.h"

namespace {

int fail(cudaError_t error, char* message, size_t capacity) {
  snprintf(message, capacity, "CUDA error %d: %s; install or update the NVIDIA driver",
           static_cast<int>(error), cudaGetErrorString(error));
  return -static_cast<int>(error);
}

}  // namespace

extern "C" int edgert_cuda_count(char* message, size_t capacity) {
  int count = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  return error == cudaSuccess ? count : fail(error, message, capacity);
}

extern "C" int edgert_cuda_describe(int index, char* message, size_t capacity) {
  cudaDeviceProp properties;
  const cudaError_t error = cudaGetDeviceProperties(&properties, index);
  if (error != cudaSuccess) return fail(error, message, capacity);
  snprintf(message, capacity, "%s, %zu MiB, compute capability %d.%d", properties.name,
           properties.totalGlobalMem >> 20, properties.major, properties.minor);
  return 0;
}
