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

}  // namespace
}  // namespace edgert::testing
