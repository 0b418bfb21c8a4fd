#include <array>

#include "edgert/device/cuda/library.h"
#include "edgert/device/device.h"

namespace edgert {
namespace {

DeviceInfo absent(std::string reason) {
  DeviceInfo device;
  device.id = {DeviceKind::kCuda, 0};
  device.name = "cuda:0";
  device.reason = std::move(reason);
  return device;
}

}  // namespace

std::vector<DeviceInfo> cuda_devices() {
  const auto library = cuda_library();
  if (!library.ok()) {
    const Status why = library.status();
    return {absent(std::string(why.what()) + "; " + std::string(why.hint()))};
  }
  std::array<char, 256> message{};
  const int found = library->count(message.data(), message.size());
  if (found <= 0) return {absent(found == 0 ? "no GPU found" : std::string(message.data()))};
  std::vector<DeviceInfo> devices;
  for (int i = 0; i < found; ++i) {
    DeviceInfo device;
    device.id = {DeviceKind::kCuda, static_cast<std::uint8_t>(i)};
    device.name = "cuda:" + std::to_string(i);
    device.available = library->describe(i, message.data(), message.size()) == 0;
    (device.available ? device.detail : device.reason) = message.data();
    devices.push_back(std::move(device));
  }
  return devices;
}

}  // namespace edgert
