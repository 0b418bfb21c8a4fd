// Requests with equal content: what becomes of those who wait when something goes wrong.
#include <chrono>
#include <semaphore>
#include <thread>

#include "cache_fixture.h"

namespace edgert::testing {
namespace {

using ::testing::HasSubstr;

// Takes its time, and fails.
class Broken final : public Transform {
 public:
  std::span<const TensorSpec> outputs() const override { return {&output_, 1}; }
  Status run(std::span<const Input>, RunContext&) override {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return Status::engine("broken", "the engine says no");
  }

 private:
  TensorSpec output_{"out", DType::kFloat32, {1, 2}};
};

TEST(RuntimeCache, AnErrorReachesThoseWhoWaitAndNobodyElse) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s", requests()));
  must(register_transform("test.broken", "this test",
                          [](const Params&, std::span<const InputFormat>) {
                            return Result<std::unique_ptr<Transform>>(std::make_unique<Broken>());
                          }));
  plan.add(of("test", "p", must(plan.builder.transform("test.broken", {}, {rows}, "broken"))));
  Running running(plan, cached());
  running.attach("p");
  running.runtime->start();
  for (int i = 0; i < 4; ++i) running.push("s", {1, 1});
  for (int i = 0; i < 4; ++i) {
    const Answer answer = running.next("p");
    EXPECT_THAT(answer.outputs[0].status.message(), HasSubstr("the engine says no"));
    EXPECT_EQ(answer.outcome, Outcome::kFailed);
  }
  const std::int64_t before = running.node("broken").executed;
  running.push("s", {1, 1});  // errors are not kept
  running.next("p");
  EXPECT_EQ(running.node("broken").executed, before + 1);
  running.runtime->stop();
}

TEST(RuntimeCache, ACacheSmallerThanAnEntryChangesNoAnswer) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s", requests()));
  plan.pipeline("p", plan.run(work(plan, "m"), rows, "m"));
  Running running(plan, cached(64));
  running.attach("p");
  running.runtime->start();
  for (int i = 0; i < 4; ++i) {
    running.push("s", {2, 0});
    EXPECT_EQ(value_of(running.next("p")), 2);
  }
  EXPECT_EQ(running.node("m").executed, 4);
  EXPECT_EQ(running.runtime->snapshot().cache.bytes, 0);
  EXPECT_EQ(running.runtime->snapshot().cache.refused, 4);
  running.runtime->stop();
}

// The one that leads expires before it is run; the one that waits has time, and gets its answer.
TEST(RuntimeCache, WhoWaitsIsServedWhenTheLeaderIsGivenUp) {
  TestPlan plan;
  const ValueRef busy = plan.sensor("busy");
  const ValueRef s = plan.sensor("s", requests()), t = plan.sensor("t", requests());
  const int model = work(plan, "m");
  plan.add(of("test", "busy", plan.run(plan.model("b"), plan.rows(busy)), 0));
  PipelineSpec hasty = of("test", "hasty", plan.run(model, plan.rows(s), "hasty"), 1);
  hasty.latency = 30 * kMillisecond;
  plan.add(hasty);
  plan.add(of("test", "patient", plan.run(model, plan.rows(t), "patient"), 2));
  Running running(plan, cached(kMegabyte, 1));
  std::binary_semaphore entered{0}, let_go{0};
  running.pipeline("busy").set_callback([&](const Answer&) {
    entered.release();
    let_go.acquire();
  });
  running.attach("hasty");
  running.attach("patient");
  running.runtime->start();
  running.push("busy", {0, 0});
  entered.acquire();  // the only lane is busy
  running.push("s", {9, 9});
  running.push("t", {9, 9});
  EXPECT_EQ(running.next("hasty").outcome, Outcome::kDropped);  // by the timer
  let_go.release();
  const Answer answer = running.next("patient");
  EXPECT_EQ(value_of(answer), 9);
  EXPECT_TRUE(answer.cached);
  EXPECT_EQ(running.node("hasty").executed, 1);
  EXPECT_EQ(running.node("patient").executed, 0);
  running.runtime->stop();
}

