#include "edgert/device/device.h"

namespace edgert {

std::vector<DeviceInfo> list_devices() {
  std::vector<DeviceInfo> devices{cpu_device()};
  for (DeviceInfo& device : cuda_devices()) devices.push_back(std::move(device));
  return devices;
}

}  // namespace edgert
