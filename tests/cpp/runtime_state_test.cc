// Nodes with state: frames in order whatever the lanes, and a fresh start after a gap.
#include <thread>

#include "plan_fixture.h"

namespace edgert::testing {
namespace {

// A window of two rows over the stream: the first row is what the frame before brought.
ValueRef pairs(TestPlan& plan, ValueRef sensor, ValueRef rows) {
  const Params params{{"size", std::int64_t{2}}, {"hop", std::int64_t{1}}, {"rate", 100.0}};
  return plan.transform("table.window", params, {rows, sensor});
}

TEST(RuntimeState, FramesComeInOrderUnderManyLanes) {
  TestPlan plan;
  const ValueRef sensor = plan.sensor("s", {InboxPolicy::kBlock, 16, 32});
  // A slow model in front makes frames arrive at the window out of order.
  const ValueRef echoed = plan.run(plan.model("m", "1x2", "echo\nwork_us 30\n"), plan.rows(sensor));
  plan.pipeline("p", pairs(plan, sensor, echoed));
  Running running(plan, 6);
  running.attach("p");
  running.runtime->start();
  std::thread source([&] {
    for (int i = 0; i < 2000; ++i) running.push("s", {static_cast<float>(i), 0});
    running.sensor("s").finish();
  });
  const std::vector<Answer> answers = running.rest("p");
  source.join();
  ASSERT_EQ(answers.size(), 2000u);
  for (std::size_t i = 1; i < answers.size(); ++i) {
    ASSERT_TRUE(answers[i].outputs[0].status.ok());
    const std::vector<float> window = floats(answers[i].outputs[0].entries[0].tensor);
    ASSERT_EQ(window.size(), 4u) << i;
    ASSERT_EQ(window[0] + 1, window[2]);
    ASSERT_EQ(window[2], static_cast<float>(i));
  }
}

// A model whose second input is its own second output of the run before.
struct Carrying {
  TestPlan plan;
  ValueRef sensor = plan.sensor("s", {InboxPolicy::kBlock, 16, 8});

  // Echoes: its output "state" is its input "state", so that only the start shows.
  ValueRef over(ValueRef input, const std::string& shape) {
    const std::string text = "input state float32 " + shape + "\ninput x float32 " + shape +
                             "\noutput carried float32 " + shape + "\noutput y float32 " + shape +
                             "\ncount\n";
    ModelSpec spec;
    spec.name = "carry";
    spec.file = plan.folder().write("carry.null", text);
    std::map<std::string, ModelFeed> feeds;
    feeds["x"].value = input;
    feeds["state"].state_of = "carried";
    return must(plan.builder.run_model(must(plan.builder.model(spec)), feeds));
  }
};

TEST(RuntimeState, ARunSeesEachFrameOnceInOrder) {
  Carrying carrying;
  const ValueRef rows = carrying.plan.rows(carrying.sensor);
  carrying.plan.pipeline("p", carrying.over(rows, "1x2"));
  Running running(carrying.plan, 4);
  running.attach("p");
  running.runtime->start();
  for (int i = 0; i < 100; ++i) {
    running.push("s", {0, 0});
    EXPECT_TRUE(running.next("p").outputs[0].status.ok());
  }
  running.runtime->stop();
  EXPECT_EQ(running.node("carry").executed, 100);
}

// The window restarts after a gap even when the frame with the gap was dropped or not wanted.
TEST(RuntimeState, AGapResetsAWindow) {
  TestPlan plan;
  const ValueRef sensor = plan.sensor("s");
  plan.pipeline("p", pairs(plan, sensor, plan.rows(sensor)));
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  const auto windows = [&](float value, bool gap) {
    running.push("s", {value, 0}, 2, 0, gap);
    return running.next("p").outputs[0].entries[0].tensor.shape()[0];
  };
  EXPECT_EQ(windows(0, false), 0);
  EXPECT_EQ(windows(1, false), 1);
  EXPECT_EQ(windows(2, true), 0);
  EXPECT_EQ(windows(3, false), 1);
  running.runtime->stop();
}

// Without the frame as its input, a window learns of a gap from the executor alone; also when it
// was not asked for the frame after the gap.
TEST(RuntimeState, AGapThatANodeDidNotSeeResetsItAtItsNextRun) {
  TestPlan plan;
  const ValueRef sensor = plan.sensor("s");
  const Params params{{"size", std::int64_t{2}}, {"hop", std::int64_t{1}}, {"rate", 100.0}};
  PipelineSpec spec = TestPlan::pipeline_of(
      "p", {{"out", plan.transform("table.window", params, {plan.rows(sensor)}), -1}});
  spec.every = 2;
  plan.add(spec);
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  const auto two_frames = [&](bool gap) {
    running.push("s", {0, 0});
    running.push("s", {0, 0}, 2, 0, gap);  // not wanted
    return running.next("p").outputs[0].entries[0].tensor.shape()[0];
  };
  EXPECT_EQ(two_frames(false), 0);
  EXPECT_EQ(two_frames(true), 1);
  EXPECT_EQ(two_frames(false), 0);
  EXPECT_EQ(two_frames(false), 1);
  running.runtime->stop();
}

}  // namespace
}  // namespace edgert::testing
