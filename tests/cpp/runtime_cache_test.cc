// Requests with equal content: what is computed once, for whom, and what becomes of those who wait.
#include <array>
#include <atomic>
#include <chrono>
#include <semaphore>
#include <thread>

#include "plan_fixture.h"

namespace edgert::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::size_t kMegabyte = 1 << 20;

RuntimeOptions cached(std::size_t bytes = kMegabyte, int lanes = 2) {
  RuntimeOptions options;
  options.lanes = lanes;
  options.cache_bytes = bytes;
  return options;
}

SensorOptions requests(int in_flight = 16) {
  SensorOptions options;
  options.queue = 64;
  options.in_flight = in_flight;
  options.cache = true;
  return options;
}

PipelineSpec of(const std::string& application, const std::string& name, ValueRef value,
                int sensor = 0) {
  PipelineSpec spec = TestPlan::pipeline_of(name, {{"out", value, -1}}, sensor);
  spec.application = application;
  spec.queue = 128;
  return spec;
}

void add_application(TestPlan& plan, const std::string& name, CacheShare share) {
  ApplicationSpec spec;
  spec.name = name;
  spec.cache = share;
  must(plan.builder.application(spec));
}

float value_of(const Answer& answer) {
  EXPECT_TRUE(answer.status.ok()) << answer.status.message();
  const ResultOutput& output = answer.outputs[0];
  EXPECT_TRUE(output.status.ok()) << output.status.message();
  return output.entries.empty() ? 0 : floats(output.entries[0].tensor)[0];
}

// A model takes long enough to be kept.
int work(TestPlan& plan, const std::string& name, int us = 200) {
  return plan.model(name, "1x2", "echo\ndelay_us " + std::to_string(us) + "\n");
}

TEST(RuntimeCache, TheSameRequestIsComputedOnce) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s", requests()));
  const ValueRef first = plan.run(work(plan, "first"), rows, "first");
  plan.pipeline("p", plan.run(work(plan, "second"), first, "second"));
  Running running(plan, cached());
  running.attach("p");
  running.runtime->start();
  for (int i = 0; i < 6; ++i) {
    const auto value = static_cast<float>(i % 2);
    running.push("s", {value, 0}, 2, i);
    const Answer answer = running.next("p");
    EXPECT_EQ(value_of(answer), value);
    EXPECT_EQ(answer.cached, i >= 2);
    EXPECT_EQ(answer.frame->media_time, i * kMillisecond);
  }
  EXPECT_EQ(running.node("first").executed, 2);
  EXPECT_EQ(running.node("second").executed, 2);
  EXPECT_EQ(running.node("second").cached, 4);
  EXPECT_EQ(running.node("second").demanded, 6);
  const ApplicationSnapshot application = running.runtime->snapshot().applications[0];
  EXPECT_EQ(application.cache.hits + application.cache.waits, 4);
  EXPECT_EQ(application.cache.misses, 4);  // two requests, two nodes
  EXPECT_GT(application.cache.saved, 4 * 200'000);
  running.runtime->stop();
}

TEST(RuntimeCache, IsOffUnlessTheSensorSaysSo) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s"));
  plan.pipeline("p", plan.run(work(plan, "m"), rows, "m"));
  Running running(plan, cached());
  running.attach("p");
  running.runtime->start();
  for (int i = 0; i < 3; ++i) {
    running.push("s", {1, 0});
    EXPECT_FALSE(running.next("p").cached);
  }
  EXPECT_EQ(running.node("m").executed, 3);
  EXPECT_EQ(running.runtime->snapshot().cache.limit, 0);
  running.runtime->stop();
}

// Another pipeline's head on the same features: the trunk is there, though its input is not wanted.
TEST(RuntimeCache, IntermediateFeaturesServeOtherPipelines) {
  TestPlan plan;
  const ValueRef a = plan.sensor("a", requests()), b = plan.sensor("b", requests());
  const int trunk = work(plan, "trunk"), one = work(plan, "one"), two = work(plan, "two");
  plan.add(of("test", "first", plan.run(one, plan.run(trunk, plan.rows(a), "of a")), 0));
  plan.add(of("test", "second", plan.run(two, plan.run(trunk, plan.rows(b), "of b")), 1));
  Running running(plan, cached());
  running.attach("first");
  running.attach("second");
  running.runtime->start();
  running.push("a", {3, 4});
  EXPECT_EQ(value_of(running.next("first")), 3);
  running.push("b", {3, 4});
  const Answer answer = running.next("second");
  EXPECT_EQ(value_of(answer), 3);
  EXPECT_FALSE(answer.cached);
  EXPECT_EQ(running.node("of a").executed, 1);
  EXPECT_EQ(running.node("of b").executed, 0);
  EXPECT_EQ(running.node("of b").cached, 1);
  running.runtime->stop();
}

