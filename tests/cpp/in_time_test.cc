// Work that can't be done in time any more isn't begun, and its estimate recovers.
#include <chrono>
#include <thread>

#include "edgert/plan/node_times.h"
#include "plan_fixture.h"

namespace edgert::testing {
namespace {

constexpr Nanos kRun = 20 * kMillisecond;

NodeTimes& alone(NodeTimes& times) {
  times.prepare(0, 1);
  return times;
}

TEST(NodeTimes, KnowsNoLeastBeforeItMeasuredEnough) {
  NodeTimes times;
  alone(times).prepare(5 * kMillisecond, 1);
  for (int i = 0; i < 15; ++i) times.observe(kRun);
  EXPECT_EQ(times.least_rest(0), 0);
  times.observe(kRun);
  EXPECT_NEAR(static_cast<double>(times.least_rest(0)), kRun, 0.2 * kRun);
}

TEST(NodeTimes, TheLeastIsWhatFewRunsStayBelow) {
  NodeTimes times;
  alone(times);
  int below = 0;
  for (int i = 0; i < 2000; ++i) {
    const Nanos took = kRun / 2 + (i * 7919 % 1000) * (kRun / 1000);  // 10 to 30 ms, evenly
    times.observe(took);
    below += i >= 1000 && took < times.least_rest(0) ? 1 : 0;
  }
  EXPECT_GT(below, 50);
  EXPECT_LT(below, 300);
}

TEST(NodeTimes, ADisturbanceHardlyMovesTheLeastAndAQuickerBoxDoes) {
  NodeTimes times;
  alone(times);
  for (int i = 0; i < 100; ++i) times.observe(kRun);
  times.observe(100 * kRun);
  EXPECT_LT(times.least_rest(0), kRun * 11 / 10);
  for (int i = 0; i < 24; ++i) times.observe(kRun / 4);
  EXPECT_LT(times.least_rest(0), kRun * 3 / 10);
}

TEST(NodeTimes, ADisturbanceOfTheFirstRunsIsForgottenAfterAFew) {
  NodeTimes times, before;
  alone(times);
  before.prepare(0, 1, {{0, {&times, 0}}});
  for (int i = 0; i < 16; ++i) times.observe(50 * kRun);
  before.observe(kRun);
  for (int i = 0; i < 4; ++i) times.observe(kRun);
  EXPECT_LT(times.expected(), 2 * kRun);
  EXPECT_LT(times.rest(0), 2 * kRun);
  EXPECT_GT(before.rest(0), 40 * kRun);  // it looks ahead when it runs
  EXPECT_LT(before.rest_now(0), 3 * kRun);
}

TEST(NodeTimes, ASingleLongRunHardlyCountsAndSeveralDo) {
  NodeTimes times;
  alone(times);
  for (int i = 0; i < 100; ++i) times.observe(kRun);
  times.observe(4 * kRun);
  EXPECT_LT(times.expected(), kRun * 11 / 10);
  for (int i = 0; i < 16; ++i) times.observe(2 * kRun);  // the box grew slower
  EXPECT_GT(times.expected(), kRun * 17 / 10);
}

TEST(NodeTimes, RunsOfTwoLengthsAreAveraged) {
  NodeTimes times;
  alone(times);
  for (int i = 0; i < 400; ++i) times.observe(i % 2 ? kRun : kRun / 10);
  EXPECT_GT(times.expected(), kRun * 4 / 10);
  EXPECT_LT(times.expected(), kRun * 7 / 10);
}

TEST(NodeTimes, SomeHopelessWorkIsTriedAllTheSame) {
  NodeTimes times;
  int tried = 0;
  for (int i = 0; i < 160; ++i) tried += times.try_all_the_same() ? 1 : 0;
  EXPECT_EQ(tried, 10);
}

class InTime : public ::testing::Test {
 protected:
  // One lane, runs of 20 ms, measured often enough.
  void begin(OnMiss on_miss) {
    const ValueRef rows = plan_.rows(plan_.sensor("s", {InboxPolicy::kQueue, 16, 16}));
    PipelineSpec spec = TestPlan::pipeline_of(
        "p", {{"out", plan_.run(plan_.model("slow", "1x2", "echo\ndelay_us 20000\n"), rows), -1}});
    spec.latency = 5 * kRun / 2;
    spec.on_miss = on_miss;
    spec.queue = 64;
    plan_.add(spec);
    running_.emplace(plan_, 1);
    running_->attach("p");
    running_->runtime->start();
    for (int i = 0; i < 17; ++i) {
      running_->push("s", {1, 2}, 2, i);
      running_->next("p");
    }
  }
  // Five frames of one moment, of which two can be done in time.
  void push_five() {
    const Nanos capture = now();
    for (int i = 0; i < 5; ++i) {
      FrameRef frame = table_frame({1, 2}, 2, 100 + i);
      frame->capture = capture;
      must(running_->sensor("s").push(std::move(frame)));
    }
  }
  TestPlan plan_;
  std::optional<Running> running_;
};

TEST_F(InTime, WhatCannotEndInTimeIsNotBegun) {
  begin(OnMiss::kDrop);
  const auto before = running_->node("slow").executed;
  push_five();
  running_->runtime->stop();
  EXPECT_LE(running_->node("slow").executed, before + 2);
  const PipelineSnapshot counts = running_->runtime->snapshot().pipelines[0];
  EXPECT_EQ(counts.results() + counts.refused, 22);
  EXPECT_GE(counts.count(Outcome::kDropped) + counts.refused, 3);
}

TEST_F(InTime, WhatIsWantedLateIsRun) {
  begin(OnMiss::kLate);
  const auto before = running_->node("slow").executed;
  push_five();
  running_->runtime->stop();
  EXPECT_EQ(running_->node("slow").executed, before + 5);
}

}  // namespace
}  // namespace edgert::testing
