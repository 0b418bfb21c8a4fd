// Limited works of several groups: never more at once than may be, and no place that came free is
// overlooked, whoever changes the limit meanwhile.
#include "edgert/sched/group.h"
#include "edgert/sched/lane_quota.h"
#include "edgert/sched/wakeup.h"
#include "model_atomic.h"

namespace edgert::model {
namespace {

constexpr auto kNone = BasicReadySet<Atomic>::kNone;

// Two groups of two instances whose works share one place, and lanes that run the scheduler's loop
// until both pieces have run.
struct Limited {
  std::optional<BasicReadySet<Atomic>> ready;
  std::optional<BasicLaneQuota<Atomic>> quota;
  std::optional<BasicGroup<Atomic>> groups[2];
  std::optional<BasicWakeup<Atomic, ModelFutex, 2>> wakeup;
  std::optional<Plain<int>> place;  // guarded by the quota
  Work pieces[2];
  int ended;

  void make(int limit) {
    ModelFutex::reset();
    ready.emplace(2);
    quota.emplace();
    quota->set(limit, kNever);
    for (std::uint32_t id = 0; id < 2; ++id) {
      groups[id].emplace(id, 2, *ready, nullptr, &*quota);
      groups[id]->limit(true);
    }
    wakeup.emplace(*ready);
    place.emplace(0);
    ended = 0;
  }
  void unmake() {
    RL_ASSERT(ended == 2);
    RL_ASSERT(quota->open());
    for (auto& group : groups) group.reset();
    wakeup.reset();
    quota.reset();
    ready.reset();
    place.reset();
  }

  void submit(unsigned index) {
    groups[index]->submit(&pieces[index]);
    wakeup->wake_one();
  }
  // As Scheduler::mark_waiting.
  void mark_waiting() {
    bool any = false;
    for (auto& group : groups) any |= group->mark_waiting();
    if (any) wakeup->wake_one();
  }
  // As Scheduler::run_one.
  bool run_one(bool exclusive) {
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
      if (exclusive) *place = *place + 1;
      const bool last = ++ended == 2;
      if (groups[id]->give_back(draw.instance)) wakeup->wake_one();
      if (draw.limited && quota->give_back()) mark_waiting();
      if (last) wakeup->stop();
      return true;
    }
  }
  // As Scheduler::loop.
  void lane(bool exclusive) {
    while (!wakeup->stopping()) {
      if (run_one(exclusive) || (wakeup->search() && run_one(exclusive))) continue;
      wakeup->sleep();
      if (wakeup->search()) run_one(exclusive);
    }
  }
};

struct OneAtATime : rl::test_suite<OneAtATime, 4>, Limited {
  void before() { make(1); }
  void thread(unsigned index) {
    if (index < 2) return submit(index);
    lane(true);
  }
  void after() { unmake(); }
};

TEST(Model, LimitedWorksRunOneAtATimeAndNoneIsForgotten) {
  EXPECT_TRUE(holds<OneAtATime>(100000));
}

// Nothing may run until the limit is raised, or one group is no longer limited and the other's
// turn comes with the limit.
template <bool one_by_one>
struct Raised : rl::test_suite<Raised<one_by_one>, 4>, Limited {
  void before() { make(0); }
  void thread(unsigned index) {
    if (index == 0) return submit(0), submit(1);
    if (index > 1) return lane(false);
    if (one_by_one) {
      groups[0]->limit(false);
      mark_waiting();
    }
    quota->set(1, kNever);
    mark_waiting();
  }
  void after() { unmake(); }
};

TEST(Model, WhatALimitHeldBackRunsWhenItIsRaised) {
  EXPECT_TRUE(holds<Raised<false>>(100000));
}

TEST(Model, WhatWasLimitedRunsWhenItNoLongerIs) {
  EXPECT_TRUE(holds<Raised<true>>(100000));
}

}  // namespace
}  // namespace edgert::model
