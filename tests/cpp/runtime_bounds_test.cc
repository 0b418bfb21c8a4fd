// Deadlines, rates, inbox policies, back-pressure, and the ends of a run.
#include <atomic>
#include <thread>

#include "plan_fixture.h"

namespace edgert::testing {
namespace {

using ::testing::Each;

PipelineSpec bounded(ValueRef value, Nanos latency, OnMiss on_miss) {
  PipelineSpec spec = TestPlan::pipeline_of("p", {{"out", value, -1}});
  spec.latency = latency;
  spec.on_miss = on_miss;
  return spec;
}

TEST(RuntimeBounds, AnExpiredPipelineIsAnsweredWhileItsModelRuns) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s"));
  const ValueRef slow = plan.run(plan.model("slow", "1x2", "echo\ndelay_us 300000\n"), rows);
  plan.add(bounded(slow, 20 * kMillisecond, OnMiss::kDrop));
  plan.pipeline("unbounded", slow);
  Running running(plan);
  running.attach("p");
  running.attach("unbounded");
  running.runtime->start();
  running.push("s", {5, 6});
  const Answer expired = running.next("p");
  EXPECT_EQ(expired.status.code(), Code::kDeadline);
  EXPECT_TRUE(expired.missed);
  EXPECT_EQ(expired.outputs[0].status.code(), Code::kDeadline);
  EXPECT_TRUE(expired.outputs[0].entries.empty());
  EXPECT_EQ(expired.outcome, Outcome::kDropped);
  EXPECT_TRUE(running.pipeline("unbounded").empty());  // the model still runs
  EXPECT_THAT(floats(running.next("unbounded").outputs[0].entries[0].tensor),
              ::testing::ElementsAre(5, 6));
  running.runtime->stop();
  EXPECT_EQ(running.sensor_counts().in_flight, 0);
}

TEST(RuntimeBounds, WhatNobodyWaitsForIsNotRun) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s"));
  const ValueRef slow = plan.run(plan.model("slow", "1x2", "echo\ndelay_us 100000\n", 1), rows);
  plan.add(bounded(plan.run(plan.model("next"), slow), 20 * kMillisecond, OnMiss::kDrop));
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  running.push("s", {1, 2});
  EXPECT_EQ(running.next("p").status.code(), Code::kDeadline);
  running.runtime->stop();
  EXPECT_EQ(running.node("slow").executed, 1);
  EXPECT_EQ(running.node("next").executed, 0);
  EXPECT_EQ(running.node("next").expired, 1);
}

TEST(RuntimeBounds, LateResultsComeWhenAskedFor) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s"));
  plan.add(bounded(plan.run(plan.model("slow", "1x2", "echo\ndelay_us 30000\n"), rows),
                   kMillisecond, OnMiss::kLate));
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  running.push("s", {1, 2});
  const Answer answer = running.next("p");
  EXPECT_TRUE(answer.status.ok());
  EXPECT_TRUE(answer.missed);
  EXPECT_EQ(answer.outputs[0].entries.size(), 1u);
  EXPECT_EQ(answer.outcome, Outcome::kLate);
  running.runtime->stop();
  const PipelineSnapshot counts = running.runtime->snapshot().pipelines[0];
  EXPECT_EQ(counts.results(), 1);
  EXPECT_EQ(counts.count(Outcome::kLate), 1);
  EXPECT_EQ(counts.latency.count, 1);
}

TEST(RuntimeBounds, AFrameThatIsLateOnArrivalCostsNothing) {
  TestPlan plan;
  plan.add(bounded(plan.run(plan.model("m"), plan.rows(plan.sensor("s"))), 5 * kMillisecond,
                   OnMiss::kDrop));
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  FrameRef old = table_frame({1, 2}, 2);
  old->capture = now() - kSecond;
  must(running.sensor("s").push(std::move(old)));
  running.runtime->stop();
  EXPECT_EQ(running.sensor_counts().dropped_late, 1);
  EXPECT_EQ(running.sensor_counts().activations, 0);
  EXPECT_EQ(running.node("m").executed, 0);
  EXPECT_EQ(running.runtime->snapshot().pipelines[0].results(), 0);
  EXPECT_EQ(running.runtime->snapshot().pipelines[0].refused, 1);
}

// The bound passes at about the moment at which the activation starts: either way it ends.
TEST(RuntimeBounds, ABoundThatPassesAtTheStartIsAnsweredOnce) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s"));
  plan.add(bounded(plan.run(plan.model("m"), rows), kMillisecond, OnMiss::kDrop));
  Running running(plan);
  std::atomic<int> answers{0};
  running.pipeline("p").set_callback([&](const Answer&) { answers.fetch_add(1); });
  running.runtime->start();
  for (int i = 0; i < 3000; ++i) {
    FrameRef frame = table_frame({1, 2}, 2);
    frame->capture = now() - kMillisecond + (i % 40) * 500;  // bounds end within 20 us
    must(running.sensor("s").push(std::move(frame)));
  }
  running.runtime->stop();
  const SensorSnapshot counts = running.sensor_counts();
  EXPECT_EQ(counts.in_flight, 0);
  EXPECT_EQ(counts.activations + counts.dropped_not_admitted, answers.load());
  EXPECT_EQ(counts.dropped_late + answers.load(), 3000);
  const PipelineSnapshot results = running.runtime->snapshot().pipelines[0];
  EXPECT_EQ(results.results(), answers.load());
  EXPECT_EQ(results.count(Outcome::kLate), 0);  // what is late is dropped, however little
  EXPECT_EQ(results.count(Outcome::kOk) + results.count(Outcome::kDropped), answers.load());
  EXPECT_EQ(results.latency.count, results.count(Outcome::kOk));
  EXPECT_EQ(results.refused, counts.dropped_late);
}

