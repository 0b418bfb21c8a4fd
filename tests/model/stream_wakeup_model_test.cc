// One thread that serves a device's streams: it sleeps for work, or rests for completions while no
// place is free, and misses neither, whatever the interleaving.
#include "edgert/sched/group.h"
#include "edgert/sched/wakeup.h"
#include "model_atomic.h"

namespace edgert::model {
namespace {

// A submitter brings two pieces, a device with `kPlaces` places completes what is enqueued and
// pokes, and the serving thread runs the loop of StreamLanes. A poke or a wake that is lost leaves
// it asleep for good, and the test does not end. The device's results are plain: they are to be
// seen by who takes the completion. Enqueuing and completing are no more than release and acquire.
template <int kPlaces>
struct Streams : rl::test_suite<Streams<kPlaces>, 3> {
  static constexpr auto kNone = BasicReadySet<Atomic>::kNone;
  std::optional<BasicReadySet<Atomic>> ready;
  std::optional<BasicGroup<Atomic>> group;
  std::optional<BasicWakeup<Atomic, ModelFutex, 2>> wakeup;
  std::optional<std::array<Plain<int>, 2>> results;
  std::optional<Atomic<int>> enqueued, completed;
  Work pieces[2];
  int instances[2];
  int taken, in_flight;

  void before() {
    ModelFutex::reset();
    ready.emplace(1);
    group.emplace(0, 2, *ready);
    wakeup.emplace(*ready);
    results.emplace();
    enqueued.emplace(0);
    completed.emplace(0);
    taken = in_flight = 0;
  }

  void submit() {
    for (Work& piece : pieces) {
      group->submit(&piece);
      wakeup->wake_one();
    }
  }

  void device() {
    for (int done = 0; done < 2; ++done) {
      while (enqueued->load(std::memory_order_acquire) <= done) rl::yield(1, RL_INFO);
      (*results)[static_cast<std::size_t>(done)] = 7;
      completed->store(done + 1, std::memory_order_release);
      wakeup->poke();
    }
  }

  bool ready_to_take() { return completed->load(std::memory_order_acquire) > taken; }

  // As StreamLanes::complete_one.
  bool complete_one() {
    if (!ready_to_take()) return false;
    RL_ASSERT((*results)[static_cast<std::size_t>(taken)] == 7);
    const int instance = instances[taken++];
    --in_flight;
    if (group->give_back(instance)) wakeup->wake_one();
    if (taken == 2) wakeup->stop();
    return true;
  }

  // As StreamLanes::feed, Queues::draw.
  bool feed() {
    bool any = false;
    while (in_flight < kPlaces && ready->best() != kNone) {
      const auto draw = group->draw();
      if (!draw.first) continue;
      if (draw.more) wakeup->wake_one();
      instances[taken + in_flight++] = draw.instance;
      enqueued->store(taken + in_flight, std::memory_order_release);
      any = true;
    }
    return any;
  }

  bool step() {
    bool any = false;
    while (complete_one()) any = true;
    return feed() || any;
  }

  // As StreamLanes::loop.
  void serve() {
    const auto looks = [this] { return ready_to_take(); };
    while (!wakeup->stopping()) {
      if (step()) continue;
      if (in_flight == kPlaces)
        wakeup->rest([&] { return wakeup->stopping() || looks(); });
      else if (!wakeup->search())
        wakeup->sleep(looks);
    }
  }

  void thread(unsigned index) {
    if (index == 0) return submit();
    if (index == 1) return device();
    serve();
  }
  void after() {
    RL_ASSERT(taken == 2 && in_flight == 0);
    group.reset();
    wakeup.reset();
    ready.reset();
    results.reset();
    enqueued.reset();
    completed.reset();
  }
};

TEST(Model, WhoServesStreamsRestsThroughNoCompletion) {
  EXPECT_TRUE((holds<Streams<1>>(100000)));
}

TEST(Model, WhoServesStreamsSleepsThroughNoWorkAndNoCompletion) {
  EXPECT_TRUE((holds<Streams<2>>(100000)));
}

// A thread that rests is stopped as well: nothing completes, and stop() is what wakes it.
struct Stopped : rl::test_suite<Stopped, 2> {
  std::optional<BasicReadySet<Atomic>> ready;
  std::optional<BasicWakeup<Atomic, ModelFutex, 2>> wakeup;

  void before() {
    ModelFutex::reset();
    ready.emplace(1);
    wakeup.emplace(*ready);
  }
  void thread(unsigned index) {
    if (index == 0) return wakeup->stop();
    while (!wakeup->stopping()) wakeup->rest([this] { return wakeup->stopping(); });
  }
  void after() {
    wakeup.reset();
    ready.reset();
  }
};

TEST(Model, WhoRestsIsStopped) {
  EXPECT_TRUE((holds<Stopped>(20000)));
}

}  // namespace
}  // namespace edgert::model
