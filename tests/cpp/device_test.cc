// What devices the machine has: an absent one is an ordinary answer with its reason.
#include "edgert/device/device.h"

#include <gtest/gtest.h>

#include <set>

namespace edgert {
namespace {

TEST(Devices, TheProcessorComesFirstAndIsThere) {
  const std::vector<DeviceInfo> devices = list_devices();
  ASSERT_FALSE(devices.empty());
  EXPECT_EQ(devices[0].name, "cpu:0");
  EXPECT_EQ(devices[0].id, (DeviceId{DeviceKind::kCpu, 0}));
  EXPECT_TRUE(devices[0].available);
  EXPECT_FALSE(devices[0].detail.empty());
  EXPECT_TRUE(devices[0].reason.empty());
}

TEST(Devices, WhatIsAbsentSaysWhyAndWhatIsThereSaysWhat) {
  for (const DeviceInfo& device : list_devices()) {
    EXPECT_EQ(device.available, device.reason.empty()) << device.name << ": " << device.reason;
    EXPECT_EQ(device.available, !device.detail.empty()) << device.name << ": " << device.detail;
  }
}

TEST(Devices, NamesAreDistinctAndSayTheKind) {
  std::set<std::string> names;
  for (const DeviceInfo& device : list_devices()) {
    EXPECT_TRUE(names.insert(device.name).second) << device.name;
    const bool cpu = device.id.kind == DeviceKind::kCpu;
    EXPECT_EQ(device.name, (cpu ? "cpu:" : "cuda:") + std::to_string(device.id.index));
  }
}

// Without the CUDA part the build is named, with it the driver's own answer (35: none is there, or
// it is too old). On a machine with a GPU there is nothing to explain.
TEST(Devices, CudaIsListedOnEveryMachine) {
  const std::vector<DeviceInfo> devices = cuda_devices();
  ASSERT_FALSE(devices.empty());
  if (devices[0].available) return;
  const std::string& reason = devices[0].reason;
  const bool named = reason.find("EDGERT_CUDA") != std::string::npos ||
                     reason.find("CUDA error") != std::string::npos || reason == "no GPU found";
  EXPECT_TRUE(named) << reason;
}

TEST(Devices, AskingAgainGivesTheSame) {
  const auto first = list_devices(), second = list_devices();
  ASSERT_EQ(first.size(), second.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first[i].name, second[i].name);
    EXPECT_EQ(first[i].reason, second[i].reason);
  }
}

}  // namespace
}  // namespace edgert
