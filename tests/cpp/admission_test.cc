// What is refused before work on it begins: quotas, rates, bounds that can't be kept, memory.
#include <atomic>
#include <cmath>
#include <semaphore>
#include <thread>

#include "plan_fixture.h"

namespace edgert::testing {
namespace {

PipelineSpec owned(const std::string& application, const std::string& name, ValueRef value,
                   Nanos latency = 0) {
  PipelineSpec spec = TestPlan::pipeline_of(name, {{"out", value, -1}});
  spec.application = application;
  spec.latency = latency;
  spec.queue = 64;
  return spec;
}

ApplicationSpec application(const std::string& name) {
  ApplicationSpec spec;
  spec.name = name;
  return spec;
}

std::int64_t refused(Runtime& runtime, std::size_t pipeline, Refusal why) {
  return runtime.snapshot().pipelines[pipeline].not_admitted[static_cast<std::size_t>(why)];
}

// A lane that is busy until it is let go: what else is to be done waits meanwhile.
class BusyLane {
 public:
  // Before the runtime starts; `sensor` and `pipeline` are its own.
  static void add(TestPlan& plan, int sensor) {
    const ValueRef rows = plan.rows(plan.sensor("busy"));
    plan.add(
        TestPlan::pipeline_of("busy", {{"out", plan.run(plan.model("busy"), rows), -1}}, sensor));
  }
  explicit BusyLane(Running& running) : running_(running) {
    running.pipeline("busy").set_callback([this](const Answer&) {
      entered_.release();
      let_go_.acquire();
    });
  }
  void hold() {
    running_.push("busy", {0, 0});
    entered_.acquire();
  }
  void let_go() { let_go_.release(); }

