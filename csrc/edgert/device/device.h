// The seam of devices: what there is on this machine, as values with a reason where it is absent.
#pragma once

#include <string>
#include <vector>

#include "edgert/memory/buffer.h"

namespace edgert {

struct DeviceInfo {
  DeviceId id;
  std::string name;  // "cpu:0"
  bool available = false;
  std::string detail;  // processor name, cores; driver and memory
  std::string reason;  // why it is not available, and what to do
};

// The CPU first. A device that this build knows and the machine lacks is listed with its reason.
std::vector<DeviceInfo> list_devices();

DeviceInfo cpu_device();  // cpu/cpu.cc
std::vector<DeviceInfo>
cuda_devices();  // cuda/probe.cc: opens libedgert_cuda.so beside this library

}  // namespace edgert