// With nobody else, the one that is given up isn't run; who asks later computes.
TEST(RuntimeCache, WhatIsGivenUpIsComputedByWhoAsksLater) {
  TestPlan plan;
  const ValueRef busy = plan.sensor("busy");
  const ValueRef s = plan.sensor("s", requests());
  plan.add(of("test", "busy", plan.run(plan.model("b"), plan.rows(busy)), 0));
  PipelineSpec hasty = of("test", "p", plan.run(work(plan, "m"), plan.rows(s), "m"), 1);
  hasty.latency = 100 * kMillisecond;
  plan.add(hasty);
  Running running(plan, cached(kMegabyte, 1));
  std::binary_semaphore entered{0}, let_go{0};
  running.pipeline("busy").set_callback([&](const Answer&) {
    entered.release();
    let_go.acquire();
  });
  running.attach("p");
  running.runtime->start();
  running.push("busy", {0, 0});
  entered.acquire();
  running.push("s", {9, 9});
  EXPECT_EQ(running.next("p").outcome, Outcome::kDropped);
  let_go.release();
  // The bound may be missed on a loaded machine: until one is in time.
  bool answered = false;
  for (int i = 0; i < 100 && !answered; ++i) {
    running.push("s", {9, 9});
    answered = running.next("p").outcome == Outcome::kOk;
  }
  EXPECT_TRUE(answered);
  EXPECT_GE(running.node("m").executed, 1);
  running.runtime->stop();
}

// It is waited for by one with a bound, or a better priority: it goes before what was there first.
TEST(RuntimeCache, AnUrgentOneThatWaitsHurriesTheLeader) {
  for (const Order order : {Order::kEarliestDeadline, Order::kPriority}) {
    TestPlan plan;
    for (int i = 0; i < 2; ++i) {
      ApplicationSpec spec;
      spec.name = i == 0 ? "test" : "urgent";
      spec.priority = 5 * i;
      spec.cache = CacheShare::kOthers;
      must(plan.builder.application(spec));
    }
    const ValueRef busy = plan.sensor("busy");
    const ValueRef s = plan.sensor("s", requests()), t = plan.sensor("t", requests());
    const int model = work(plan, "m");
    plan.add(of("test", "busy", plan.run(plan.model("b"), plan.rows(busy)), 0));
    plan.add(of("test", "many", plan.run(model, plan.rows(s), "many"), 1));
    PipelineSpec urgent = of("urgent", "one", plan.run(model, plan.rows(t), "one"), 2);
    urgent.latency = 100 * kSecond;
    plan.add(urgent);
    RuntimeOptions options = cached(kMegabyte, 1);
    options.order = order;
    Running running(plan, options);
    std::binary_semaphore entered{0}, let_go{0}, answered{0};
    running.pipeline("busy").set_callback([&](const Answer&) {
      entered.release();
      let_go.acquire();
    });
    int before = 0;  // all by the only lane
    bool in_time = false;
    running.pipeline("many").set_callback([&](const Answer&) { ++before; });
    must(running.runtime->pipeline("urgent/one"))->set_callback([&](const Answer& answer) {
      EXPECT_TRUE(answer.cached);
      in_time = before == 0;
      answered.release();
    });
    running.runtime->start();
    running.push("busy", {0, 0});
    entered.acquire();
    for (int i = 0; i < 6; ++i) running.push("s", {static_cast<float>(i), 0});
    running.push("t", {5, 0});  // as the last of them
    let_go.release();
    answered.acquire();
    EXPECT_TRUE(in_time) << before << " were answered before it";
    running.runtime->stop();
    EXPECT_EQ(running.node("one").executed, 0);
  }
}

}  // namespace
}  // namespace edgert::testing