TEST(RuntimeBounds, RateAndEveryThinTheFrames) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s"));
  PipelineSpec slow = TestPlan::pipeline_of("slow", {{"out", rows, -1}});
  slow.rate = 10;
  plan.add(slow);
  PipelineSpec third = TestPlan::pipeline_of("third", {{"out", rows, -1}});
  third.every = 3;
  plan.add(third);
  Running running(plan);
  std::vector<std::uint64_t> slow_ones, third_ones;
  running.pipeline("slow").set_callback(
      [&](const Answer& a) { slow_ones.push_back(a.frame->sequence); });
  running.pipeline("third").set_callback(
      [&](const Answer& a) { third_ones.push_back(a.frame->sequence); });
  running.runtime->start();
  for (int i = 0; i < 30; ++i) running.push("s", {0, 0}, 2, i * 20);  // 50 frames a second
  running.runtime->stop();
  EXPECT_THAT(slow_ones, ::testing::ElementsAre(0, 5, 10, 15, 20, 25));
  EXPECT_EQ(third_ones.size(), 10u);
  for (std::size_t i = 0; i < third_ones.size(); ++i) EXPECT_EQ(third_ones[i], 3 * i);
  EXPECT_EQ(running.sensor_counts().dropped_unwanted, 30 - 14);
}

TEST(RuntimeBounds, ARateOfNextToNothingTakesTheFirstFrame) {
  TestPlan plan;
  PipelineSpec rare = TestPlan::pipeline_of("rare", {{"out", plan.rows(plan.sensor("s")), -1}});
  rare.rate = 1e-12;
  plan.add(rare);
  Running running(plan);
  std::vector<std::uint64_t> taken;
  running.pipeline("rare").set_callback(
      [&](const Answer& a) { taken.push_back(a.frame->sequence); });
  running.runtime->start();
  for (int i = 0; i < 10; ++i) running.push("s", {0, 0}, 2, i * 20);
  running.runtime->stop();
  EXPECT_THAT(taken, ::testing::ElementsAre(0));
}

// Not started: what is pushed stays in the inbox, but for what may be in flight.
SensorSnapshot pushed_before_start(InboxPolicy policy, std::vector<float>& seen) {
  TestPlan plan;
  plan.pipeline("p", plan.run(plan.model("m"), plan.rows(plan.sensor("s", {policy, 3, 1}))));
  Running running(plan, 1);
  running.pipeline("p").set_callback(
      [&](const Answer& a) { seen.push_back(floats(a.outputs[0].entries[0].tensor)[0]); });
  for (int i = 0; i < 10; ++i) {
    const auto pushed = running.sensor("s").push(table_frame({static_cast<float>(i), 0}, 2), now());
    EXPECT_EQ(pushed.ok(), policy != InboxPolicy::kBlock || i < 4);
  }
  running.runtime->start();
  running.runtime->stop();
  return running.sensor_counts();
}

TEST(RuntimeBounds, LatestKeepsTheNewest) {
  std::vector<float> seen;
  const SensorSnapshot counts = pushed_before_start(InboxPolicy::kLatest, seen);
  EXPECT_THAT(seen, ::testing::ElementsAre(0, 9));
  EXPECT_EQ(counts.dropped_replaced, 8);
}

