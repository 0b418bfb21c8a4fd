#include "edgert/queue/event_count.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace edgert {
namespace {

static_assert(sizeof(std::atomic<std::uint32_t>) == 4, "a futex is a 32-bit word");

void futex(std::atomic<std::uint32_t>& word, int operation, std::uint32_t value,
           const timespec* timeout, std::uint32_t bits) {
  syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&word), operation | FUTEX_PRIVATE_FLAG, value,
          timeout, nullptr, bits);
}

}  // namespace

void Futex::wait(std::atomic<std::uint32_t>& word, std::uint32_t value, Nanos deadline) {
  // FUTEX_WAIT_BITSET takes an absolute CLOCK_MONOTONIC time, which steady_clock is on Linux.
  const timespec until{deadline / kSecond, deadline % kSecond};
  futex(word, FUTEX_WAIT_BITSET, value, deadline == kNever ? nullptr : &until,
        FUTEX_BITSET_MATCH_ANY);
}

void Futex::wake(std::atomic<std::uint32_t>& word, std::int32_t count) {
  futex(word, FUTEX_WAKE, static_cast<std::uint32_t>(count), nullptr, 0);
}

}  // namespace edgert
