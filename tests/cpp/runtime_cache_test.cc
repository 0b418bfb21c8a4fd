// Requests with equal content: what is computed once and what is kept.
#include <array>
#include <thread>
#include <vector>

#include "cache_fixture.h"

namespace edgert::testing {
namespace {

using ::testing::ElementsAre;

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
  // What the trunk took where it ran.
  EXPECT_GE(running.runtime->snapshot().applications[0].cache.saved, 200'000);
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
  EXPECT_GE(use.saved, 63 * 20 * kMillisecond);
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
  EXPECT_GE(running.runtime->snapshot().applications[0].cache.saved, 2 * 3 * 200'000);
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
