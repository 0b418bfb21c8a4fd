// Models that are moved between devices at random while sources push, results expire and readers
// read, up to a stop at any moment: each frame that was admitted is answered once, in order.
//
//   EDGERT_STRESS_SECONDS=60 EDGERT_STRESS_SEED=7 runtime_place_stress_test
#include <atomic>
#include <random>
#include <thread>

#include "../cpp/times_fixture.h"
#include "seeds.h"

namespace edgert::testing {
namespace {

constexpr int kModels = 3, kPipelines = 4;

class MovingPlan : public TestPlan {
 public:
  explicit MovingPlan(std::uint64_t seed) : random(seed) {
    std::vector<int> devices{-1};
    for (int i = 0; i < 2; ++i) {
      DeviceSpec spec;
      spec.name = "d" + std::to_string(i);
      spec.streams = 1 + below(2);
      spec.in_flight = 1 + below(3);
      devices.push_back(must(builder.device(spec)));
    }
    const ValueRef rows = this->rows(sensor("s", {InboxPolicy::kBlock, 8, 16}));
    ValueRef value = rows;
    for (int i = 0; i < kModels; ++i) {
      value = run_one(i, devices, below(2) == 0 ? rows : value);
      add_pipeline(i, value);
    }
    add_pipeline(kModels, run_with_state(devices, rows));
  }
  int below(int limit) { return static_cast<int>(random() % static_cast<std::uint64_t>(limit)); }

  std::mt19937_64 random;
  std::vector<int> choices;  // of devices, by model

 private:
  int place(ModelSpec spec, std::vector<int> devices) {
    std::ranges::shuffle(devices, random);
    devices.resize(static_cast<std::size_t>(2 + below(2)));
    spec.devices = devices;
    const int model = must(builder.model(spec));
    for (const int device : devices)
      if (device >= 0) must(builder.run_times(device, model, takes(below(300) * 1000)));
    choices.push_back(static_cast<int>(devices.size()));
    return model;
  }
  ValueRef run_one(int index, const std::vector<int>& devices, ValueRef from) {
    ModelSpec spec;
    spec.name = "m" + std::to_string(index);
    spec.batch = below(2) == 0 ? 1 : 4;
    const std::string shape = spec.batch > 1 ? "?x2" : "1x2";
    spec.file =
        folder().write(spec.name + ".null", "input x float32 " + shape + "\noutput y float32 " +
                                                shape + "\necho\n# " + spec.name + "\n");
    return run(place(spec, devices), from);
  }
  ValueRef run_with_state(const std::vector<int>& devices, ValueRef rows) {
    ModelSpec spec;
    spec.name = "sums";
    spec.file = folder().write(
        "sums.null", "input s float32 1x2\noutput t float32 1x2\ninput x float32 1x2\necho\n");
    std::map<std::string, ModelFeed> feeds;
    feeds["x"].value = rows;
    feeds["s"].state_of = "t";
    return must(builder.run_model(place(spec, devices), feeds));
  }
  void add_pipeline(int index, ValueRef value) {
    PipelineSpec spec = pipeline_of("p" + std::to_string(index), {{"out", value, -1}});
    if (below(2) == 0) spec.latency = (1 + below(5)) * kMs / 2;
    if (below(3) == 0) spec.on_miss = OnMiss::kLate;
    if (spec.latency == 0) spec.on_miss = OnMiss::kDrop;
    spec.application = "test";
    add(spec);
  }
};

struct Read {
  std::atomic<std::int64_t> answers{0};
};

void read_results(Running& running, const std::string& name, Read& into) {
  std::uint64_t next = 0;
  for (Answer answer; running.runtime->next(running.pipeline(name), answer, kNever);) {
    EXPECT_GE(answer.frame->sequence, next);
    next = answer.frame->sequence + 1;
    into.answers.fetch_add(1);
  }
}

void run_once(std::uint64_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  MovingPlan plan(seed);
  RuntimeOptions options;
  options.lanes = 1 + plan.below(3);
  options.order = plan.below(3) == 0 ? Order::kFair : Order::kEarliestDeadline;
  Running running(plan, options);
  std::array<Read, kPipelines> read;
  std::vector<std::thread> readers;
  for (int i = 0; i < kPipelines; ++i) running.attach("p" + std::to_string(i));
  running.runtime->start();
  for (int i = 0; i < kPipelines; ++i)
    readers.emplace_back([&running, &read, i] {
      read_results(running, "p" + std::to_string(i), read[static_cast<std::size_t>(i)]);
    });
  std::atomic<bool> stop{false};
  std::thread mover([&running, &stop, choices = plan.choices, seed] {
    std::mt19937_64 random(seed + 1);
    while (!stop.load()) {
      std::vector<int> sites;
      for (const int count : choices)
        sites.push_back(static_cast<int>(random() % static_cast<std::uint64_t>(count + 1)) - 1);
      running.runtime->place(sites);
      running.runtime->snapshot();
      std::this_thread::sleep_for(std::chrono::microseconds(random() % 400));
    }
  });
  for (int i = 0; i < 400; ++i) running.push("s", {1, 2}, 2, i, plan.below(50) == 0);
  const bool at_once = plan.below(2) == 0;  // with everything under way
  if (!at_once) running.sensor("s").finish();
  running.runtime->stop(true, at_once ? 0 : 60 * kSecond);
  stop.store(true);
  mover.join();
  for (std::thread& reader : readers) reader.join();
  const Snapshot snapshot = running.runtime->snapshot();
  const SensorSnapshot& sensor = snapshot.sensors[0];
  EXPECT_EQ(sensor.in_flight, 0);
  // Those that were worked on, for which no pipeline had time, and that waited for too long; none
  // that still waited for its turn when it stopped.
  const std::int64_t frames =
      sensor.activations + sensor.dropped_not_admitted + sensor.dropped_late;
  for (int i = 0; i < kPipelines; ++i) {
    const PipelineSnapshot& pipeline = snapshot.pipelines[static_cast<std::size_t>(i)];
    // Each has one result of each pipeline.
    EXPECT_EQ(read[static_cast<std::size_t>(i)].answers.load(), pipeline.results());
    EXPECT_EQ(pipeline.results() + pipeline.refused + pipeline.not_due + pipeline.passed_over,
              frames)
        << pipeline.name;
  }
}

TEST(RuntimePlaceStress, ModelsAreMovedAtRandom) {
  run_seeds(run_once);
}

}  // namespace
}  // namespace edgert::testing
