// Few contents, asked for by many at once, with bounds that pass at every moment of a run, and runs
// that fail: who has time gets its answer, whatever became of the one that it waits for, and an
// error is that of its own content.
//
//   EDGERT_STRESS_SECONDS=60 EDGERT_STRESS_SEED=7 runtime_cache_bounds_test
#include <array>
#include <atomic>
#include <random>
#include <thread>

#include "../cpp/cache_fixture.h"
#include "seeds.h"

namespace edgert::testing {
namespace {

constexpr int kFrames = 150, kContents = 6;
constexpr float kFails = 3;

// What one pipeline was told; each frame once.
struct Told {
  std::atomic<int> good{0}, failed{0}, dropped{0}, wrong{0};

  void see(const Answer& answer) {
    const float asked = answer.frame->samples.data<float>()[0];
    if (answer.outcome == Outcome::kDropped) return void(dropped.fetch_add(1));
    const ResultOutput& output = answer.outputs[0];
    if (answer.outcome == Outcome::kFailed) {
      failed.fetch_add(1);
      if (asked != kFails || output.status.message().find("there is a 3") == std::string_view::npos)
        wrong.fetch_add(1);
    } else {
      good.fetch_add(1);
      if (asked == kFails || !output.status.ok() || value_of(answer) != asked) wrong.fetch_add(1);
    }
  }
};

void push_some(Runtime& runtime, const std::string& sensor, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  SensorPort& port = *must(runtime.sensor(sensor));
  for (int i = 0; i < kFrames; ++i) {
    const auto value = static_cast<float>(random() % kContents);
    must(port.push(table_frame({value, 0}, 2, i)));
    if (random() % 4 == 0) std::this_thread::sleep_for(std::chrono::microseconds(random() % 500));
  }
}

void run_once(std::uint64_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  TestPlan plan;
  for (const char* name : {"a", "b"})
    add_application(plan, name, random() % 2 == 0 ? CacheShare::kOwn : CacheShare::kOthers);
  const std::array<ValueRef, 2> sensors{plan.sensor("s", requests()), plan.sensor("t", requests())};
  const int model = plan.model("m", "1x2", "echo\nfail_on 3\ndelay_us 300\n", 2);
  const auto add = [&](const std::string& application, const std::string& name, int sensor,
                       Nanos latency) {
    const ValueRef of = sensors[static_cast<std::size_t>(sensor)];
    PipelineSpec spec = TestPlan::pipeline_of(
        name, {{"out", plan.run(model, plan.rows(of), "of " + std::to_string(sensor)), -1}},
        sensor);
    spec.application = application;
    spec.latency = latency;
    plan.add(spec);
  };
  const auto some = [&] { return static_cast<Nanos>(100'000 + random() % 1'500'000); };
  // Alone with its work on one sensor, together with another one's on the other.
  add("a", "hasty", 0, some());
  add("a", "patient", 1, 0);
  add("b", "hasty", 1, some());
  const std::array<std::string, 3> names{"a/hasty", "a/patient", "b/hasty"};
  Running running(plan, cached(random() % 2 == 0 ? 3'000 : kMegabyte, 3));
  std::array<Told, 3> told;
  for (std::size_t i = 0; i < names.size(); ++i)
    must(running.runtime->pipeline(names[i]))->set_callback([&told, i](const Answer& answer) {
      told[i].see(answer);
    });
  running.runtime->start();
  std::vector<std::thread> clients;
  for (const char* sensor : {"s", "t", "s", "t"})
    clients.emplace_back(
        [&, sensor, from = random()] { push_some(*running.runtime, sensor, from); });
  for (std::thread& client : clients) client.join();
  for (const char* sensor : {"s", "t"}) running.sensor(sensor).finish();
  for (const std::string& name : names) {
    const PipelinePort& port = *must(running.runtime->pipeline(name));
    for (const Nanos limit = now() + 60 * kSecond; !port.over(); std::this_thread::yield())
      ASSERT_LT(now(), limit) << name << " waits for ever";
  }
  running.runtime->stop();
  for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(told[i].wrong.load(), 0) << names[i];
  // Some of those with bounds were not even begun.
  EXPECT_EQ(told[1].good + told[1].failed, 2 * kFrames);
  EXPECT_EQ(told[1].dropped.load(), 0) << "it has no bound";
  const CacheSnapshot cache = running.runtime->snapshot().cache;
  EXPECT_LE(cache.bytes, cache.limit);
}

TEST(RuntimeCacheBounds, WhoHasTimeIsAnsweredWhoeverGivesUp) {
  run_seeds(run_once);
}

}  // namespace
}  // namespace edgert::testing
