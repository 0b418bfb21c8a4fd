// libedgert_cuda.so, opened at run time: the core links nothing of CUDA.
#pragma once

#include "edgert/base/status.h"
#include "edgert/device/cuda/abi.h"

namespace edgert {

struct CudaLibrary {
  edgert_cuda_count_fn count = nullptr;
  edgert_cuda_describe_fn describe = nullptr;
  const EdgertCudaStreams* streams = nullptr;
};

// kUnavailable where this build has no such library, or one of another version. Any thread.
Result<CudaLibrary> cuda_library();

}  // namespace edgert
