// Work that several pipelines want of one frame: it runs once, its error reaches all of them and
// nobody else, and who gives up leaves the others.
#include <array>
#include <chrono>
#include <thread>

#include "plan_fixture.h"

namespace edgert::testing {
namespace {

// Takes `ms`, and fails where the first number is above 0.5.
class Slow final : public Transform {
 public:
  explicit Slow(std::int64_t ms) : ms_(ms) {}
  std::span<const TensorSpec> outputs() const override { return spec_; }
  Status run(std::span<const Input> inputs, RunContext& context) override {
    std::this_thread::sleep_for(std::chrono::milliseconds(ms_));
    EDGERT_RETURN_IF_ERROR(context.allocate(0, spec_[0].shape));
    const float value = inputs[0].tensor->data<const float>()[0];
    context.output(0).data<float>()[0] = value;
    return value > 0.5F ? Status::engine("test", "too large") : Status();
  }

 private:
  std::int64_t ms_;
  std::array<TensorSpec, 1> spec_{TensorSpec{"y", DType::kFloat32, Shape{1}, 0}};
};

ValueRef slow(TestPlan& plan, ValueRef input, std::int64_t ms) {
  must(register_transform("test.slow", "runtime_shared_test",
                          [](const Params& params, std::span<const InputFormat>) {
                            return Result<std::unique_ptr<Transform>>(
                                std::make_unique<Slow>(params.integer("ms", 0).value()));
                          }));
  return plan.transform("test.slow", {{"ms", ms}}, {input});
}

TEST(RuntimeShared, AnErrorReachesAllWhoWaitAndNobodyElse) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s"));
  const ValueRef shared = slow(plan, rows, 1);
  plan.pipeline("first", shared);
  plan.pipeline("second", shared);
  plan.pipeline("behind", shared, plan.gate(rows, -1));  // wants it once its condition opened
  plan.pipeline("other", rows);
  Running running(plan);
  for (const char* name : {"first", "second", "behind", "other"}) running.attach(name);
  running.runtime->start();
  for (int i = 0; i < 20; ++i) {
    const bool fails = i % 2 == 1;
    running.push("s", {fails ? 1.0F : 0.0F, 0});
    for (const char* name : {"first", "second", "behind"}) {
      const Answer answer = running.next(name);
      EXPECT_EQ(answer.outputs[0].status.code(), fails ? Code::kEngine : Code::kOk) << name;
    }
    EXPECT_TRUE(running.next("other").outputs[0].status.ok());
  }
  running.runtime->stop();
  EXPECT_EQ(running.node("test.slow").executed, 20);
  EXPECT_EQ(running.node("test.slow").demanded, 60);
  EXPECT_EQ(running.node("test.slow").failed, 10);
}

// The bound of one passes while the work runs: it is told so, and the other gets its answer.
TEST(RuntimeShared, WhoGivesUpLeavesTheOthers) {
  TestPlan plan;
  const ValueRef shared = slow(plan, plan.rows(plan.sensor("s")), 60);
  PipelineSpec hasty = TestPlan::pipeline_of("hasty", {{"out", shared, -1}});
  hasty.latency = 10 * kMillisecond;
  plan.add(hasty);
  plan.pipeline("patient", shared);
  Running running(plan);
  running.attach("hasty");
  running.attach("patient");
  running.runtime->start();
  running.push("s", {0.25F, 0});
  EXPECT_EQ(running.next("hasty").status.code(), Code::kDeadline);
  const Answer answer = running.next("patient");
  ASSERT_TRUE(answer.outputs[0].status.ok());
  EXPECT_EQ(floats(answer.outputs[0].entries[0].tensor)[0], 0.25F);
  running.runtime->stop();
  EXPECT_EQ(running.node("test.slow").executed, 1);
}

// Over frames, too: the first frame's pipeline gave up, and the next frame's waits for its result.
TEST(RuntimeShared, WhatALaterFrameWaitsForIsNotGivenUp) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s"));
  const ValueRef before = slow(plan, rows, 40);
  const ValueRef shared = slow(plan, before, 41);
  PipelineSpec hasty = TestPlan::pipeline_of("hasty", {{"out", shared, -1}});
  hasty.latency = 20 * kMillisecond;
  hasty.every = 2;
  plan.add(hasty);
  ReuseRule rule;
  rule.value = shared;
  rule.max_age = kSecond;
  must(plan.builder.pipeline(TestPlan::pipeline_of("aged", {{"out", shared, -1}}), {rule}));
  Running running(plan, 3);
  running.attach("hasty");
  running.attach("aged");
  running.runtime->start();
  for (int i = 0; i < 4; ++i) running.push("s", {0.1F * static_cast<float>(i), 0}, 2, 10 * i);
  for (int i = 0; i < 4; ++i) {
    const Answer answer = running.next("aged");
    ASSERT_TRUE(answer.outputs[0].status.ok()) << answer.outputs[0].status.message();
    EXPECT_LE(answer.age, 30 * kMillisecond);
  }
  running.runtime->stop();
}

}  // namespace
}  // namespace edgert::testing
