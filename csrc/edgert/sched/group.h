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

#include <atomic>
#include <cstdint>
#include <vector>

#include "edgert/queue/intake_stack.h"
#include "edgert/sched/order.h"
#include "edgert/sched/ready_set.h"
#include "edgert/sched/work.h"

namespace edgert {

class Group {
 public:
  static constexpr int kMaxInstances = 64;

  Group(std::uint32_t id, int instances, Order order, ReadySet& ready);

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
  bool later(const Work* a, const Work* b) const { return rank_of(*b, order_) < rank_of(*a, order_); }

  std::uint32_t id_;
  Order order_;
  ReadySet& ready_;
  IntakeStack<Work> intake_;
  std::vector<Work*> heap_;
  std::atomic<bool> claimed_{false};
  std::atomic<std::uint64_t> free_;  // a bit an instance
  std::atomic<std::int64_t> waiting_{0};
};

}  // namespace edgert
