// Lets a thread sleep until something may have changed, without a lock on the notifier's side.
//
//   for (;;) {
//     if (try_work()) continue;
//     auto ticket = events.prepare();   // from here on, a notify wakes us
//     if (try_work()) { events.cancel(); continue; }
//     events.wait(ticket);
//   }
//
// Thread rule: any number of waiters and notifiers. notify with no waiter costs one fence and one
// load. A waiter may wake for nothing and must look again.
#pragma once

#include <atomic>
#include <cstdint>

#include "edgert/base/clock.h"

namespace edgert {

class EventCount {
 public:
  using Ticket = std::uint32_t;

  Ticket prepare() {
    // Sequentially consistent, as the fence in notify: either the notifier sees this waiter, or
    // this waiter's second look sees the notifier's work.
    waiters_.fetch_add(1, std::memory_order_seq_cst);
    return epoch_.load(std::memory_order_seq_cst);
  }
  void cancel() { waiters_.fetch_sub(1, std::memory_order_relaxed); }

  // Sleeps until a notify after prepare(), or until `deadline` (monotonic). False: timed out.
  bool wait(Ticket ticket, Nanos deadline = kNever);

  // True: somebody waited, or was about to.
  bool notify_one() { return notify(1); }
  bool notify_all() { return notify(INT32_MAX); }
  bool has_waiters() const { return waiters_.load(std::memory_order_seq_cst) > 0; }

 private:
  bool notify(std::int32_t count) {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (waiters_.load(std::memory_order_relaxed) == 0) return false;
    wake(count);
    return true;
  }
  void wake(std::int32_t count);

  std::atomic<std::uint32_t> epoch_{0};
  std::atomic<std::int32_t> waiters_{0};
};

}  // namespace edgert
