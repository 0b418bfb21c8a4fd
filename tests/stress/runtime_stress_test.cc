// Random plans under several sources and readers, stopped at random moments.
//
//   EDGERT_STRESS_SECONDS=60 EDGERT_STRESS_SEED=7 runtime_stress_test
#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <thread>

#include "random_plan.h"
#include "seeds.h"

namespace edgert::testing {
namespace {

// A frame that takes longer waits for ever.
constexpr Nanos kDrained = 60 * kSecond;

struct Counts {
  std::atomic<std::int64_t> results{0}, out_of_order{0}, at_once{0};
};

// The frames of one source leave a pipeline in the order in which they went in; its media time
// holds who it was, in nanoseconds, and the number of the frame, in milliseconds.
class OrderCheck {
 public:
  explicit OrderCheck(Counts& counts, Nanos pause = 0) : counts_(counts), pause_(pause) {}

  void see(const Answer& answer) {
    if (inside_.fetch_add(1) != 0) counts_.at_once.fetch_add(1);
    counts_.results.fetch_add(1);
    Nanos& last = last_[static_cast<std::size_t>(answer.frame->media_time % kMillisecond) % 4];
    if (answer.frame->media_time <= last) counts_.out_of_order.fetch_add(1);
    last = answer.frame->media_time;
    if (pause_ > 0 && seen_++ == 5) std::this_thread::sleep_for(std::chrono::nanoseconds(pause_));
    inside_.fetch_sub(1);
  }

