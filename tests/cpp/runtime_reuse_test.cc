// Earlier results that serve: by age, by scene, beside pipelines that want them fresh, behind
// conditions, and while they are being computed.
#include <array>
#include <atomic>
#include <chrono>
#include <random>
#include <thread>

#include "plan_fixture.h"

namespace edgert::testing {
namespace {

struct Reusing : TestPlan {
  ValueRef source = sensor("s", {InboxPolicy::kBlock, 16, 8});
  ValueRef rows = TestPlan::rows(source);

  void reuse(const std::string& name, const std::vector<OutputSpec>& outputs,
             const std::vector<ReuseRule>& rules) {
    must(builder.pipeline(pipeline_of(name, outputs), rules));
  }
  static ReuseRule by_age(ValueRef value, Nanos ms) {
    ReuseRule rule;
    rule.value = value;
    rule.max_age = ms * kMillisecond;
    return rule;
  }
};

std::vector<float> first(const Answer& answer, std::size_t output = 0) {
  return floats(answer.outputs[output].entries.at(0).tensor);
}

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

// While a result is being computed, later frames that it serves wait for it.
TEST(RuntimeReuse, AttachesToWhatIsUnderWay) {
  Reusing plan;
  const ValueRef m = plan.run(plan.model("m", "1x2", "echo\ndelay_us 30000\n", 4), plan.rows);
  plan.reuse("p", {{"out", m, -1}}, {Reusing::by_age(m, 1000)});
  Running running(plan, 4);
  running.attach("p");
  running.runtime->start();
  for (int i = 0; i < 6; ++i) running.push("s", {static_cast<float>(i), 0}, 2, 10 * i);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(first(running.next("p"))[0], 0.0F);
  running.runtime->stop();
  EXPECT_EQ(running.node("m").executed, 1);
}

// Takes its time, and fails where the first number is even.
class FailsNowAndThen final : public Transform {
 public:
  std::span<const TensorSpec> outputs() const override { return spec_; }
  Status run(std::span<const Input> inputs, RunContext& context) override {
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
    const float value = inputs[0].tensor->data<const float>()[0];
    EDGERT_RETURN_IF_ERROR(context.allocate(0, spec_[0].shape));
    context.output(0).data<float>()[0] = value;
    if (static_cast<int>(value) % 2 == 0) return Status::engine("test", "even");
    return {};
  }

 private:
  std::array<TensorSpec, 1> spec_{TensorSpec{"y", DType::kFloat32, Shape{1}, 0}};
};

// Who waits for one that fails computes it itself; the error is told to its own frame.
TEST(RuntimeReuse, ComputesWhenWhatItWaitedForFails) {
  must(register_transform("test.fails_now_and_then", "runtime_reuse_test",
                          [](const Params&, std::span<const InputFormat>) {
                            return Result<std::unique_ptr<Transform>>(
                                std::make_unique<FailsNowAndThen>());
                          }));
  Reusing plan;
  const ValueRef m = plan.transform("test.fails_now_and_then", {}, {plan.rows});
  plan.reuse("p", {{"out", m, -1}}, {Reusing::by_age(m, 25)});
  Running running(plan, 2);
  running.attach("p");
  running.runtime->start();
  int failed = 0;
  for (int i = 0; i < 16; ++i) running.push("s", {static_cast<float>(i), 0}, 2, 10 * i);
  for (int i = 0; i < 16; ++i) {
    const Answer answer = running.next("p");
    if (answer.outputs[0].status.ok()) {
      EXPECT_EQ(static_cast<int>(first(answer)[0]) % 2, 1);
      EXPECT_LE(answer.age, 25 * kMillisecond);
    } else {
      EXPECT_EQ(i % 2, 0);  // frame i itself was computed
      ++failed;
    }
  }
  running.runtime->stop();
  EXPECT_EQ(running.node("test.fails_now_and_then").failed, failed);
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

// Chains of echoes, so that a result says which frame it is of: random pipelines, some of which
// take earlier results.
class RandomReuse : public TestPlan {
 public:
  explicit RandomReuse(unsigned seed) : random_(seed) {
    const ValueRef rows = TestPlan::rows(sensor("s", {InboxPolicy::kBlock, 32, 1 + below(8)}));
    std::vector<ValueRef> values{run(model("m0"), rows)};
    for (int i = 1; i < 6; ++i) {
      const std::string more = "echo\ndelay_us " + std::to_string(below(3) * 400) + "\n";
      values.push_back(run(model("m" + std::to_string(i), "1x2", more), pick(values)));
    }
    for (int i = 0; i < 6; ++i) add_pipeline("p" + std::to_string(i), i % 2 == 0, values);
  }

  std::vector<Nanos> ages;  // by pipeline, the greatest that it accepts

 private:
  int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }
  ValueRef pick(const std::vector<ValueRef>& values) {
    return values[static_cast<std::size_t>(below(static_cast<int>(values.size())))];
  }
  void add_pipeline(const std::string& name, bool fresh, const std::vector<ValueRef>& values) {
    PipelineSpec spec = pipeline_of(name, {{"a", pick(values), -1}, {"b", pick(values), -1}});
    spec.every = 1 + below(3);
    std::vector<ReuseRule> rules;
    Nanos most = 0;
    for (int i = fresh ? 0 : 1 + below(3); i > 0; --i) {
      ReuseRule rule = Reusing::by_age(pick(values), 5 + below(60));
      if (below(3) == 0) {
        rule.cells = values[0];
        rule.threshold = below(6);  // frames differ by a level
      }
      if (rule.cells && rule.value == values[0]) continue;
      most = std::max(most, rule.max_age);
      rules.push_back(rule);
    }
    const auto made = builder.pipeline(spec, rules);
    if (!made.ok()) {  // a scene was to be compared by what may be old
      must(builder.pipeline(spec));
      most = 0;
    }
    ages.push_back(most);
  }
  std::mt19937 random_;
};

TEST(RuntimeReuse, RandomPipelinesGetWhatTheyAcceptAndNothingOlder) {
  std::atomic<std::int64_t> old{0};
  for (unsigned seed = 0; seed < 25; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomReuse plan(seed);
    Running running(plan, 3);
    for (std::size_t p = 0; p < plan.ages.size(); ++p) {
      running.pipeline("p" + std::to_string(p)).set_callback([&, p](const Answer& answer) {
        const auto of = static_cast<float>(answer.frame->media_time / (10 * kMillisecond));
        for (const ResultOutput& output : answer.outputs) {
          ASSERT_TRUE(output.status.ok());
          const float seen = floats(output.entries.at(0).tensor)[0];
          EXPECT_EQ(output.age, static_cast<Nanos>(of - seen) * 10 * kMillisecond);
          EXPECT_LE(output.age, plan.ages[p]);
        }
        if (answer.age > 0) old.fetch_add(1);
      });
    }
    running.runtime->start();
    for (int i = 0; i < 60; ++i) running.push("s", {static_cast<float>(i), 0}, 2, 10 * i);
    running.sensor("s").finish();
    running.runtime->stop();
  }
  EXPECT_GT(old, 100);
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
