// What comes out of small plans: chains, sharing, failures, order.
#include <algorithm>
#include <atomic>
#include <thread>

#include "plan_fixture.h"

namespace edgert::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(RuntimeFlow, AChainGivesTheFramesValues) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s"));
  plan.pipeline("p", plan.run(plan.model("b"), plan.run(plan.model("a"), rows)));
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  for (int i = 0; i < 50; ++i) {
    const auto value = static_cast<float>(i);
    running.push("s", {value, -value}, 2, i);
    const Answer answer = running.next("p");
    ASSERT_TRUE(answer.status.ok());
    ASSERT_TRUE(answer.outputs[0].status.ok()) << answer.outputs[0].status.message();
    EXPECT_THAT(floats(answer.outputs[0].entries[0].tensor), ElementsAre(value, -value));
    EXPECT_EQ(answer.frame->sequence, static_cast<std::uint64_t>(i));
    EXPECT_EQ(answer.frame->media_time, i * kMillisecond);
  }
  running.runtime->stop();
}

TEST(RuntimeFlow, NoFrameAtAllIsRefused) {
  TestPlan plan;
  plan.pipeline("p", plan.rows(plan.sensor("s")));
  Running running(plan);
  const auto pushed = running.sensor("s").push({});
  EXPECT_EQ(pushed.status().code(), Code::kInvalid);
  EXPECT_THAT(pushed.status().message(), HasSubstr("sensor 's': got no frame"));
}

TEST(RuntimeFlow, AnImageWhosePlanesAreNotThereIsRefused) {
  TestPlan plan;
  FrameFormat format;
  format.image = {PixelFormat::kGray8, 2, 2};
  const ValueRef camera = must(plan.builder.sensor("c", format, {}));
  const Params params{{"width", std::int64_t{2}}, {"height", std::int64_t{2}}};
  plan.pipeline("p", plan.transform("image.to_tensor", params, {camera}));
  Running running(plan);
  const auto said = [&](int planes) {
    FrameRef frame = running.sensor("c").blank();
    frame->image = format.image;
    static constexpr std::uint8_t kPixels[4] = {};
    frame->planes[0] = {kPixels, 2, 2, 2};
    frame->plane_count = planes;
    return running.sensor("c").push(std::move(frame)).status().message();
  };
  EXPECT_EQ(said(1), "ok");
  EXPECT_THAT(said(0), HasSubstr("the image is empty"));
  EXPECT_THAT(said(2), HasSubstr("not mapped for the CPU"));
  EXPECT_THAT(said(4), HasSubstr("has 4 planes; push 1 to 3"));
}

TEST(RuntimeFlow, ResultsComeInTheOrderOfFramesUnderManyLanes) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s", {InboxPolicy::kBlock, 8, 16}));
  plan.pipeline("p", plan.run(plan.model("a", "1x2", "echo\nwork_us 20\n"), rows));
  Running running(plan, 4);
  running.attach("p");
  running.runtime->start();
  std::thread source([&] {
    for (int i = 0; i < 500; ++i) running.push("s", {static_cast<float>(i), 0});
    running.sensor("s").finish();
  });
  const std::vector<Answer> answers = running.rest("p");
  source.join();
  ASSERT_EQ(answers.size(), 500u);
  for (std::size_t i = 0; i < answers.size(); ++i)
    ASSERT_EQ(floats(answers[i].outputs[0].entries[0].tensor)[0], static_cast<float>(i));
}

TEST(RuntimeFlow, WhatTwoPipelinesWantRunsOnce) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s"));
  const ValueRef shared = plan.run(plan.model("shared"), rows);
  plan.pipeline("a", shared);
  plan.pipeline("b", plan.run(plan.model("own"), shared));
  Running running(plan);
  running.attach("a");
  running.attach("b");
  running.runtime->start();
  for (int i = 0; i < 10; ++i) running.push("s", {1, 2}), running.next("a"), running.next("b");
  running.runtime->stop();
  EXPECT_EQ(running.node("shared").executed, 10);
  EXPECT_EQ(running.node("shared").demanded, 20);
  EXPECT_EQ(running.node("own").executed, 10);
  EXPECT_EQ(running.node("own").demanded, 10);
}

