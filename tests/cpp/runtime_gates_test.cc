// Conditions in the root: open, closed, held, one under another, shared with those who don't ask.
#include "plan_fixture.h"

namespace edgert::testing {
namespace {

TEST(RuntimeGates, ClosedSkipsAndOpenRuns) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s"));
  plan.pipeline("p", plan.run(plan.model("m"), rows), plan.gate(rows, 0.5));
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  for (int i = 0; i < 40; ++i) {
    const bool open = i % 3 == 0;
    running.push("s", {open ? 1.0F : 0.0F, 0});
    const Answer answer = running.next("p");
    EXPECT_TRUE(answer.status.ok());
    EXPECT_EQ(answer.outputs[0].status.code(), open ? Code::kOk : Code::kSkipped);
  }
  running.runtime->stop();
  EXPECT_EQ(running.node("m").executed, 14);
  EXPECT_EQ(running.node("m").skipped, 26);
  EXPECT_EQ(running.runtime->snapshot().pipelines[0].count(Outcome::kFailed), 0);
}

TEST(RuntimeGates, StaysOpenWhileHeldByMediaTime) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s"));
  GateOptions options;
  options.hold_ms = 100;
  plan.pipeline("p", rows, plan.gate(rows, 0.5, options));
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  const std::vector<std::pair<Nanos, float>> frames{{0, 0},   {10, 1},  {50, 0},  {109, 0},
                                                    {111, 0}, {200, 0}, {210, 1}, {220, 0}};
  std::string seen;
  for (const auto& [time, value] : frames) {
    running.push("s", {value, 0}, 2, time);
    seen += running.next("p").outputs[0].status.ok() ? 'o' : '-';
  }
  EXPECT_EQ(seen, "-ooo--oo");
  running.runtime->stop();
}

TEST(RuntimeGates, OneUnderAnotherIsOnlyAskedWhenThatIsOpen) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s"));
  const int first = plan.gate(rows, 0.5);
  GateOptions options;
  options.index = 1;
  options.under = ValueRef{first, 0};
  const int second = plan.gate(plan.run(plan.model("asked"), rows), 0.5, options);
  plan.pipeline("p", plan.run(plan.model("m"), rows), second);
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  std::string seen;
  for (const auto& values :
       std::vector<std::vector<float>>{{0, 0}, {0, 1}, {1, 0}, {1, 1}, {0, 1}}) {
    running.push("s", values);
    seen += running.next("p").outputs[0].status.ok() ? 'o' : '-';
  }
  EXPECT_EQ(seen, "---o-");
  running.runtime->stop();
  EXPECT_EQ(running.node("asked").executed, 2);
  EXPECT_EQ(running.node("m").executed, 1);
}

// What another pipeline computes anyway does not come through a closed condition.
TEST(RuntimeGates, AClosedConditionHidesWhatOthersComputed) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s"));
  const ValueRef shared = plan.run(plan.model("m"), rows);
  plan.pipeline("gated", shared, plan.gate(rows, 0.5));
  plan.pipeline("always", shared);
  Running running(plan);
  running.attach("gated");
  running.attach("always");
  running.runtime->start();
  for (const float value : {0.0F, 1.0F, 0.0F}) {
    running.push("s", {value, 0});
    EXPECT_EQ(running.next("gated").outputs[0].status.ok(), value > 0.5F);
    EXPECT_TRUE(running.next("always").outputs[0].status.ok());
  }
  running.runtime->stop();
  EXPECT_EQ(running.node("m").executed, 3);
  EXPECT_EQ(running.node("m").demanded, 4);
}

// The window sees the frames during which the condition is closed.
TEST(RuntimeGates, WindowsSeeEveryFrame) {
  TestPlan plan;
  const ValueRef sensor = plan.sensor("s");
  const ValueRef rows = plan.rows(sensor);
  const Params params{{"size", std::int64_t{3}}, {"hop", std::int64_t{1}}};
  const ValueRef windows = plan.transform("table.window", params, {rows, sensor});
  plan.pipeline("p", windows, plan.gate(rows, 0.5));
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  for (int i = 0; i < 9; ++i) {
    const bool open = i % 4 == 3;
    running.push("s", {open ? 1.0F : 0.0F, static_cast<float>(i)});
    const Answer answer = running.next("p");
    ASSERT_EQ(answer.outputs[0].status.ok(), open);
    if (!open) continue;
    const std::vector<float> window = floats(answer.outputs[0].entries[0].tensor);
    EXPECT_EQ(window[1], static_cast<float>(i - 2));
    EXPECT_EQ(window[5], static_cast<float>(i));
  }
  running.runtime->stop();
  EXPECT_EQ(running.node("table.window").executed, 9);
}

}  // namespace
}  // namespace edgert::testing
