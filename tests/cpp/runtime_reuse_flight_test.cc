// Earlier results that serve while they are being computed, and random pipelines that accept them.
#include <array>
#include <atomic>
#include <chrono>
#include <random>
#include <thread>
#include <vector>

#include "reuse_fixture.h"

namespace edgert::testing {
namespace {

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

// One accepts an old `first`, and wants `second` of it on a condition that is known late. The other
// accepts no `second` as old as that, and waits for the one of the frame before.
TEST(RuntimeReuse, WhatAnotherAcceptsMakesNothingOlder) {
  Reusing plan;
  const ValueRef first =
      plan.run(plan.model("first", "1x2", "echo\ndelay_us 30000\n", 4), plan.rows);
  const ValueRef second = plan.run(plan.model("second"), first);
  const ValueRef late = plan.run(plan.model("late", "1x2", "echo\ndelay_us 90000\n", 4), plan.rows);
  plan.reuse("old", {{"first", first, -1}, {"second", second, plan.gate(late, -1)}},
             {Reusing::by_age(first, 1000)});
  plan.reuse("new", {{"second", second, -1}}, {Reusing::by_age(second, 15)});
  Running running(plan, 6);
  running.attach("old");
  running.attach("new");
  running.runtime->start();
  running.push("s", {0, 0}, 2, 0);
  for (const char* name : {"old", "new"}) EXPECT_EQ(running.next(name).age, 0);
  running.push("s", {1, 0}, 2, 100);
  running.push("s", {2, 0}, 2, 110);
  for (const char* name : {"old", "new"}) {
    EXPECT_EQ(running.next(name).age, 0);
    const ResultOutput output = running.next(name).outputs.back();
    EXPECT_EQ(output.age, 10 * kMillisecond);
    EXPECT_EQ(floats(output.entries.at(0).tensor)[0], 1.0F);
  }
  running.runtime->stop();
}

// Echoes that read each other, so that a result says which frame it is of: random pipelines, some
// of which take earlier results, some behind conditions.
class RandomReuse : public TestPlan {
 public:
  explicit RandomReuse(unsigned seed) : random_(seed) {
    const ValueRef rows = TestPlan::rows(sensor("s", {InboxPolicy::kBlock, 32, 1 + below(8)}));
    values_.push_back({run(model("m0"), rows), -1});
    for (int i = 1; i < 6; ++i) {
      const std::string more = "echo\ndelay_us " + std::to_string(below(3) * 400) + "\n";
      const int from = below(i);
      values_.push_back({run(model("m" + std::to_string(i), "1x2", more), value(from)), from});
    }
    for (int i = below(4); i > 0; --i) add_gate();
    for (int i = 0; i < 6; ++i) add_pipeline("p" + std::to_string(i), i % 2 == 0);
  }

  std::vector<std::array<Nanos, 2>> ages;  // by pipeline and output, the greatest it accepts

 private:
  int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }
  ValueRef value(int i) const { return values_[static_cast<std::size_t>(i)].first; }
  void add_gate() {
    GateOptions options;
    options.index = 1;
    if (!gates_.empty() && below(2) == 0) options.under = ValueRef{gates_.back(), 0};
    gates_.push_back(gate(value(below(6)), 0.5, options));
  }
  int some_gate() {
    if (gates_.empty() || below(2) == 0) return -1;
    return gates_[static_cast<std::size_t>(below(static_cast<int>(gates_.size())))];
  }
  // Of what it is computed from, itself included.
  Nanos accepted(int output, const std::vector<ReuseRule>& rules) const {
    Nanos most = 0;
    for (int i = output; i >= 0; i = values_[static_cast<std::size_t>(i)].second)
      for (const ReuseRule& rule : rules)
        if (rule.value == value(i)) most = std::max(most, rule.max_age);
    return most;
  }
  void add_pipeline(const std::string& name, bool fresh) {
    const int a = below(6), b = below(6);
    PipelineSpec spec =
        pipeline_of(name, {{"a", value(a), some_gate()}, {"b", value(b), some_gate()}});
    spec.every = 1 + below(3);
    std::vector<ReuseRule> rules;
    for (int i = fresh ? 0 : 1 + below(3); i > 0; --i) {
      ReuseRule rule = Reusing::by_age(value(below(6)), 5 + below(60));
      if (below(3) == 0) {
        rule.cells = value(0);
        rule.threshold = below(6);  // frames differ by a level
      }
      if (rule.cells && rule.value == value(0)) continue;
      rules.push_back(rule);
    }
    if (!builder.pipeline(spec, rules).ok()) {  // a scene was to be compared by what may be old
      must(builder.pipeline(spec));
      rules.clear();
    }
    ages.push_back({accepted(a, rules), accepted(b, rules)});
  }

  std::mt19937 random_;
  std::vector<std::pair<ValueRef, int>> values_;  // and which of them it reads, or -1
  std::vector<int> gates_;
};

struct Seen {
  std::atomic<std::int64_t> old{0}, skipped{0};
};

void check_ages(const Answer& answer, const std::array<Nanos, 2>& accepted, Seen& seen) {
  const auto frame = static_cast<float>(answer.frame->media_time / (10 * kMillisecond));
  for (std::size_t i = 0; i < answer.outputs.size(); ++i) {
    const ResultOutput& output = answer.outputs[i];
    if (output.status.code() == Code::kSkipped) {
      seen.skipped.fetch_add(1);
      continue;
    }
    ASSERT_TRUE(output.status.ok()) << output.status.message();
    const float of = floats(output.entries.at(0).tensor)[0];
    EXPECT_EQ(output.age, static_cast<Nanos>(frame - of) * 10 * kMillisecond);
    EXPECT_LE(output.age, accepted[i]) << answer.outline->name << " output " << i;
    if (output.age > 0) seen.old.fetch_add(1);
  }
}

// EDGERT_STRESS_PLANS=1000 for more of them.
TEST(RuntimeReuse, RandomPipelinesGetWhatTheyAcceptAndNothingOlder) {
  const char* const plans = std::getenv("EDGERT_STRESS_PLANS");
  Seen seen;
  for (unsigned seed = 0; seed < (plans ? std::strtoul(plans, nullptr, 10) : 40); ++seed) {
    RandomReuse plan(seed);
    Running running(plan, 3);
    for (std::size_t p = 0; p < plan.ages.size(); ++p) {
      running.pipeline("p" + std::to_string(p)).set_callback([&, p](const Answer& answer) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        check_ages(answer, plan.ages[p], seen);
      });
    }
    running.runtime->start();
    std::mt19937 random(seed);
    for (int i = 0; i < 60; ++i)
      running.push("s", {static_cast<float>(i), static_cast<float>(random() % 2)}, 2, 10 * i);
    running.sensor("s").finish();
    running.runtime->stop(true, 60 * kSecond);
    ASSERT_TRUE(running.sensor_counts().ended) << "a frame is stuck; seed " << seed;
  }
  EXPECT_GT(seen.old, 100);
  EXPECT_GT(seen.skipped, 100);
}

}  // namespace
}  // namespace edgert::testing
