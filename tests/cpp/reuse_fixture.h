// What tests of earlier results that serve share.
#pragma once

#include <string>
#include <vector>

#include "plan_fixture.h"

namespace edgert::testing {

struct Reusing : TestPlan {
  ValueRef source = sensor("s", {InboxPolicy::kBlock, 16, 8});
  ValueRef rows = TestPlan::rows(source);

  void reuse(const std::string& name, const std::vector<OutputSpec>& outputs,
             const std::vector<ReuseRule>& rules) {
    must(builder.pipeline(pipeline_of(name, outputs), rules));
  }
  static ReuseRule by_age(ValueRef value, Nanos ms) {
    ReuseRule rule;
    rule.value = value;
    rule.max_age = ms * kMillisecond;
    return rule;
  }
};

inline std::vector<float> first(const Answer& answer, std::size_t output = 0) {
  return floats(answer.outputs[output].entries.at(0).tensor);
}

}  // namespace edgert::testing
