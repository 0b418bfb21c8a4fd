// Random plans that follow each other while sources push and readers read.
//
//   EDGERT_STRESS_SECONDS=60 EDGERT_STRESS_SEED=7 runtime_deploy_stress_test
#include <atomic>
#include <thread>

#include "random_plan.h"
#include "seeds.h"

namespace edgert::testing {
namespace {

// A sensor may be replaced by another of its name, or be gone for a while.
void push_frames(Runtime& runtime, const std::string& name, std::uint64_t seed,
                 const std::atomic<bool>& stop) {
  std::mt19937_64 random(seed);
  for (int i = 0; !stop.load(); ++i) {
    auto port = runtime.shared_sensor(name);
    if (!port.ok()) {
      std::this_thread::sleep_for(std::chrono::microseconds(200));
      continue;
    }
    std::vector<float> values;
    for (int column = 0; column < 4; ++column)
      values.push_back(static_cast<float>(random() % 1000) / 999.0f);
    const auto pushed =
        (*port)->push(table_frame(values, 4, i, random() % 50 == 0), now() + 20 * kMillisecond);
    if (random() % 4 == 0) std::this_thread::sleep_for(std::chrono::microseconds(random() % 300));
  }
}

// Frames leave in the order in which they went in; a result is of a plan not older than the last.
void read_results(Runtime& runtime, const std::shared_ptr<PipelinePort>& port) {
  std::uint64_t generation = 0, next = 0;
  for (Answer answer; runtime.next(*port, answer, kNever);) {
    EXPECT_GE(answer.outline->generation, generation);
    EXPECT_GE(answer.frame->sequence, next);
    generation = answer.outline->generation;
    next = answer.frame->sequence + 1;
    for (const ResultOutput& output : answer.outputs)
      for (const ResultEntry& entry : output.entries) EXPECT_TRUE(entry.tensor);
  }
}

class Readers {
 public:
  explicit Readers(Runtime& runtime) : runtime_(runtime) {}
  ~Readers() {
    for (std::thread& thread : threads_) thread.join();
  }
  // One for each pipeline of the plan at hand that has none.
  void follow() {
    for (const PipelineSpec& spec : runtime_.plan().spec.pipelines) {
      auto port = must(runtime_.shared_pipeline(spec.application + "/" + spec.name));
      if (std::ranges::find(read_, port) != read_.end()) continue;
      read_.push_back(port);
      port->attach_reader();
      threads_.emplace_back([this, port] { read_results(runtime_, port); });
    }
  }

 private:
  Runtime& runtime_;
  std::vector<std::shared_ptr<PipelinePort>> read_;
  std::vector<std::thread> threads_;
};

void check_accounts(const Snapshot& snapshot) {
  for (const SensorSnapshot& sensor : snapshot.sensors) {
    EXPECT_EQ(sensor.in_flight, 0);
    EXPECT_EQ(sensor.waiting, 0);
    EXPECT_EQ(sensor.frames, sensor.activations + sensor.dropped_full + sensor.dropped_replaced +
                                 sensor.dropped_late + sensor.dropped_unwanted +
                                 sensor.dropped_no_memory + sensor.dropped_not_admitted);
  }
}

void run_once(std::uint64_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  RandomPlan first(seed), second(seed + 1'000'000);
  const PlanSpec plans[] = {must(first.builder.finish()), must(second.builder.finish())};
  RuntimeOptions options;
  options.lanes = 1 + first.below(4);
  options.cache_bytes = first.chance(0.5) ? 0 : 100'000;
  auto made = Runtime::create(plans[0], options);
  if (!made.ok()) return;  // a condition on all rows of a step that opens a step on them
  Runtime& runtime = **made;
  std::atomic<bool> stop{false};
  std::vector<std::thread> sources;
  {
    Readers readers(runtime);
    readers.follow();
    runtime.start();
    for (int i = 0; i < std::max(first.sensors, second.sensors); ++i)
      sources.emplace_back([&runtime, &stop, seed, i] {
        push_frames(runtime, "s" + std::to_string(i), seed + static_cast<std::uint64_t>(i), stop);
      });
    for (int deploy = 0; deploy < 12; ++deploy) {
      // A part of a plan's pipelines, so that most of the nodes stay.
      PlanSpec next = plans[deploy % 4 == 3 ? 1 : 0];
      while (next.pipelines.size() > 1 && first.chance(0.5)) next.pipelines.pop_back();
      if (runtime.deploy(std::move(next)).ok()) readers.follow();
      std::this_thread::sleep_for(std::chrono::microseconds(first.below(5000)));
    }
    stop.store(true);
    for (std::thread& source : sources) source.join();
    for (const SensorSpec& sensor : runtime.plan().spec.sensors)
      must(runtime.sensor(sensor.name))->finish();
    runtime.stop(true, 60 * kSecond);
  }
  check_accounts(runtime.snapshot());
}

TEST(RuntimeDeployStress, RandomPlans) {
  run_seeds(run_once);
}

}  // namespace
}  // namespace edgert::testing
