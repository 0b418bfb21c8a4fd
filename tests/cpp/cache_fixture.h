// What tests of the request cache share.
#pragma once

#include <string>

#include "plan_fixture.h"

namespace edgert::testing {

inline constexpr std::size_t kMegabyte = 1 << 20;

inline RuntimeOptions cached(std::size_t bytes = kMegabyte, int lanes = 2) {
  RuntimeOptions options;
  options.lanes = lanes;
  options.cache_bytes = bytes;
  return options;
}

inline SensorOptions requests(int in_flight = 16) {
  SensorOptions options;
  options.queue = 64;
  options.in_flight = in_flight;
  options.cache = true;
  return options;
}

inline PipelineSpec of(const std::string& application, const std::string& name, ValueRef value,
                       int sensor = 0) {
  PipelineSpec spec = TestPlan::pipeline_of(name, {{"out", value, -1}}, sensor);
  spec.application = application;
  spec.queue = 128;
  return spec;
}

inline void add_application(TestPlan& plan, const std::string& name, CacheShare share) {
  ApplicationSpec spec;
  spec.name = name;
  spec.cache = share;
  must(plan.builder.application(spec));
}

inline float value_of(const Answer& answer) {
  EXPECT_TRUE(answer.status.ok()) << answer.status.message();
  const ResultOutput& output = answer.outputs[0];
  EXPECT_TRUE(output.status.ok()) << output.status.message();
  return output.entries.empty() ? 0 : floats(output.entries[0].tensor)[0];
}

// A model takes long enough to be kept.
inline int work(TestPlan& plan, const std::string& name, int us = 200) {
  return plan.model(name, "1x2", "echo\ndelay_us " + std::to_string(us) + "\n");
}

}  // namespace edgert::testing
