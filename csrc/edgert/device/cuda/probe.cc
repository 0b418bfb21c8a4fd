#include <dlfcn.h>

#include <array>

#include "edgert/device/cuda/abi.h"
#include "edgert/device/device.h"

namespace edgert {
namespace {

// libedgert_cuda.so lies beside the library that this code is in.
std::string library_path() {
  Dl_info info;
  if (!dladdr(reinterpret_cast<void*>(&cuda_devices), &info) || !info.dli_fname)
    return "libedgert_cuda.so";
  const std::string self = info.dli_fname;
  const auto slash = self.rfind('/');
  return (slash == std::string::npos ? "" : self.substr(0, slash + 1)) + "libedgert_cuda.so";
}

DeviceInfo absent(std::string reason) {
  DeviceInfo device;
  device.id = {DeviceKind::kCuda, 0};
  device.name = "cuda:0";
  device.reason = std::move(reason);
  return device;
}

}  // namespace

std::vector<DeviceInfo> cuda_devices() {
  void* library = dlopen(library_path().c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return {
        absent("this build has no CUDA part; build with -DEDGERT_CUDA=ON where a CUDA toolkit is")};
  const auto count = reinterpret_cast<edgert_cuda_count_fn>(dlsym(library, "edgert_cuda_count"));
  const auto describe =
      reinterpret_cast<edgert_cuda_describe_fn>(dlsym(library, "edgert_cuda_describe"));
  if (!count || !describe)
    return {absent("libedgert_cuda.so is of another version; build it again")};
  std::array<char, 256> message{};
  const int found = count(message.data(), message.size());
  if (found <= 0) return {absent(found == 0 ? "no GPU found" : std::string(message.data()))};
  std::vector<DeviceInfo> devices;
  for (int i = 0; i < found; ++i) {
    DeviceInfo device;
    device.id = {DeviceKind::kCuda, static_cast<std::uint8_t>(i)};
    device.name = "cuda:" + std::to_string(i);
    device.available = describe(i, message.data(), message.size()) == 0;
    (device.available ? device.detail : device.reason) = message.data();
    devices.push_back(std::move(device));
  }
  return devices;
}

}  // namespace edgert
