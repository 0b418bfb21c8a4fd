#include "edgert/device/cuda/library.h"

#include <dlfcn.h>

#include <string>

namespace edgert {
namespace {

// libedgert_cuda.so lies beside the library that this code is in.
std::string library_path() {
  Dl_info info;
  if (!dladdr(reinterpret_cast<void*>(&cuda_library), &info) || !info.dli_fname)
    return "libedgert_cuda.so";
  const std::string self = info.dli_fname;
  const auto slash = self.rfind('/');
  return (slash == std::string::npos ? "" : self.substr(0, slash + 1)) + "libedgert_cuda.so";
}

}  // namespace

Result<CudaLibrary> cuda_library() {
  void* library = dlopen(library_path().c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return Status::unavailable("cuda", "this build has no CUDA part",
                               "build with -DEDGERT_CUDA=ON where a CUDA toolkit is");
  CudaLibrary found;
  found.count = reinterpret_cast<edgert_cuda_count_fn>(dlsym(library, "edgert_cuda_count"));
  found.describe =
      reinterpret_cast<edgert_cuda_describe_fn>(dlsym(library, "edgert_cuda_describe"));
  const auto streams =
      reinterpret_cast<edgert_cuda_streams_fn>(dlsym(library, "edgert_cuda_streams"));
  if (streams) found.streams = streams();
  if (!found.count || !found.describe || !found.streams ||
      found.streams->version != EDGERT_CUDA_STREAMS_VERSION)
    return Status::unavailable("cuda", "libedgert_cuda.so is of another version", "build it again");
  return found;
}

}  // namespace edgert