 private:
  Running& running_;
  std::binary_semaphore entered_{0}, let_go_{0};
};

TEST(Pace, AllowsARateAndBurstsUpToWhatItMayBeAhead) {
  Pace pace(100, 250);  // one in 100 ns, 250 ns ahead at most
  int taken = 0;
  for (int i = 0; i < 10; ++i) taken += pace.take(1000, 1) ? 1 : 0;
  EXPECT_EQ(taken, 3);
  EXPECT_FALSE(pace.allows(1049));
  EXPECT_TRUE(pace.take(1050, 1));
  EXPECT_FALSE(pace.take(1051, 1));
  taken = 0;
  for (Nanos time = 2000; time < 12'000; time += 10) taken += pace.take(time, 1) ? 1 : 0;
  EXPECT_NEAR(taken, 103, 2);
  pace.spend(12'000, 50);
  EXPECT_FALSE(pace.allows(16'000));
  EXPECT_TRUE(pace.allows(17'500));
}

TEST(Pace, HoweverLittleIsAllowedItIsNoMore) {
  for (const double nanos : {1e21, 1e300, HUGE_VAL}) {
    Pace pace(nanos, 0);
    EXPECT_TRUE(pace.take(kSecond, 1));
    for (int i = 0; i < 100; ++i) pace.spend(kSecond, 1e9);
    EXPECT_FALSE(pace.take(2 * kSecond, 1)) << nanos;
    EXPECT_FALSE(pace.allows(1'000'000 * kSecond)) << nanos;
  }
}

TEST(Backlog, CountsWhatIsDueBefore) {
  Backlog backlog;
  const Nanos time = 5 * kSecond;
  const auto slot = [&](Nanos ahead) { return Backlog::slot_of(time + ahead, time); };
  backlog.add(slot(20 * kMillisecond), 3);
  backlog.add(slot(500 * kMillisecond), 5);
  backlog.add(slot(10 * kSecond), 7);
  backlog.add(Backlog::slot_of(kNever, time), 11);
  EXPECT_EQ(backlog.all(), 26);
  EXPECT_EQ(backlog.due_by(time + 5 * kMillisecond, time), 0);
  EXPECT_EQ(backlog.due_by(time + 100 * kMillisecond, time), 3);
  EXPECT_EQ(backlog.due_by(time + 900 * kMillisecond, time), 8);
  backlog.remove(slot(20 * kMillisecond), 3);
  EXPECT_EQ(backlog.due_by(time + 900 * kMillisecond, time), 5);
}

TEST(Admission, AQueueLimitHoldsForTheWholeApplication) {
  TestPlan plan;
  ApplicationSpec small = application("small");
  small.queue_limit = 2;
  must(plan.builder.application(small));
  const ValueRef rows = plan.rows(plan.sensor("s", {InboxPolicy::kQueue, 16, 16}));
  const ValueRef model = plan.run(plan.model("m"), rows);
  plan.add(owned("small", "a", model));
  plan.add(owned("small", "b", model));
  plan.add(owned("large", "c", model));
  Running running(plan);
  for (int i = 0; i < 3; ++i) running.push("s", {1, 2}, 2, i);  // no lane runs yet
  EXPECT_EQ(refused(*running.runtime, 0, Refusal::kQueue), 2);
  EXPECT_EQ(refused(*running.runtime, 1, Refusal::kQueue), 2);
  EXPECT_EQ(refused(*running.runtime, 2, Refusal::kQueue), 0);
  EXPECT_EQ(running.runtime->snapshot().applications[0].waiting, 2);
  running.runtime->start();
  running.runtime->stop();
  const Snapshot after = running.runtime->snapshot();
  EXPECT_EQ(after.applications[0].waiting, 0);
  EXPECT_EQ(after.applications[0].refused[static_cast<std::size_t>(Refusal::kQueue)], 4);
  EXPECT_EQ(after.pipelines[0].results(), 1);
  EXPECT_EQ(after.pipelines[2].results(), 3);
}

TEST(Admission, ARateLimitHoldsForTheWholeApplication) {
  TestPlan plan;
  ApplicationSpec limited = application("limited");
  limited.rate_limit = 1e-3;  // the first frame, and then none for a long time
  must(plan.builder.application(limited));
  const ValueRef rows = plan.rows(plan.sensor("s"));
  plan.add(owned("limited", "a", rows));
  plan.add(owned("limited", "b", rows));
  Running running(plan);
  running.runtime->start();
  for (int i = 0; i < 5; ++i) running.push("s", {1, 2}, 2, i);
  running.runtime->stop();
  EXPECT_EQ(refused(*running.runtime, 0, Refusal::kRate), 4);
  EXPECT_EQ(refused(*running.runtime, 1, Refusal::kRate), 5);
  EXPECT_EQ(running.sensor_counts().dropped_not_admitted, 4);
  EXPECT_EQ(running.sensor_counts().activations, 1);
}

TEST(Admission, AShareOfTheDeviceIsNotExceeded) {
  TestPlan plan;
  ApplicationSpec limited = application("limited");
  limited.device_share = 1e-6;
  must(plan.builder.application(limited));
  const ValueRef rows = plan.rows(plan.sensor("s"));
  const ValueRef slow = plan.run(plan.model("slow", "1x2", "echo\ndelay_us 20000\n"), rows);
  plan.add(owned("limited", "a", slow));
  Running running(plan);
  std::atomic<int> answers{0};
  must(running.runtime->pipeline("limited/a"))->set_callback([&](const Answer&) {
    answers.fetch_add(1);
  });
  running.runtime->start();
  running.push("s", {1, 2});
  while (answers.load() < 1) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  // 20 ms of a millionth of two lanes are hours' worth.
  for (int i = 1; i < 5; ++i) running.push("s", {1, 2}, 2, i);
  running.runtime->stop();
  EXPECT_EQ(refused(*running.runtime, 0, Refusal::kShare), 4);
  EXPECT_GE(running.runtime->snapshot().applications[0].device, 20 * kMillisecond);
}

TEST(Admission, SharedWorkIsChargedInEqualParts) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s"));
  const ValueRef slow = plan.run(plan.model("slow", "1x2", "echo\ndelay_us 20000\n"), rows);
  for (const char* name : {"a", "b"}) plan.add(owned(name, "p", slow));
  plan.add(owned("b", "q", slow));
  plan.add(owned("c", "p", rows));
  Running running(plan);
  running.runtime->start();
  for (int i = 0; i < 3; ++i) running.push("s", {1, 2}, 2, i);
  running.runtime->stop();
  const auto all = running.runtime->snapshot().applications;
  EXPECT_GE(all[0].device, 30 * kMillisecond);
  EXPECT_NEAR(static_cast<double>(all[0].device), static_cast<double>(all[1].device), 3.0);
  // The rows are everybody's, the model isn't c's.
  EXPECT_GE(all[0].device - all[2].device, 30 * kMillisecond - 3);
}

// With 40 s of work admitted on one lane, 50 s are not enough for 20 more.
TEST(Admission, WhatCanNotBeDoneInTimeIsAnsweredAtOnce) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s", {InboxPolicy::kQueue, 16, 16}));
  plan.add(owned("test", "p", plan.run(plan.model("m"), rows, "m"), 50 * kSecond));
  Running running(plan, 1, Order::kEarliestDeadline, 20 * kSecond);
  running.attach("p");
  for (int i = 0; i < 6; ++i) running.push("s", {1, 2}, 2, i);  // no lane runs yet
  EXPECT_EQ(refused(*running.runtime, 0, Refusal::kNoTime), 4);
  running.runtime->start();
  running.runtime->stop();
  for (int i = 0; i < 6; ++i) {
    const Answer answer = running.next("p");
    EXPECT_EQ(answer.outcome, i < 2 ? Outcome::kOk : Outcome::kDropped);
    if (i < 2) continue;
    EXPECT_EQ(answer.status.code(), Code::kDeadline);
    EXPECT_THAT(answer.status.message(), ::testing::HasSubstr("latency bound"));
  }
  EXPECT_EQ(running.node("m").executed, 2);
  EXPECT_EQ(running.sensor_counts().dropped_not_admitted, 4);
}

TEST(Admission, AnEstimateThatWasWrongIsMeasuredAgain) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s"));
  const ValueRef quick = plan.run(plan.model("quick"), rows);
  plan.add(owned("test", "p", quick, 50 * kSecond));
  Running running(plan, 1, Order::kEarliestDeadline, 100 * kSecond);
  running.attach("p");
  running.runtime->start();
  int ok = 0;
  for (int i = 0; i < 100; ++i) {
    running.push("s", {1, 2}, 2, i);
    ok += running.next("p").outcome == Outcome::kOk ? 1 : 0;
  }
  running.runtime->stop();
  // The 16th and the 32nd are tried and make 50 s and then 33 s of it, which is seen at once,
  // though the rows, where the way to the result begins, don't know it yet.
  EXPECT_EQ(refused(*running.runtime, 0, Refusal::kNoTime), 30);
  EXPECT_EQ(ok, 70);
}

TEST(Admission, AModelBeyondTheMemoryLimitIsRefusedWithWhatIsNeededAndThere) {
  TestPlan plan;
  ApplicationSpec small = application("small");
  small.memory_limit = 100;
  must(plan.builder.application(small));
  const ValueRef rows = plan.rows(plan.sensor("s"));
  const std::string weights = "echo\n# " + std::string(200, 'w') + "\n";
  const ValueRef large = plan.run(plan.model("large", "1x2", weights), rows);
  const auto added = plan.builder.pipeline(owned("small", "p", large));
  ASSERT_FALSE(added.ok());
  EXPECT_EQ(added.status().code(), Code::kExhausted);
  EXPECT_THAT(added.status().message(),
              ::testing::ContainsRegex("needs 2[0-9]+ B, and of its 100 B, 100 B is left"));
  plan.add(owned("large", "p", large));  // another one may
}

TEST(Admission, ImpossibleQuotasAreRefused) {
  PlanBuilder builder;
  const auto refuses = [&](auto change) {
    ApplicationSpec spec = application("a");
    change(spec);
    return !builder.application(spec).ok();
  };
  EXPECT_TRUE(refuses([](auto& spec) { spec.weight = 0; }));
  EXPECT_TRUE(refuses([](auto& spec) { spec.weight = -1; }));
  EXPECT_TRUE(refuses([](auto& spec) { spec.weight = NAN; }));
  EXPECT_TRUE(refuses([](auto& spec) { spec.rate_limit = -1; }));
  EXPECT_TRUE(refuses([](auto& spec) { spec.queue_limit = -1; }));
  EXPECT_TRUE(refuses([](auto& spec) { spec.device_share = 1.5; }));
  EXPECT_TRUE(refuses([](auto& spec) { spec.priority = 100000; }));
  EXPECT_FALSE(refuses([](auto&) {}));
}

// --- on_miss: last ------------------------------------------------------------------------------

TEST(OnMissLast, AMissIsAnsweredFromTheLastResultWithItsAge) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s"));
  const ValueRef model = plan.run(plan.model("m"), rows);
  PipelineSpec spec = owned("test", "p", model, 20 * kMillisecond);
  spec.on_miss = OnMiss::kLast;
  plan.add(spec);
  plan.add(owned("test", "patient", model));  // wants it even when p has given up
  BusyLane::add(plan, 1);
  Running running(plan, 1);
  BusyLane lane(running);
  running.attach("p");
  running.runtime->start();
  lane.hold();
  running.push("s", {1, 2}, 2, 0);
  const Answer first = running.next("p");
  EXPECT_EQ(first.outcome, Outcome::kDropped);  // there is no earlier one
  // Its own answer is ready later, and is what the next miss is answered with.
  lane.let_go();
  while (running.sensor_counts().in_flight > 0)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  lane.hold();
  running.push("s", {3, 4}, 2, 1);
  const Answer second = running.next("p");
  lane.let_go();
  EXPECT_EQ(second.outcome, Outcome::kStale);
  EXPECT_TRUE(second.status.ok());
  EXPECT_EQ(second.frame->sequence, 1u);
  EXPECT_THAT(floats(second.outputs[0].entries[0].tensor), ::testing::ElementsAre(1, 2));
  EXPECT_GE(second.age, 40 * kMillisecond);
  running.runtime->stop();
  const PipelineSnapshot counts = running.runtime->snapshot().pipelines[0];
  EXPECT_EQ(counts.count(Outcome::kStale), 1);
  EXPECT_EQ(counts.count(Outcome::kDropped), 1);
  EXPECT_EQ(counts.latency.count, 0);
  EXPECT_EQ(running.sensor_counts().in_flight, 0);
}

// Also in an answer's memory that a late one used before.
TEST(OnMissLast, EachMissIsAnsweredFromTheFrameBefore) {
  TestPlan plan;
  const ValueRef model = plan.run(plan.model("m"), plan.rows(plan.sensor("s")));
  PipelineSpec spec = owned("test", "p", model, 20 * kMillisecond);
  spec.on_miss = OnMiss::kLast;
  plan.add(spec);
  plan.add(owned("test", "patient", model));
  BusyLane::add(plan, 1);
  Running running(plan, 1);
  BusyLane lane(running);
  running.attach("p");
  running.runtime->start();
  for (int i = 0; i < 5; ++i) {
    lane.hold();
    running.push("s", {static_cast<float>(i), 0}, 2, i);
    const Answer answer = running.next("p");
    EXPECT_EQ(answer.outcome, i == 0 ? Outcome::kDropped : Outcome::kStale);
    if (i > 0) {
      EXPECT_EQ(floats(answer.outputs[0].entries[0].tensor)[0], static_cast<float>(i - 1));
    }
    lane.let_go();
    while (running.sensor_counts().in_flight > 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  running.runtime->stop();
}

TEST(OnMissLast, WhatIsInTimeIsFresh) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s"));
  PipelineSpec spec = owned("test", "p", plan.run(plan.model("m"), rows), 20 * kSecond);
  spec.on_miss = OnMiss::kLast;
  plan.add(spec);
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  for (int i = 0; i < 5; ++i) {
    running.push("s", {static_cast<float>(i), 0}, 2, i);
    const Answer answer = running.next("p");
    EXPECT_EQ(answer.outcome, Outcome::kOk);
    EXPECT_EQ(answer.age, 0);
    EXPECT_EQ(floats(answer.outputs[0].entries[0].tensor)[0], static_cast<float>(i));
  }
  running.runtime->stop();
}

}  // namespace
}  // namespace edgert::testing
