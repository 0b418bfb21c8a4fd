// Nodes with state: frames in order whatever the lanes, and a fresh start after a gap.
#include <algorithm>
#include <atomic>
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

// Counts its own runs inside: output 0 is the number since the start, or since the last reset.
int counter(TestPlan& plan, const std::string& name, const std::string& more = {}) {
  return plan.model(name, "1x2", "count\n" + more);
}

float counted(const Answer& answer) {
  return floats(answer.outputs[0].entries[0].tensor)[0];
}

// A frame that the full inbox refused is a hole in a stream: state starts afresh behind it, and
// not before.
TEST(RuntimeState, AFrameThatTheInboxDroppedResetsStateAtItsPlace) {
  TestPlan plan;
  const ValueRef sensor = plan.sensor("s", {InboxPolicy::kQueue, 2, 1});
  plan.pipeline("p", plan.run(counter(plan, "m"), plan.rows(sensor)));
  Running running(plan);
  running.attach("p");
  std::vector<bool> taken;
  for (int i = 0; i < 4; ++i) taken.push_back(running.push("s", {0, 0}));  // not started: it fills
  running.runtime->start();
  std::vector<float> counts;
  const auto admitted = std::ranges::count(taken, true);
  ASSERT_GE(admitted, 2);
  ASSERT_LT(admitted, 4);
  for (auto i = admitted; i > 0; --i) counts.push_back(counted(running.next("p")));
  running.push("s", {0, 0});
  counts.push_back(counted(running.next("p")));
  running.push("s", {0, 0});
  counts.push_back(counted(running.next("p")));
  std::vector<float> expected;
  for (auto i = 1; i <= admitted; ++i) expected.push_back(static_cast<float>(i));
  expected.insert(expected.end(), {1, 2});
  EXPECT_EQ(counts, expected);
  running.runtime->stop();
}

TEST(RuntimeState, AModelThatCarriesOverGapsIsNotReset) {
  TestPlan plan;
  const ValueRef sensor = plan.sensor("s");
  std::map<std::string, ModelFeed> feeds;
  feeds["x"].value = plan.rows(sensor);
  const int model = counter(plan, "m");
  plan.pipeline("resets", must(plan.builder.run_model(model, feeds, "resets")));
  plan.pipeline("carries", must(plan.builder.run_model(model, feeds, "carries", OnGap::kCarry)));
  Running running(plan);
  running.attach("resets");
  running.attach("carries");
  running.runtime->start();
  const auto push = [&](bool gap) {
    running.push("s", {0, 0}, 2, 0, gap);
    return std::pair(counted(running.next("resets")), counted(running.next("carries")));
  };
  EXPECT_EQ(push(false), std::pair(1.0f, 1.0f));
  EXPECT_EQ(push(false), std::pair(2.0f, 2.0f));
  EXPECT_EQ(push(true), std::pair(1.0f, 3.0f));
  EXPECT_EQ(push(false), std::pair(2.0f, 4.0f));
  running.runtime->stop();
}

// Two streams through one model with state inside: neither sees the other's.
TEST(RuntimeState, EachNodeHasTheStateOfItsOwnStream) {
  TestPlan plan;
  const int model = counter(plan, "m");
  const ValueRef a = plan.sensor("a"), b = plan.sensor("b");
  plan.add(TestPlan::pipeline_of("pa", {{"out", plan.run(model, plan.rows(a)), -1}}, 0));
  plan.add(TestPlan::pipeline_of("pb", {{"out", plan.run(model, plan.rows(b)), -1}}, 1));
  Running running(plan, 4);
  running.attach("pa");
  running.attach("pb");
  running.runtime->start();
  for (int i = 1; i <= 20; ++i) {
    running.push("a", {0, 0});
    EXPECT_EQ(counted(running.next("pa")), static_cast<float>(i));
    if (i % 2 == 0) continue;
    running.push("b", {0, 0});
    EXPECT_EQ(counted(running.next("pb")), static_cast<float>((i + 1) / 2));
  }
  running.runtime->stop();
}

// A frame that came too late for the only pipeline that wants the model is lost to its state; one
// that another pipeline still took is not.
TEST(RuntimeState, AFrameTooLateForAllResetsState) {
  for (const bool shared : {false, true}) {
    TestPlan plan;
    const ValueRef sensor = plan.sensor("s");
    const ValueRef value = plan.run(counter(plan, "m"), plan.rows(sensor));
    PipelineSpec bounded = TestPlan::pipeline_of("bounded", {{"out", value, -1}});
    bounded.latency = kSecond * 1000;
    plan.add(bounded);
    if (shared) plan.pipeline("free", value);
    Running running(plan);
    running.attach("bounded");
    if (shared) running.attach("free");
    running.runtime->start();
    const auto push = [&](bool late) {
      FrameRef frame = table_frame({0, 0}, 2);
      if (late) frame->capture = now() - 2000 * kSecond;
      EXPECT_TRUE(must(running.sensor("s").push(std::move(frame))));
      float count = 0;
      if (!late) count = counted(running.next("bounded"));
      if (shared) count = counted(running.next("free"));
      return count;
    };
    EXPECT_EQ(push(false), 1.0f);
    EXPECT_EQ(push(false), 2.0f);
    EXPECT_EQ(push(true), shared ? 3.0f : 0.0f);
    EXPECT_EQ(push(false), shared ? 4.0f : 1.0f);
    running.runtime->stop();
  }
}

// The callback of one pipeline waits for the other's result, which needs the only instance.
TEST(RuntimeState, AnswersAreDeliveredWithoutTheModelsInstance) {
  TestPlan plan;
  const int model = plan.model("m", "1x2", "echo\n", 1);
  const ValueRef a = plan.sensor("a"), b = plan.sensor("b");
  plan.add(TestPlan::pipeline_of("pa", {{"out", plan.run(model, plan.rows(a)), -1}}, 0));
  plan.add(TestPlan::pipeline_of("pb", {{"out", plan.run(model, plan.rows(b)), -1}}, 1));
  Running running(plan, 2);
  std::atomic<bool> entered{false}, other{false}, met{false}, left{false};
  const auto until = [](const std::atomic<bool>& flag) {
    for (const Nanos end = now() + 20 * kSecond; !flag && now() < end;) std::this_thread::yield();
    return flag.load();
  };
  running.pipeline("pa").set_callback([&](const Answer&) {
    entered = true;
    met = until(other);
    left = true;
  });
  running.pipeline("pb").set_callback([&](const Answer&) { other = true; });
  running.runtime->start();
  running.push("a", {0, 0});
  EXPECT_TRUE(until(entered));
  running.push("b", {0, 0});
  EXPECT_TRUE(until(left));
  EXPECT_TRUE(met);
  running.runtime->stop();
}

}  // namespace
}  // namespace edgert::testing
