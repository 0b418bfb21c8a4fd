// Random plans with the request cache against the same without: equal answers, byte for byte.
//
//   EDGERT_STRESS_SEED=7 EDGERT_STRESS_PLANS=200 runtime_cached_plans_test
#include <algorithm>
#include <cstdio>
#include <random>
#include <thread>

#include "random_plan.h"
#include "seeds.h"

namespace edgert::testing {
namespace {

// Limits and bounds go by the clock, and would make two runs differ.
PlanSpec without_limits(PlanSpec spec) {
  for (ApplicationSpec& application : spec.applications) {
    application.rate_limit = application.device_share = 0;
    application.queue_limit = 0;
  }
  for (PipelineSpec& pipeline : spec.pipelines) pipeline.latency = 0;
  for (SensorSpec& sensor : spec.sensors) sensor.cache = true;
  return spec;
}

// Joins of several sensors and earlier results go by the clock, too. An inbox that lets frames go
// does so by chance.
bool goes_by_chance(const RandomPlan& plan) {
  const PlanSpec& spec = plan.builder.plan();
  return plan.sensors > 1 || spec.sensors[0].inbox != InboxPolicy::kBlock ||
         std::ranges::any_of(spec.nodes,
                             [](const NodeSpec& node) { return node.kind == NodeKind::kRecall; });
}

std::string bytes_of(const Tensor& tensor) {
  return tensor.shape().text() +
         std::string(reinterpret_cast<const char*>(tensor.bytes_data()), tensor.bytes());
}

// Without where: with a cache a failed node isn't named as the step of the one who reads it, since
// others' runs may answer (plan/told_as.h).
std::string text_of(const Answer& answer) {
  std::string text(kOutcomeNames[static_cast<std::size_t>(answer.outcome)]);
  for (const ResultOutput& output : answer.outputs) {
    text += "|" + std::to_string(static_cast<int>(output.status.code())) + ":";
    text += output.status.what();
    for (const ResultEntry& entry : output.entries)
      text += ";" + std::to_string(entry.row) + ":" + bytes_of(entry.tensor);
  }
  return text;
}

bool becomes_idle(const SensorPort& port) {
  for (const Nanos limit = now() + 60 * kSecond; now() < limit; std::this_thread::yield())
    if (port.idle()) return true;
  return false;
}

struct Outcomes {
  std::vector<std::vector<std::string>> answers;  // by pipeline
  std::int64_t executed = 0, from_cache = 0;
};

// Two frames at a time, so that some wait for others; none is dropped.
Outcomes run(std::uint64_t seed, std::size_t cache_bytes) {
  RandomPlan plan(seed);
  RuntimeOptions options;
  options.lanes = 3;
  options.cache_bytes = cache_bytes;
  auto made = Runtime::create(without_limits(must(plan.builder.finish())), options);
  if (!made.ok()) return {};  // a condition that waits for itself
  Runtime& runtime = **made;
  Outcomes out;
  out.answers.resize(runtime.plan().spec.pipelines.size());
  for (std::size_t i = 0; i < out.answers.size(); ++i) {
    const PipelineSpec& spec = runtime.plan().spec.pipelines[i];
    must(runtime.pipeline(spec.application + "/" + spec.name))
        ->set_callback(
            [&into = out.answers[i]](const Answer& answer) { into.push_back(text_of(answer)); });
  }
  runtime.start();
  SensorPort& port = *must(runtime.sensor("s0"));
  std::mt19937_64 random(seed);
  for (int i = 0; i < 40; ++i) {
    std::vector<float> values;
    for (int column = 0; column < 4; ++column) values.push_back(static_cast<float>(random() % 2));
    must(port.push(table_frame(values, 4, i, random() % 20 == 0)));
    if (i % 2 == 1 && !becomes_idle(port)) {
      ADD_FAILURE() << "a frame is stuck, with a cache of " << cache_bytes << " bytes";
      return out;
    }
  }
  port.finish();
  runtime.stop();
  for (const NodeSnapshot& node : runtime.snapshot().nodes) {
    out.executed += node.executed;
    out.from_cache += node.cached;
  }
  return out;
}

TEST(RuntimeCachedPlans, AnswerAsThoseWithoutACache) {
  std::uint64_t seed = environment("EDGERT_STRESS_SEED", std::random_device{}());
  std::printf("seeds from %llu\n", static_cast<unsigned long long>(seed));
  auto wanted = static_cast<int>(environment("EDGERT_STRESS_PLANS", 40));
  std::int64_t plain = 0, cached = 0, found = 0;
  for (; wanted > 0 && !HasFailure(); ++seed) {
    if (goes_by_chance(RandomPlan(seed))) continue;
    --wanted;
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Outcomes without = run(seed, 0), with = run(seed, 1'000'000), little = run(seed, 5'000);
    EXPECT_EQ(with.answers, without.answers);
    EXPECT_EQ(little.answers, without.answers);
    EXPECT_EQ(without.from_cache, 0);
    plain += without.executed;
    cached += with.executed;
    found += with.from_cache;
  }
  EXPECT_GT(found, 0);
  EXPECT_LT(cached, plain);
  std::printf("%lld executions, %lld with a cache\n", static_cast<long long>(plain),
              static_cast<long long>(cached));
}

}  // namespace
}  // namespace edgert::testing
