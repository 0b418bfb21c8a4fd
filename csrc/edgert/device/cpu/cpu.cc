#include <fstream>
#include <thread>

#include "edgert/device/device.h"

namespace edgert {
namespace {

// "model name" on x86, "Hardware" or "Model" on ARM boards.
std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    for (const char* key : {"model name", "Hardware", "Model"}) {
      const auto colon = line.find(": ");
      if (line.rfind(key, 0) == 0 && colon != std::string::npos) return line.substr(colon + 2);
    }
  }
  return "processor";
}

std::string vector_extensions() {
#if defined(__x86_64__)
  std::string out;
  if (__builtin_cpu_supports("avx2")) out += ", AVX2";
  if (__builtin_cpu_supports("fma")) out += ", FMA";
  if (__builtin_cpu_supports("avx512f")) out += ", AVX-512";
  return out;
#elif defined(__aarch64__)
  return ", NEON";
#else
  return "";
#endif
}

}  // namespace

DeviceInfo cpu_device() {
  DeviceInfo device;
  device.name = "cpu:0";
  device.available = true;
  device.detail = processor_name() + ", " + std::to_string(std::thread::hardware_concurrency()) +
                  " cores" + vector_extensions();
  return device;
}

}  // namespace edgert
