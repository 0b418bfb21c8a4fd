// Lets a thread sleep until something may have changed, without a lock on the notifier's side.
//
//   for (;;) {
//     if (try_work()) continue;
//     auto ticket = events.prepare();   // from here on, a notify wakes us
//     if (try_work()) { events.cancel(); continue; }
//     events.wait(ticket);
//   }
//
// Why no wake is lost: prepare() and notify() both exchange `waiters_`, so one comes first. If the
// notifier is second, it sees the waiter and wakes it. If the waiter is second, it acquires what
// the notifier released, and its second look sees the work.
// Thread rule: any number of waiters and notifiers. notify with no waiter costs one atomic
// addition. A waiter may wake for nothing and must look again.
#pragma once

#include <atomic>
#include <cstdint>

#include "edgert/base/clock.h"

namespace edgert {

// How a waiter sleeps: while `word` holds `value`, by the kernel's futex.
struct Futex {
  static void wait(std::atomic<std::uint32_t>& word, std::uint32_t value, Nanos deadline);
  static void wake(std::atomic<std::uint32_t>& word, std::int32_t count);
};

// `Atomic` and `Sleep` are std::atomic and Futex, or a model checker's.
template <template <class> class Atomic, class Sleep>
class BasicEventCount {
 public:
  using Ticket = std::uint32_t;

  Ticket prepare() {
    // The epoch first (acquire: not after the announcement), so that whoever counts this waiter
    // moves the epoch on from here. The other way round a notify in between would be taken in by a
    // waiter that sleeps all the same.
    const Ticket ticket = epoch_.load(std::memory_order_acquire);
    // Release: a later notifier sees this waiter. Acquire: this waiter sees an earlier one's work.
    // Sequentially consistent for has_waiters().
    waiters_.fetch_add(1, std::memory_order_seq_cst);
    return ticket;
  }
  // Relaxed: a notifier that still counts this waiter wakes for nothing.
  void cancel() { waiters_.fetch_sub(1, std::memory_order_relaxed); }

  // Sleeps until a notify after prepare(), or until `deadline` (monotonic). False: timed out.
  bool wait(Ticket ticket, Nanos deadline = kNever) {
    bool notified = true;
    while (epoch_.load(std::memory_order_acquire) == ticket) {
      if (deadline != kNever && now() >= deadline) {
        notified = false;
        break;
      }
      Sleep::wait(epoch_, ticket, deadline);
    }
    cancel();
    return notified;
  }

  // True: somebody waited, or was about to; of those who were counted, one at least returns from
  // wait(), or cancels, after this.
  bool notify_one() { return notify(1); }
  bool notify_all() { return notify(INT32_MAX); }
  bool has_waiters() const { return waiters_.load(std::memory_order_seq_cst) > 0; }
  int waiters() const { return waiters_.load(std::memory_order_relaxed); }  // of the last moments

 private:
  bool notify(std::int32_t count) {
    // An exchange that changes nothing; a load could be overtaken by the work that came before.
    if (waiters_.fetch_add(0, std::memory_order_acq_rel) == 0) return false;
    epoch_.fetch_add(1, std::memory_order_release);
    Sleep::wake(epoch_, count);
    return true;
  }

  Atomic<std::uint32_t> epoch_{0};
  Atomic<std::int32_t> waiters_{0};
};

using EventCount = BasicEventCount<std::atomic, Futex>;

}  // namespace edgert
