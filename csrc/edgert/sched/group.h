// The executions of one model (or of one transform) that wait: an intake, a heap, and the
// instances on which they may run.
//
// Submitting pushes to the lock-free intake. A lane that wants work claims the group (a try-lock
// bit: whoever fails goes elsewhere), drains the intake into the heap, and draws the best by rank,
// with one free instance; and those that are best then, as long as the caller wants more to run on
// that instance. The heap is touched by the claimant only. Ranks are given before the work is
// submitted (ranker.h).
//
// Why no work is lost: a submitter pushes, then marks the group ready. The claimant clears the
// mark before it drains, so a push that the drain missed marks after the clear. A draw that fails
// for want of an instance leaves the mark clear; whoever returns an instance marks again when
// anything waits. Both sides of that last exchange are sequentially consistent: either the
// claimant sees the instance, or the returner sees what waits. The same goes for a place among the
// works that leave lanes free (lane_quota.h).
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>

#include "edgert/queue/intake_stack.h"
#include "edgert/sched/handful.h"
#include "edgert/sched/lane_quota.h"
#include "edgert/sched/ready_set.h"
#include "edgert/sched/waiting_heap.h"
#include "edgert/sched/work.h"

namespace edgert {

// `Atomic` is std::atomic, or a model checker's.
template <template <class> class Atomic>
class BasicGroup {
 public:
  static constexpr int kMaxInstances = 64;

  // `shares` is where turns under `fair` come from; null: there are none. `quota`: what limited
  // works share; null: nothing is limited.
  BasicGroup(std::uint32_t id, int instances, BasicReadySet<Atomic>& ready,
             const FairShare* shares = nullptr, BasicLaneQuota<Atomic>* quota = nullptr);

  void submit(Work* work);
  // An owner who came late brings work of this group a better major rank. Whether it waits, was
  // drawn or was not even submitted: in the last case it is pushed with that rank.
  void raise(Work* work, std::int64_t major);

  struct Draw : Handful {
    int instance = -1;
    bool contended = false;  // another lane holds the claim: look elsewhere
    bool more = false;       // another lane could draw too
    bool limited = false;    // it holds a place of the quota: who ends the run gives it back
  };
  // `joins(drawn, next)` is asked whether the next best is drawn, too; it holds up other lanes.
  template <class Joins>
  Draw draw(Joins&& joins);
  Draw draw() {
    return draw([](const Handful&, const Work&) { return false; });
  }
  bool give_back(int instance);  // true: something waits that a lane could draw now
  // Nothing waits or runs; somebody else's from now on.
  void reset(int instances) {
    limited_.store(false, std::memory_order_seq_cst);
    free_.store(mask_of(instances), std::memory_order_seq_cst);
  }
  // All its works are limited from now on, or those that the quota says.
  void limit(bool all) { limited_.store(all, std::memory_order_seq_cst); }
  // For who gave a place of the quota back, or changed a limit. True: something waits.
  bool mark_waiting();

  // What waits, drained or not. Stale by moments.
  std::int64_t waiting() const { return waiting_.load(std::memory_order_relaxed); }

 private:
  static std::uint64_t mask_of(int instances) {
    return instances >= kMaxInstances ? ~std::uint64_t{0} : (std::uint64_t{1} << instances) - 1;
  }
  void drain();
  bool is_limited(const Work& work) const {
    return quota_ && (limited_.load(std::memory_order_seq_cst) || quota_->limits(work.cost));
  }

