// Earlier results that serve: by age, by scene, beside pipelines that want them fresh and behind
// conditions.
#include <vector>

#include "reuse_fixture.h"

namespace edgert::testing {
namespace {

TEST(RuntimeReuse, TakesTheLastResultUpToItsAgeAndSaysSo) {
  Reusing plan;
  const ValueRef before = plan.run(plan.model("before"), plan.rows);
  const ValueRef m = plan.run(plan.model("m"), before);
  const ValueRef after = plan.run(plan.model("after"), m);
  plan.reuse("p", {{"out", after, -1}}, {Reusing::by_age(m, 100)});
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  std::string seen;
  for (int i = 0; i < 12; ++i) {  // every 40 ms
    running.push("s", {static_cast<float>(i), 0}, 2, 40 * i);
    const Answer answer = running.next("p");
    ASSERT_TRUE(answer.outputs[0].status.ok());
    const int of = static_cast<int>(first(answer)[0]);
    EXPECT_EQ(answer.age, (i - of) * 40 * kMillisecond);
    EXPECT_EQ(answer.outputs[0].age, answer.age);
    seen += static_cast<char>('0' + (i - of));
  }
  running.runtime->stop();
  EXPECT_EQ(seen, "012012012012");
  EXPECT_EQ(running.node("m").executed, 4);
  EXPECT_EQ(running.node("before").executed, 4);
  EXPECT_EQ(running.node("after").executed, 12);
}

TEST(RuntimeReuse, WhoWantsItFreshMakesItFreshForAll) {
  Reusing plan;
  const ValueRef m = plan.run(plan.model("m"), plan.rows);
  plan.reuse("aged", {{"out", m, -1}}, {Reusing::by_age(m, 1000)});
  PipelineSpec fresh = TestPlan::pipeline_of("fresh", {{"out", m, -1}});
  fresh.every = 3;
  plan.add(fresh);
  Running running(plan);
  running.attach("aged");
  running.attach("fresh");
  running.runtime->start();
  for (int i = 0; i < 9; ++i) {
    running.push("s", {static_cast<float>(i), 0}, 2, 10 * i);
    if (i % 3 == 0) {
      EXPECT_EQ(first(running.next("fresh"))[0], static_cast<float>(i));
    }
    const Answer answer = running.next("aged");
    EXPECT_EQ(first(answer)[0], static_cast<float>(i - i % 3));
    EXPECT_EQ(answer.age, i % 3 * 10 * kMillisecond);
  }
  running.runtime->stop();
  EXPECT_EQ(running.node("m").executed, 3);
}

// A closed condition stays closed, and asks for nothing.
TEST(RuntimeReuse, BehindAConditionItIsOnlyAskedWhenThatIsOpen) {
  Reusing plan;
  const ValueRef m = plan.run(plan.model("m"), plan.rows);
  plan.reuse("p", {{"out", m, plan.gate(plan.rows, 0.5)}}, {Reusing::by_age(m, 25)});
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  std::string seen;
  const std::vector<float> open{1, 1, 0, 1, 0, 0, 1, 1};
  for (std::size_t i = 0; i < open.size(); ++i) {
    running.push("s", {open[i], static_cast<float>(i)}, 2, static_cast<Nanos>(10 * i));
    const Answer answer = running.next("p");
    if (!answer.outputs[0].status.ok()) {
      EXPECT_EQ(answer.outputs[0].status.code(), Code::kSkipped);
      seen += '-';
    } else {
      seen += static_cast<char>('0' + static_cast<int>(first(answer)[1]));
    }
  }
  running.runtime->stop();
  EXPECT_EQ(seen, "00-3--66");  // frame 3 is 30 ms after frame 0
  EXPECT_EQ(running.node("m").executed, 3);
}

// The outer of two that serve is asked first; then the inner one is not asked at all.
TEST(RuntimeReuse, OneBehindAnother) {
  Reusing plan;
  const ValueRef inner = plan.run(plan.model("inner"), plan.rows);
  const ValueRef outer = plan.run(plan.model("outer"), inner);
  plan.reuse("p", {{"out", outer, -1}}, {Reusing::by_age(outer, 15), Reusing::by_age(inner, 100)});
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  std::string seen;
  for (int i = 0; i < 8; ++i) {
    running.push("s", {static_cast<float>(i), 0}, 2, 10 * i);
    const Answer answer = running.next("p");
    seen += static_cast<char>('0' + static_cast<int>(first(answer)[0]));
    // What came of an old input is as old as that: it serves no longer than it may.
    EXPECT_EQ(answer.age, (i - static_cast<int>(first(answer)[0])) * 10 * kMillisecond);
  }
  running.runtime->stop();
  EXPECT_EQ(seen, "00000000");
  EXPECT_EQ(running.node("inner").executed, 1);
  EXPECT_EQ(running.node("outer").executed, 7);
}

// A scene that changes slowly is compared with the frame of the result, not with the last one.
TEST(RuntimeReuse, ASceneIsComparedWithTheFrameOfTheResult) {
  Reusing plan;
  const ValueRef look = plan.run(plan.model("look"), plan.rows);
  const ValueRef m = plan.run(plan.model("m"), plan.rows);
  ReuseRule rule = Reusing::by_age(m, 10'000);
  rule.cells = look;
  rule.threshold = 2.5;
  plan.reuse("p", {{"out", m, -1}}, {rule});
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  std::string seen;
  for (int i = 0; i < 9; ++i) {
    running.push("s", {static_cast<float>(i), 0}, 2, 10 * i);  // one level a frame
    seen += static_cast<char>('0' + static_cast<int>(first(running.next("p"))[0]));
  }
  running.push("s", {8, 0}, 2, 20'000);  // alike, but too old
  const Answer answer = running.next("p");
  EXPECT_EQ(answer.age, 0);
  running.runtime->stop();
  EXPECT_EQ(seen, "000333666");
  EXPECT_EQ(running.node("m").executed, 4);
}

// What keeps state sees every frame, though what reads it is reused.
TEST(RuntimeReuse, WhatKeepsStateIsNotLeftOut) {
  Reusing plan;
  const Params params{{"size", std::int64_t{3}}, {"hop", std::int64_t{1}}};
  const ValueRef windows = plan.transform("table.window", params, {plan.rows, plan.source});
  const ValueRef m = plan.run(plan.model("m", "?x3x2"), windows);
  plan.reuse("p", {{"out", m, -1}}, {Reusing::by_age(m, 35)});
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  for (int i = 0; i < 12; ++i) {
    running.push("s", {static_cast<float>(i), 0}, 2, 10 * i);
    const Answer answer = running.next("p");
    if (i < 4) continue;
    EXPECT_EQ(first(answer)[4], static_cast<float>(i - i % 4));
  }
  running.runtime->stop();
  EXPECT_EQ(running.node("table.window").executed, 12);
  EXPECT_EQ(running.node("m").executed, 3);
}

// Rows that another pipeline runs at once wait until it is known whether they are wanted for what
// may be reused, too: each is run once.
TEST(RuntimeReuse, RowsWaitUntilItIsKnownWhoWantsThem) {
  Reusing plan;
  const ValueRef look = plan.run(plan.model("look", "1x2", "echo\ndelay_us 20000\n", 4), plan.rows);
  const ValueRef row = plan.region(
      plan.transform("table.window", {{"size", std::int64_t{1}}, {"hop", std::int64_t{1}}},
                     {plan.rows, plan.source}));
  const ValueRef m = plan.gather(plan.run(plan.model("m"), row));
  const ValueRef other = plan.run(plan.model("other"), row);
  ReuseRule rule = Reusing::by_age(m, 10'000);
  rule.cells = look;
  rule.threshold = 0.5;
  plan.reuse("p", {{"out", m, -1}}, {rule});
  plan.pipeline("q", other);
  Running running(plan);
  running.attach("p");
  running.attach("q");
  running.runtime->start();
  for (int i = 0; i < 6; ++i) {
    running.push("s", {static_cast<float>(i / 2), 0}, 2, 10 * i);  // every other is alike
    const Answer answer = running.next("p");
    ASSERT_TRUE(answer.outputs[0].status.ok()) << answer.outputs[0].status.message();
    EXPECT_EQ(first(answer)[0], static_cast<float>(i / 2));
    EXPECT_EQ(answer.age, i % 2 * 10 * kMillisecond);
    EXPECT_TRUE(running.next("q").outputs[0].status.ok());
  }
  running.runtime->stop();
  EXPECT_EQ(running.node("m").executed, 3);
  EXPECT_EQ(running.node("other").executed, 6);
}

TEST(RuntimeReuse, RefusesWhatCannotBe) {
  Reusing plan;
  const ValueRef m = plan.run(plan.model("m"), plan.rows);
  const Params params{{"size", std::int64_t{2}}, {"hop", std::int64_t{1}}};
  const ValueRef windows = plan.transform("table.window", params, {m, plan.source});
  const auto refusal = [&](ValueRef out, const ReuseRule& rule) {
    const auto made = plan.builder.pipeline(TestPlan::pipeline_of("p", {{"out", out, -1}}), {rule});
    return made.ok() ? std::string() : std::string(made.status().message());
  };
  EXPECT_THAT(refusal(m, Reusing::by_age(m, 0)), ::testing::HasSubstr("above 0"));
  EXPECT_THAT(refusal(m, Reusing::by_age(plan.source, 10)), ::testing::HasSubstr("nothing"));
  EXPECT_THAT(refusal(windows, Reusing::by_age(windows, 10)), ::testing::HasSubstr("keeps state"));
  EXPECT_THAT(refusal(windows, Reusing::by_age(m, 10)), ::testing::HasSubstr("keeps state"));
  ReuseRule rule = Reusing::by_age(m, 10);
  rule.cells = m;
  rule.threshold = 300;
  EXPECT_THAT(refusal(m, rule), ::testing::HasSubstr("0 to 255"));
}

TEST(RuntimeReuse, APlanFileKeepsIt) {
  Reusing plan;
  const ValueRef m = plan.run(plan.model("m"), plan.rows);
  plan.reuse("p", {{"out", m, -1}}, {Reusing::by_age(m, 100)});
  const PlanSpec spec = must(plan.builder.finish());
  const PlanSpec read = must(parse_plan(serialise_plan(spec), "here"));
  ASSERT_EQ(read.pipelines[0].reuse.size(), 1u);
  const ReuseSpec& reuse = read.pipelines[0].reuse[0];
  EXPECT_EQ(read.nodes[static_cast<std::size_t>(reuse.recall)].of, m.node);
  EXPECT_TRUE(compile_plan(read, 1).ok());
  PlanSpec broken = read;
  broken.nodes[static_cast<std::size_t>(reuse.recall)].of = 1000;
  EXPECT_FALSE(compile_plan(broken, 1).ok());
}

}  // namespace
}  // namespace edgert::testing
