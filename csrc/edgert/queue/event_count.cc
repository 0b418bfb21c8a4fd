#include "edgert/queue/event_count.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace edgert {
namespace {

static_assert(sizeof(std::atomic<std::uint32_t>) == 4, "a futex is a 32-bit word");

long futex(std::atomic<std::uint32_t>* word, int operation, std::uint32_t value,
           const timespec* timeout, std::uint32_t bits) {
  return syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(word),
                 operation | FUTEX_PRIVATE_FLAG, value, timeout, nullptr, bits);
}

}  // namespace

bool EventCount::wait(Ticket ticket, Nanos deadline) {
  bool timed_out = false;
  while (epoch_.load(std::memory_order_acquire) == ticket) {
    if (deadline == kNever) {
      futex(&epoch_, FUTEX_WAIT_BITSET, ticket, nullptr, FUTEX_BITSET_MATCH_ANY);
      continue;
    }
    if (now() >= deadline) {
      timed_out = true;
      break;
    }
    // FUTEX_WAIT_BITSET takes an absolute CLOCK_MONOTONIC time, which steady_clock is on Linux.
    const timespec until{deadline / kSecond, deadline % kSecond};
    futex(&epoch_, FUTEX_WAIT_BITSET, ticket, &until, FUTEX_BITSET_MATCH_ANY);
  }
  waiters_.fetch_sub(1, std::memory_order_relaxed);
  return !timed_out;
}

void EventCount::wake(std::int32_t count) {
  epoch_.fetch_add(1, std::memory_order_seq_cst);
  futex(&epoch_, FUTEX_WAKE, static_cast<std::uint32_t>(count), nullptr, 0);
}

}  // namespace edgert