  std::uint32_t id_;
  BasicReadySet<Atomic>& ready_;
  BasicLaneQuota<Atomic>* quota_;
  IntakeStack<Work, Atomic> intake_;
  WaitingHeap heap_;
  Atomic<bool> claimed_{false};
  Atomic<bool> raised_{false};
  Atomic<bool> limited_{false};
  Atomic<std::uint64_t> free_;  // a bit an instance
  Atomic<std::int64_t> waiting_{0};
};

using Group = BasicGroup<std::atomic>;

template <template <class> class Atomic>
BasicGroup<Atomic>::BasicGroup(std::uint32_t id, int instances, BasicReadySet<Atomic>& ready,
                               const FairShare* shares, BasicLaneQuota<Atomic>* quota)
    : id_(id), ready_(ready), quota_(quota), heap_(shares), free_(mask_of(instances)) {}

template <template <class> class Atomic>
void BasicGroup<Atomic>::submit(Work* work) {
  // Somebody may have raised it before it came; at this moment, who drains sees that. Sequentially
  // consistent with raise(): where work is submitted to one of several groups, who raises it in
  // another one looks again after that (Executor::raise()).
  const std::int64_t major =
      std::min(work->rank.major, work->raised.load(std::memory_order_seq_cst));
  const std::int64_t key = major + work->patience;
  waiting_.fetch_add(1, std::memory_order_seq_cst);
  intake_.push(work);
  ready_.lower_key(id_, key);
  ready_.mark(id_);
}

template <template <class> class Atomic>
void BasicGroup<Atomic>::raise(Work* work, std::int64_t major) {
  std::int64_t current = work->raised.load(std::memory_order_relaxed);
  while (major < current &&
         !work->raised.compare_exchange_weak(current, major, std::memory_order_seq_cst,
                                             std::memory_order_relaxed)) {
  }
  // Release: the claimant that sees this sees the new rank.
  raised_.store(true, std::memory_order_release);
  if (waiting_.load(std::memory_order_relaxed) > 0) ready_.lower_key(id_, major);
}

template <template <class> class Atomic>
void BasicGroup<Atomic>::drain() {
  for (Work* work = intake_.take_all(); work;) {
    Work* following = work->next;
    heap_.push(work);
    work = following;
  }
  if (raised_.load(std::memory_order_relaxed) && raised_.exchange(false, std::memory_order_acquire))
    heap_.raise();
}

template <template <class> class Atomic>
template <class Joins>
typename BasicGroup<Atomic>::Draw BasicGroup<Atomic>::draw(Joins&& joins) {
  Draw draw;
  // Acquire: sees the heap as the last claimant left it.
  if (claimed_.exchange(true, std::memory_order_acquire)) {
    draw.contended = true;
    return draw;
  }
  ready_.clear(id_);
  ready_.set_key(id_, BasicReadySet<Atomic>::kLast);
  drain();
  const std::uint64_t free = free_.load(std::memory_order_seq_cst);
  const bool limited = !heap_.empty() && free != 0 && is_limited(heap_.front());
  if (!heap_.empty() && free != 0 && (!limited || quota_->take())) {
    draw.limited = limited;
    do draw.add(heap_.pop());
    while (!heap_.empty() && joins(draw, heap_.front()));
    draw.instance = std::countr_zero(free);
    // Only the claimant takes bits, so the bit is still there.
    free_.fetch_and(~(std::uint64_t{1} << draw.instance), std::memory_order_seq_cst);
    waiting_.fetch_sub(draw.count, std::memory_order_relaxed);
  }
  if (!heap_.empty()) {
    ready_.lower_key(id_, heap_.best());
    draw.more = free_.load(std::memory_order_seq_cst) != 0 &&
                (!is_limited(heap_.front()) || quota_->open());
    if (draw.more) ready_.mark(id_);
  }
  // Release: hands the heap to the next claimant.
  claimed_.store(false, std::memory_order_release);
  return draw;
}

template <template <class> class Atomic>
bool BasicGroup<Atomic>::give_back(int instance) {
  free_.fetch_or(std::uint64_t{1} << instance, std::memory_order_seq_cst);
  return mark_waiting();
}

template <template <class> class Atomic>
bool BasicGroup<Atomic>::mark_waiting() {
  if (waiting_.load(std::memory_order_seq_cst) <= 0) return false;
  ready_.mark(id_);
  return true;
}

}  // namespace edgert