TEST(RuntimeBounds, QueueKeepsTheOldest) {
  std::vector<float> seen;
  const SensorSnapshot counts = pushed_before_start(InboxPolicy::kQueue, seen);
  EXPECT_THAT(seen, ::testing::ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(counts.dropped_full, 6);
}

TEST(RuntimeBounds, BlockWaitsForAPlaceUntilItsDeadline) {
  std::vector<float> seen;
  const SensorSnapshot counts = pushed_before_start(InboxPolicy::kBlock, seen);
  EXPECT_THAT(seen, ::testing::ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(counts.dropped_full, 0);  // what is refused is the caller's still
  EXPECT_EQ(counts.frames, 4);
}

TEST(RuntimeBounds, ASlowReaderHoldsTheSensorBackAndLosesNothing) {
  TestPlan plan;
  PipelineSpec spec = TestPlan::pipeline_of("p", {{"out", plan.rows(plan.sensor("s")), -1}});
  spec.queue = 2;
  plan.add(spec);
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  std::atomic<int> pushed{0};
  std::thread source([&] {
    for (int i = 0; i < 200; ++i)
      running.push("s", {static_cast<float>(i), 0}), pushed.fetch_add(1);
    running.sensor("s").finish();
  });
  for (int i = 0; i < 200; ++i) {
    const Answer answer = running.next("p");
    ASSERT_EQ(floats(answer.outputs[0].entries[0].tensor)[0], static_cast<float>(i));
    EXPECT_LE(pushed.load(), i + 2 + 4 + 2);  // results, the inbox, and the one on either side
  }
  source.join();
  EXPECT_TRUE(running.rest("p").empty());
}

TEST(RuntimeBounds, WithoutAReaderTheOldestResultsAreDropped) {
  TestPlan plan;
  PipelineSpec spec = TestPlan::pipeline_of("p", {{"out", plan.rows(plan.sensor("s")), -1}});
  spec.queue = 4;
  plan.add(spec);
  spec.name = "q";
  spec.queue = 300;
  plan.add(spec);
  Running running(plan);
  running.runtime->start();
  for (int i = 0; i < 1000; ++i) running.push("s", {static_cast<float>(i), 0});
  running.sensor("s").finish();
  running.runtime->stop();
  std::vector<float> kept;
  for (const Answer& answer : running.rest("p"))
    kept.push_back(floats(answer.outputs[0].entries[0].tensor)[0]);
  EXPECT_THAT(kept, ::testing::ElementsAre(996, 997, 998, 999));
  EXPECT_EQ(running.runtime->snapshot().pipelines[0].unread, 996);
  EXPECT_EQ(running.rest("q").size(), 300u);
}

TEST(RuntimeEnds, FinishEndsTheReader) {
  TestPlan plan;
  plan.pipeline("p", plan.run(plan.model("m", "1x2", "echo\ndelay_us 1000\n"),
                              plan.rows(plan.sensor("s", {InboxPolicy::kBlock, 16, 2}))));
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  for (int i = 0; i < 12; ++i) running.push("s", {0, 0});
  running.sensor("s").finish();
  EXPECT_EQ(running.rest("p").size(), 12u);
  EXPECT_TRUE(running.sensor_counts().ended);
}

TEST(RuntimeEnds, StopDrainsWhatWasAdmitted) {
  TestPlan plan;
  plan.pipeline("p", plan.run(plan.model("m", "1x2", "echo\ndelay_us 500\n"),
                              plan.rows(plan.sensor("s", {InboxPolicy::kBlock, 64, 2}))));
  Running running(plan);
  std::atomic<int> answers{0};
  running.pipeline("p").set_callback([&](const Answer&) { answers.fetch_add(1); });
  running.runtime->start();
  for (int i = 0; i < 50; ++i) running.push("s", {0, 0});
  running.runtime->stop(true);
  EXPECT_EQ(answers.load(), 50);
  EXPECT_EQ(running.sensor("s").push(table_frame({0, 0}, 2)).status().code(), Code::kCancelled);
}

// More than can be done until the stop's end: what is not begun is answered all the same, and what
// still waits at the inbox is counted.
TEST(RuntimeEnds, StopAnswersWhatItHasNoTimeFor) {
  TestPlan plan;
  plan.pipeline("p", plan.run(plan.model("m", "1x2", "echo\ndelay_us 20000\n"),
                              plan.rows(plan.sensor("s", {InboxPolicy::kQueue, 100, 16}))));
  Running running(plan, 1);
  std::atomic<int> done{0}, cancelled{0};
  running.pipeline("p").set_callback([&](const Answer& answer) {
    (answer.status.ok() && answer.outputs[0].status.ok() ? done : cancelled).fetch_add(1);
    if (answer.outcome == Outcome::kDropped) {
      EXPECT_EQ(answer.outputs[0].status.code(), Code::kCancelled);
    }
  });
  running.runtime->start();
  for (int i = 0; i < 100; ++i) running.push("s", {0, 0});
  running.runtime->stop(true, 10 * kMillisecond);
  const SensorSnapshot counts = running.sensor_counts();
  EXPECT_GE(done.load(), 1);
  EXPECT_GE(cancelled.load(), 1);
  EXPECT_EQ(counts.in_flight, 0);
  EXPECT_EQ(counts.waiting, 0);
  EXPECT_EQ(done + cancelled + counts.dropped_full + counts.dropped_left_over, 100);
  EXPECT_GE(counts.dropped_left_over, 1);
}

TEST(RuntimeEnds, StopWhileBusyWakesReadersAndSources) {
  for (int round = 0; round < 5; ++round) {
    TestPlan plan;
    plan.pipeline("p", plan.run(plan.model("m", "1x2", "echo\ndelay_us 2000\n"),
                                plan.rows(plan.sensor("s"))));
    plan.pipeline("unread", plan.rows(ValueRef{0, 0}));
    Running running(plan);
    running.attach("p");
    running.attach("unread");
    running.runtime->start();
    std::thread source([&] {
      while (running.sensor("s").push(table_frame({0, 0}, 2)).ok()) {
      }
    });
    std::thread reader([&] {
      for (Answer answer; running.runtime->next(running.pipeline("p"), answer, kNever);) {
      }
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    running.runtime->stop(false);
    source.join();
    reader.join();
  }
}

}  // namespace
}  // namespace edgert::testing
