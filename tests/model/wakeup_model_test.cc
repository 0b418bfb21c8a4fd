// The lanes' wake protocol: no work waits beside a lane that sleeps, whatever the interleaving.
#include "edgert/sched/group.h"
#include "edgert/sched/wakeup.h"
#include "model_atomic.h"

namespace edgert::model {
namespace {

// Two submitters bring a piece each, to `kGroups` groups, and two lanes run the scheduler's loop.
// A piece ends only when the other has begun too, so each needs a lane of its own: a wake that is
// lost leaves one lane asleep for good, and the test does not end. Then the lanes are stopped.
// `kWoken`: one of the lanes was woken before for what another took, and its search is about to
// end when both pieces come.
template <int kGroups, int kInstances, bool kWoken = false>
struct Lanes : rl::test_suite<Lanes<kGroups, kInstances, kWoken>, 4> {
  static constexpr auto kNone = BasicReadySet<Atomic>::kNone;
  std::optional<BasicReadySet<Atomic>> ready;
  std::optional<BasicGroup<Atomic>> groups[2];
  std::optional<BasicWakeup<Atomic, ModelFutex, 2>> wakeup;
  std::optional<std::array<Plain<int>, 2>> payloads;
  Work pieces[2];
  int begun, ended;

  void before() {
    ModelFutex::reset();
    ready.emplace(2);
    for (std::uint32_t id = 0; id < 2; ++id) groups[id].emplace(id, kInstances, *ready);
    wakeup.emplace(*ready);
    payloads.emplace();
    begun = ended = 0;
  }

  void submit(unsigned index) {
    (*payloads)[index] = 7;
    groups[index % kGroups]->submit(&pieces[index]);
    wakeup->wake_one();
  }

  void run(Work* work) {
    RL_ASSERT((*payloads)[static_cast<std::size_t>(work - pieces)] == 7);
    for (++begun; begun < 2;) rl::yield(1, RL_INFO);
    if (++ended == 2) wakeup->stop();
  }

  // As Scheduler::run_one.
  bool run_one() {
    std::uint32_t contended = kNone;
    for (;;) {
      const std::uint32_t id = ready->best(contended);
      if (id == kNone) return false;
      const auto draw = groups[id]->draw();
      if (draw.contended) {
        if (contended != kNone) return false;
        contended = id;
        continue;
      }
      if (!draw.first) continue;
      if (draw.more) wakeup->wake_one();
      run(draw.first);
      if (groups[id]->give_back(draw.instance)) wakeup->wake_one();
      return true;
    }
  }

  // As Scheduler::loop.
  void lane() {
    while (!wakeup->stopping()) {
      if (run_one() || (wakeup->search() && run_one())) continue;
      wakeup->sleep();
      if (wakeup->search()) run_one();
    }
  }

  void thread(unsigned index) {
    if (index < 2) return submit(index);
    if (kWoken && index == 2 && wakeup->search()) run_one();
    lane();
  }
  void after() {
    RL_ASSERT(ended == 2);
    for (auto& group : groups) group.reset();
    wakeup.reset();
    ready.reset();
    payloads.reset();
  }
};

TEST(Model, NoLaneSleepsBesideWorkOfTwoGroups) {
  EXPECT_TRUE((holds<Lanes<2, 1>>(100000)));
}

TEST(Model, NoLaneSleepsBesideWorkOfOneGroup) {
  EXPECT_TRUE((holds<Lanes<1, 2>>(100000)));
}

TEST(Model, NoLaneSleepsBesideWorkThatCameAsASearchEnded) {
  EXPECT_TRUE((holds<Lanes<2, 1, true>>(300000)));
  EXPECT_TRUE((holds<Lanes<1, 2, true>>(300000)));
}

}  // namespace
}  // namespace edgert::model