// A frame of two rows does not fit the model: that run fails, with the step's name.
TEST(RuntimeFlow, AFailureFailsOnlyWhatDependsOnIt) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s", {}, 2, 2));
  const ValueRef one = plan.run(plan.model("one"), rows);
  plan.pipeline("after", plan.run(plan.model("two"), one));
  plan.pipeline("beside", plan.run(plan.model("any", "?x2"), rows));
  Running running(plan);
  running.attach("after");
  running.attach("beside");
  running.runtime->start();
  for (const bool fails : {true, false, true}) {
    running.push("s", fails ? std::vector<float>{1, 2, 3, 4} : std::vector<float>{1, 2});
    const Answer after = running.next("after");
    EXPECT_TRUE(after.status.ok());
    EXPECT_EQ(after.outputs[0].status.ok(), !fails);
    if (fails) {
      EXPECT_THAT(after.outputs[0].status.message(), HasSubstr("step 'one'"));
    }
    EXPECT_TRUE(running.next("beside").outputs[0].status.ok());
  }
  running.runtime->stop();
  EXPECT_EQ(running.node("one").failed, 2);
  EXPECT_EQ(running.node("two").executed, 1);
  EXPECT_EQ(running.runtime->snapshot().pipelines[0].count(Outcome::kFailed), 2);
}

TEST(RuntimeFlow, WhatHasNothingToDoIsSkipped) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s"));
  const ValueRef classes =
      plan.transform("answer.classes", {{"min_score", 0.5}, {"top", std::int64_t{2}}}, {rows});
  plan.pipeline("p", plan.transform("tensor.reduce", {{"how", std::string("max")}}, {classes}));
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  running.push("s", {0, 0});
  EXPECT_EQ(running.next("p").outputs[0].status.code(), Code::kSkipped);
  running.push("s", {0, 0.75F});
  EXPECT_THAT(floats(running.next("p").outputs[0].entries[0].tensor), ElementsAre(1, 0.75F));
  running.runtime->stop();
}

TEST(RuntimeFlow, StagesAreSumsOverTheNodes) {
  TestPlan plan;
  const ValueRef scores = plan.rows(plan.sensor("s", {}, 3));
  const ValueRef classes =
      plan.transform("answer.classes", {{"min_score", 0.5}, {"top", std::int64_t{3}}}, {scores});
  const int model = plan.model("slow", "2", "echo\ndelay_us 2000\n");
  plan.pipeline("p", plan.gather(plan.run(model, plan.region(classes))));
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  running.push("s", {1, 1, 1}, 3);
  const Answer answer = running.next("p");
  running.runtime->stop();
  // Each of three rows slept two milliseconds at least, in rows that are gone when it is answered.
  EXPECT_GE(answer.stages.models, 6 * kMillisecond);
  EXPECT_GT(answer.stages.transforms, 0);
  EXPECT_GE(answer.stages.waiting, 0);
}

TEST(RuntimeFlow, ACallbackGetsEveryResultInOrderOneAtATime) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s", {InboxPolicy::kBlock, 4, 8}));
  plan.pipeline("p", plan.run(plan.model("a", "1x2", "echo\nwork_us 10\n"), rows));
  Running running(plan, 4);
  std::vector<float> seen;
  std::atomic<int> inside{0};
  running.pipeline("p").set_callback([&](const Answer& answer) {
    EXPECT_EQ(inside.fetch_add(1), 0);
    seen.push_back(floats(answer.outputs[0].entries[0].tensor)[0]);
    inside.fetch_sub(1);
  });
  running.runtime->start();
  for (int i = 0; i < 300; ++i) running.push("s", {static_cast<float>(i), 0});
  running.runtime->stop();
  ASSERT_EQ(seen.size(), 300u);
  for (std::size_t i = 0; i < seen.size(); ++i) ASSERT_EQ(seen[i], static_cast<float>(i));
}

