// The executions of one model (or of one transform) that wait: an intake, a heap, and the
// instances on which they may run.
//
// Submitting pushes to the lock-free intake. A lane that wants work claims the group (a try-lock
// bit: whoever fails goes elsewhere), drains the intake into the heap, and draws the best by rank,
// with one free instance. The heap is touched by the claimant only.
//
// Why no work is lost: a submitter pushes, then marks the group ready. The claimant clears the
// mark before it drains, so a push that the drain missed marks after the clear. A draw that fails
// for want of an instance leaves the mark clear; whoever returns an instance marks again when
// anything waits. Both sides of that last exchange are sequentially consistent: either the
// claimant sees the instance, or the returner sees what waits.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>
#include <vector>

#include "edgert/queue/intake_stack.h"
#include "edgert/sched/order.h"
#include "edgert/sched/ready_set.h"
#include "edgert/sched/work.h"

namespace edgert {

// `Atomic` is std::atomic, or a model checker's.
template <template <class> class Atomic>
class BasicGroup {
 public:
  static constexpr int kMaxInstances = 64;

  BasicGroup(std::uint32_t id, int instances, Order order, BasicReadySet<Atomic>& ready);

  void submit(Work* work);

  struct Draw {
    Work* work = nullptr;
    int instance = -1;
    bool contended = false;  // another lane holds the claim: look elsewhere
    bool more = false;       // another lane could draw too
  };
  Draw draw();
  bool give_back(int instance);  // true: something waits that a lane could draw now

  // What waits, drained or not. Stale by moments.
  std::int64_t waiting() const { return waiting_.load(std::memory_order_relaxed); }

 private:
  void drain();
  Work* pop();
  bool later(const Work* a, const Work* b) const {
    return rank_of(*b, order_) < rank_of(*a, order_);
  }

  std::uint32_t id_;
  Order order_;
  BasicReadySet<Atomic>& ready_;
  IntakeStack<Work, Atomic> intake_;
  std::vector<Work*> heap_;
  Atomic<bool> claimed_{false};
  Atomic<std::uint64_t> free_;  // a bit an instance
  Atomic<std::int64_t> waiting_{0};
};

using Group = BasicGroup<std::atomic>;

template <template <class> class Atomic>
BasicGroup<Atomic>::BasicGroup(std::uint32_t id, int instances, Order order,
                               BasicReadySet<Atomic>& ready)
    : id_(id),
      order_(order),
      ready_(ready),
      free_(instances >= kMaxInstances ? ~std::uint64_t{0} : (std::uint64_t{1} << instances) - 1) {
  heap_.reserve(256);
}

template <template <class> class Atomic>
void BasicGroup<Atomic>::submit(Work* work) {
  const std::int64_t key = rank_of(*work, order_).major;
  waiting_.fetch_add(1, std::memory_order_seq_cst);
  intake_.push(work);
  ready_.lower_key(id_, key);
  ready_.mark(id_);
}

template <template <class> class Atomic>
void BasicGroup<Atomic>::drain() {
  for (Work* work = intake_.take_all(); work;) {
    Work* following = work->next;
    heap_.push_back(work);
    std::push_heap(heap_.begin(), heap_.end(), [this](Work* a, Work* b) { return later(a, b); });
    work = following;
  }
}

template <template <class> class Atomic>
Work* BasicGroup<Atomic>::pop() {
  std::pop_heap(heap_.begin(), heap_.end(), [this](Work* a, Work* b) { return later(a, b); });
  Work* work = heap_.back();
  heap_.pop_back();
  return work;
}

template <template <class> class Atomic>
typename BasicGroup<Atomic>::Draw BasicGroup<Atomic>::draw() {
  // Acquire: sees the heap as the last claimant left it.
  if (claimed_.exchange(true, std::memory_order_acquire)) return {nullptr, -1, true, false};
  Draw draw;
  ready_.clear(id_);
  ready_.set_key(id_, BasicReadySet<Atomic>::kLast);
  drain();
  const std::uint64_t free = free_.load(std::memory_order_seq_cst);
  if (!heap_.empty() && free != 0) {
    draw.work = pop();
    draw.instance = std::countr_zero(free);
    // Only the claimant takes bits, so the bit is still there.
    free_.fetch_and(~(std::uint64_t{1} << draw.instance), std::memory_order_seq_cst);
    waiting_.fetch_sub(1, std::memory_order_relaxed);
  }
  if (!heap_.empty()) {
    ready_.lower_key(id_, rank_of(*heap_.front(), order_).major);
    draw.more = free_.load(std::memory_order_seq_cst) != 0;
    if (draw.more) ready_.mark(id_);
  }
  // Release: hands the heap to the next claimant.
  claimed_.store(false, std::memory_order_release);
  return draw;
}

template <template <class> class Atomic>
bool BasicGroup<Atomic>::give_back(int instance) {
  free_.fetch_or(std::uint64_t{1} << instance, std::memory_order_seq_cst);
  if (waiting_.load(std::memory_order_seq_cst) <= 0) return false;
  ready_.mark(id_);
  return true;
}

}  // namespace edgert