 private:
  Counts& counts_;
  const Nanos pause_;
  int seen_ = 0;
  std::atomic<int> inside_{0};
  std::array<Nanos, 4> last_{-1, -1, -1, -1};
};

// With few levels, frames have equal contents.
void push_frames(SensorPort& port, std::uint64_t seed, int source, int frames, unsigned levels) {
  std::mt19937_64 random(seed);
  for (int i = 0; i < frames; ++i) {
    std::vector<float> values;
    values.reserve(4);
    for (int column = 0; column < 4; ++column)
      values.push_back(static_cast<float>(random() % levels) / static_cast<float>(levels - 1));
    FrameRef frame = table_frame(values, 4, i, random() % 50 == 0);
    frame->media_time += source;
    if (!port.push(std::move(frame), now() + 2 * kSecond).ok()) return;
    if (random() % 8 == 0) std::this_thread::sleep_for(std::chrono::microseconds(random() % 300));
  }
}

// Some readers walk away after `most` results, and come back at the end.
void read_results(Runtime& runtime, PipelinePort& port, Counts& counts, int most,
                  const std::atomic<bool>& at_end) {
  OrderCheck order(counts);
  Answer answer;
  while (runtime.next(port, answer, kNever)) {
    order.see(answer);
    if (--most == 0) at_end.wait(false);
    for (const ResultOutput& output : answer.outputs) {
      if (!output.status.ok()) continue;
      for (const ResultEntry& entry : output.entries) ASSERT_TRUE(entry.tensor);
    }
  }
}

// What went in came out: each activation ended, each result was read, dropped or still waits.
void check_accounts(const Snapshot& snapshot) {
  for (const SensorSnapshot& sensor : snapshot.sensors) {
    EXPECT_TRUE(sensor.ended);
    EXPECT_EQ(sensor.in_flight, 0);
    EXPECT_EQ(sensor.waiting, 0);
    EXPECT_EQ(sensor.dropped_no_memory, 0);
    EXPECT_EQ(sensor.frames, sensor.activations + sensor.dropped_full + sensor.dropped_replaced +
                                 sensor.dropped_late + sensor.dropped_unwanted +
                                 sensor.dropped_not_admitted);
  }
}

// Other orders and tables come while work waits.
class Switching {
 public:
  Switching(Runtime& runtime, std::uint64_t seed)
      : thread_([this, &runtime, seed] {
          std::mt19937_64 random(seed);
          while (!stop_.load()) {
            auto table = std::make_unique<RankTable>();
            for (int i = 0; i < 3; ++i)
              table->applications.push_back(static_cast<Nanos>(random() % 9));
            table->base = kOrders[random() % (kOrders.size() - 1)].second;
            runtime.ranker().set_table(std::move(table));
            runtime.ranker().set_order(kOrders[random() % kOrders.size()].second);
            KeepFree keep{
                static_cast<int>(random() % 3), static_cast<Nanos>(random() % 50'000), {}};
            for (int i = 0; i < 6; ++i) keep.groups.push_back(random() % 2 == 0);
            runtime.keep_free(keep);
            std::this_thread::sleep_for(std::chrono::microseconds(random() % 2000));
          }
        }) {}
  ~Switching() {
    stop_.store(true);
    thread_.join();
  }
  Switching(const Switching&) = delete;
  Switching& operator=(const Switching&) = delete;

 private:
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

void run_once(std::uint64_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  RandomPlan plan(seed);
  RuntimeOptions options;
  options.lanes = 1 + plan.below(6);
  options.order = kOrders[static_cast<std::size_t>(plan.below(kOrders.size()))].second;
  options.cache_bytes = plan.chance(0.5) ? 0 : plan.chance(0.5) ? 10'000 : 1'000'000;
  const unsigned levels = plan.chance(0.5) ? 2 : 1000;
  auto compiled = Runtime::create(must(plan.builder.finish()), options);
  if (!compiled.ok()) {  // a condition on all rows of a step that opens a step on them
    EXPECT_THAT(compiled.status().message(), ::testing::HasSubstr("waits for itself"));
    return;
  }
  std::unique_ptr<Runtime> runtime = std::move(compiled).value();
  Counts counts;
  std::atomic<bool> at_end{false};
  std::vector<std::thread> readers, sources;
  for (const PipelineSpec& spec : runtime->plan().spec.pipelines) {
    PipelinePort& port = *must(runtime->pipeline(spec.application + "/" + spec.name));
    const int how = plan.below(4);
    if (how == 0) {
      // Some take their time once, so that the results behind pile up to the bound.
      const Nanos pause = plan.chance(0.3) ? 100 * kMillisecond : 0;
      auto order = std::make_shared<OrderCheck>(counts, pause);
      port.set_callback([order](const Answer& answer) { order->see(answer); });
    } else if (how < 3) {
      port.attach_reader();
      const int most = plan.chance(0.1) ? 1 + plan.below(20) : 1 << 30;
      readers.emplace_back([&, most] { read_results(*runtime, port, counts, most, at_end); });
    }
  }
  runtime->start();
  for (int i = 0; i < plan.sensors; ++i) {
    SensorPort& port = *must(runtime->sensor("s" + std::to_string(i)));
    for (int j = 1 + plan.below(2); j > 0; --j)
      sources.emplace_back([&port, seed, j, levels, frames = 50 + plan.below(200)] {
        push_frames(port, seed * 10 + static_cast<std::uint64_t>(j), j, frames, levels);
      });
  }
  std::optional<Switching> switching;
  if (plan.chance(0.5)) switching.emplace(*runtime, seed);
  const bool early = plan.chance(0.5);
  if (early) {
    std::this_thread::sleep_for(std::chrono::microseconds(plan.below(30000)));
  } else {
    for (std::thread& source : sources) source.join();
    sources.clear();
    for (int i = 0; i < plan.sensors; ++i) must(runtime->sensor("s" + std::to_string(i)))->finish();
  }
  at_end.store(true);
  at_end.notify_all();
  runtime->stop(!early, kDrained);
  for (std::thread& source : sources) source.join();
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(counts.out_of_order, 0);
  EXPECT_EQ(counts.at_once, 0);
  if (!early) check_accounts(runtime->snapshot());
}

TEST(RuntimeStress, RandomPlans) {
  run_seeds(run_once);
}

}  // namespace
}  // namespace edgert::testing