// The first request's pipelines read one of a model's outputs, the next one's the other, too: both
// were kept, though nobody read the other one.
TEST(RuntimeCache, AllOutputsAreKeptWhoeverReadsThem) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s", requests()));
  const ValueRef first =
      plan.run(plan.model("two", "1x2", "output z float32 1x2\ndelay_us 200\n"), rows, "two");
  plan.add(of("test", "always", plan.run(work(plan, "one"), first)));
  PipelineSpec seldom = of("test", "seldom", plan.run(work(plan, "other"), {first.node, 1}));
  seldom.every = 2;
  plan.add(seldom);
  Running running(plan, cached());
  running.attach("always");
  running.attach("seldom");
  running.runtime->start();
  const std::array<float, 3> values{1, 2, 2};  // only `always` sees the first 2
  for (int i = 0; i < 3; ++i) {
    const float value = values[static_cast<std::size_t>(i)];
    running.push("s", {value, 0}, 2, i);
    EXPECT_EQ(value_of(running.next("always")), 0);  // the model gives zeros
    if (i == 1) continue;
    EXPECT_EQ(value_of(running.next("seldom")), 0);
  }
  EXPECT_EQ(running.node("two").executed, 2);
  running.runtime->stop();
}

// All ask at once, from many threads.
TEST(RuntimeCache, ManyAtOnceAreComputedOnce) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s", requests(64)));
  PipelineSpec spec = of("test", "p", plan.run(work(plan, "m", 20'000), rows, "m"));
  plan.add(spec);
  Running running(plan, cached());
  running.attach("p");
  running.runtime->start();
  std::vector<std::thread> clients;
  for (int i = 0; i < 64; ++i) clients.emplace_back([&] { running.push("s", {7, 8}); });
  for (std::thread& client : clients) client.join();
  for (int i = 0; i < 64; ++i) EXPECT_EQ(value_of(running.next("p")), 7);
  EXPECT_EQ(running.node("m").executed, 1);
  const CacheUseSnapshot use = running.runtime->snapshot().applications[0].cache;
  EXPECT_EQ(use.misses, 1);
  EXPECT_EQ(use.hits + use.waits, 63);
  running.runtime->stop();
}

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

class Spaces : public ::testing::TestWithParam<std::tuple<CacheShare, CacheShare, bool>> {};

// Two applications ask the same on sensors of their own.
TEST_P(Spaces, ResultsCrossApplicationsOnlyWhereBothSaySo) {
  const auto [share_a, share_b, crosses] = GetParam();
  TestPlan plan;
  add_application(plan, "a", share_a);
  add_application(plan, "b", share_b);
  const ValueRef s = plan.sensor("sa", requests()), t = plan.sensor("sb", requests());
  const int model = work(plan, "m");
  plan.add(of("a", "p", plan.run(model, plan.rows(s), "of a"), 0));
  plan.add(of("b", "p", plan.run(model, plan.rows(t), "of b"), 1));
  Running running(plan, cached());
  PipelinePort& a = *must(running.runtime->pipeline("a/p"));
  PipelinePort& b = *must(running.runtime->pipeline("b/p"));
  a.attach_reader();
  b.attach_reader();
  running.runtime->start();
  const auto ask = [&](const std::string& sensor, PipelinePort& port) {
    running.push(sensor, {5, 6});
    Answer answer;
    EXPECT_TRUE(running.runtime->next(port, answer, now() + 20 * kSecond));
    EXPECT_EQ(value_of(answer), 5);
    return answer.cached;
  };
  EXPECT_FALSE(ask("sa", a));
  EXPECT_EQ(ask("sa", a), share_a != CacheShare::kOff);
  EXPECT_EQ(running.runtime->snapshot().applications[1].cache.hits, 0);
  EXPECT_EQ(running.runtime->snapshot().applications[1].cache.misses, 0);
  EXPECT_EQ(ask("sb", b), crosses);
  EXPECT_EQ(running.node("of b").executed, crosses ? 0 : 1);
  running.runtime->stop();
}

INSTANTIATE_TEST_SUITE_P(
    All, Spaces,
    ::testing::Values(std::tuple(CacheShare::kOthers, CacheShare::kOthers, true),
                      std::tuple(CacheShare::kOthers, CacheShare::kOwn, false),
                      std::tuple(CacheShare::kOwn, CacheShare::kOthers, false),
                      std::tuple(CacheShare::kOwn, CacheShare::kOwn, false),
                      std::tuple(CacheShare::kOff, CacheShare::kOthers, false),
                      std::tuple(CacheShare::kOthers, CacheShare::kOff, false)));

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

// Behind a condition a node asks when it is wanted.
TEST(RuntimeCache, ConditionsOpenAndCloseAsBefore) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s", requests()));
  const ValueRef score = plan.run(work(plan, "score"), rows, "score");
  const int gate = plan.gate(score, 0.5);
  plan.pipeline("p", plan.run(work(plan, "behind"), rows, "behind"), gate);
  Running running(plan, cached());
  running.attach("p");
  running.runtime->start();
  for (int i = 0; i < 6; ++i) {
    const bool opens = i % 2 == 0;
    running.push("s", {opens ? 1.0f : 0.0f, 3});
    const Answer answer = running.next("p");
    EXPECT_EQ(answer.outcome, opens ? Outcome::kOk : Outcome::kSkipped);
    EXPECT_EQ(answer.cached, opens && i >= 2);
  }
  EXPECT_EQ(running.node("score").executed, 2);
  EXPECT_EQ(running.node("behind").executed, 1);
  running.runtime->stop();
}

// A stream's windows see every frame; equal chunks are not equal windows.
TEST(RuntimeCache, WhatKeepsStateIsNotCached) {
  TestPlan plan;
  const ValueRef sensor = plan.sensor("s", requests());
  const ValueRef windows =
      plan.transform("table.window", {{"size", std::int64_t{2}}, {"hop", std::int64_t{1}}},
                     {plan.rows(sensor), sensor});
  const ValueRef each =
      plan.run(plan.model("m", "2x2", "echo\ndelay_us 100\n"), plan.region(windows), "m");
  plan.pipeline("p", plan.gather(each));
  Running running(plan, cached());
  running.attach("p");
  running.runtime->start();
  for (int i = 0; i < 6; ++i) {
    running.push("s", {1, 1}, 2, 10 * i);
    const Answer answer = running.next("p");
    EXPECT_FALSE(answer.cached);
  }
  EXPECT_EQ(running.node("m").executed, 5);
  running.runtime->stop();
}

// Rows of one frame are computed for its first request alone.
TEST(RuntimeCache, GatheredRowsAreKept) {
  TestPlan plan;
  const ValueRef sensor = plan.sensor("s", requests(), 2, 3);
  const ValueRef rows = plan.rows(sensor);
  const ValueRef each =
      plan.run(work(plan, "m"),
               plan.transform("tensor.reshape", {{"shape", std::vector<std::int64_t>{1, 2}}},
                              {plan.region(rows)}),
               "m");
  plan.pipeline("p", plan.gather(each, false));
  Running running(plan, cached());
  running.attach("p");
  running.runtime->start();
  for (int i = 0; i < 3; ++i) {
    running.push("s", {1, 2, 3, 4, 5, 6});
    const Answer answer = running.next("p");
    EXPECT_EQ(answer.cached, i > 0);
    EXPECT_THAT(floats(answer.outputs[0].entries[0].tensor), ElementsAre(1, 2, 3, 4, 5, 6));
  }
  EXPECT_EQ(running.node("m").executed, 3);
  EXPECT_GT(running.runtime->snapshot().applications[0].cache.saved, 0);
  running.runtime->stop();
}

// The caller's memory may be used again as soon as its result is there.
TEST(RuntimeCache, WhatIsKeptIsACopy) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s", requests()));
  plan.pipeline("p", plan.run(work(plan, "m"), rows, "m"));
  Running running(plan, cached());
  running.attach("p");
  running.runtime->start();
  FrameRef frame = table_frame({1, 1}, 2);
  const Tensor memory = frame->samples;
  must(running.sensor("s").push(std::move(frame)));
  EXPECT_EQ(value_of(running.next("p")), 1);
  memory.data<float>()[0] = 2;
  running.push("s", {2, 1});
  EXPECT_EQ(value_of(running.next("p")), 2);
  running.push("s", {1, 1});
  EXPECT_EQ(value_of(running.next("p")), 1);
  EXPECT_EQ(running.node("m").executed, 2);
  running.runtime->stop();
}

}  // namespace
}  // namespace edgert::testing