// While a callback works on one result, as many others wait as may, and not one leaves before it.
TEST(RuntimeFlow, NoResultLeavesWhileACallbackTakesItsTime) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s", {InboxPolicy::kBlock, 4, 8}));
  plan.pipeline("p", plan.run(plan.model("a"), rows));
  Running running(plan, 4);
  std::vector<std::uint64_t> order;
  std::atomic<int> inside{0};
  std::atomic<bool> full{false};
  running.pipeline("p").set_callback([&](const Answer& answer) {
    EXPECT_EQ(inside.fetch_add(1), 0);
    if (answer.frame->sequence == 0) full.wait(false);
    order.push_back(answer.frame->sequence);
    inside.fetch_sub(1);
  });
  running.runtime->start();
  // Until nothing moves on any more; should a slow machine seem so earlier, the rest comes below.
  int pushed = 0;
  for (; pushed < 1000; ++pushed) {
    const auto taken = running.sensor("s").push(table_frame({1, 2}, 2), now() + kSecond / 2);
    if (!taken.ok()) break;
  }
  EXPECT_LT(pushed, 1000);
  full = true;
  full.notify_all();
  for (int i = 0; i < 300; ++i) running.push("s", {1, 2});
  running.runtime->stop();
  ASSERT_EQ(order.size(), static_cast<std::size_t>(pushed) + 300);
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

// One slow frame holds back the results of hundreds that were faster: a bounded number waits.
TEST(RuntimeFlow, AnEarlySlowFrameHoldsBackAFewResultsOnly) {
  TestPlan plan;
  const ValueRef scores = plan.rows(plan.sensor("s", {InboxPolicy::kBlock, 4, 8}, 3));
  const ValueRef classes =
      plan.transform("answer.classes", {{"min_score", 0.5}, {"top", std::int64_t{3}}}, {scores});
  const int model = plan.model("slow", "2", "echo\ndelay_us 200000\n");
  plan.pipeline("p", plan.gather(plan.run(model, plan.region(classes))));
  Running running(plan, 4);
  std::vector<std::uint64_t> order;
  running.pipeline("p").set_callback(
      [&](const Answer& answer) { order.push_back(answer.frame->sequence); });
  running.runtime->start();
  running.push("s", {1, 0, 0}, 3);
  for (int i = 0; i < 1000; ++i) running.push("s", {0, 0, 0}, 3);
  running.runtime->stop();
  ASSERT_EQ(order.size(), 1001u);
  for (std::size_t i = 0; i < order.size(); ++i) ASSERT_EQ(order[i], i);
}

TEST(RuntimeFlow, WrongFramesAreRefusedWithTheReason) {
  TestPlan plan;
  plan.pipeline("p", plan.rows(plan.sensor("s")));
  Running running(plan);
  running.runtime->start();
  const auto wide = running.sensor("s").push(table_frame({1, 2, 3}, 3));
  EXPECT_THAT(wide.status().message(), HasSubstr("push [n, 2]"));
  const auto long_one = running.sensor("s").push(table_frame({1, 2, 3, 4}, 2));
  EXPECT_THAT(long_one.status().message(), HasSubstr("at most 1"));
  running.sensor("s").finish();
  EXPECT_FALSE(running.sensor("s").push(table_frame({1, 2}, 2)).ok());
  EXPECT_FALSE(running.runtime->sensor("t").ok());
  EXPECT_THAT(running.runtime->pipeline("test/q").status().message(), HasSubstr("test/p"));
}

TEST(RuntimeFlow, ResultsOutliveTheRuntime) {
  Answer answer;
  {
    TestPlan plan;
    const ValueRef rows = plan.rows(plan.sensor("s"));
    plan.pipeline("p", plan.run(plan.model("a"), rows));
    Running running(plan);
    running.attach("p");
    running.runtime->start();
    running.push("s", {3, 4});
    answer = running.next("p");
  }
  EXPECT_THAT(floats(answer.outputs[0].entries[0].tensor), ElementsAre(3, 4));
  EXPECT_THAT(floats(answer.frame->samples), ElementsAre(3, 4));
}

}  // namespace
}  // namespace edgert::testing
