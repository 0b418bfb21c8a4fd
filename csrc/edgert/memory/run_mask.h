// Which of 64 neighbouring places are taken, in one word: who takes some in a row does so by one
// exchange, and places that were given back are one again with their neighbours by themselves.
//
// Progress: lock-free. A take is tried again only when another take or give succeeded meanwhile.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>

namespace edgert {

// The lowest of `count` free places in a row, or -1. `count` is 1 to 64.
inline int lowest_run(std::uint64_t taken, int count) {
  std::uint64_t starts = ~taken;
  // Bit i stands for a free run from place i; each step makes the runs longer.
  for (int left = count; left > 1; left -= left / 2) starts &= starts >> (left / 2);
  return starts == 0 ? -1 : std::countr_zero(starts);
}

// `Atomic` is std::atomic, or a model checker's.
template <template <class> class Atomic>
class BasicRunMask {
 public:
  // The first of `count` places in a row, or -1.
  int take(int count) {
    std::uint64_t taken = mask_.load(std::memory_order_relaxed);
    for (;;) {
      const int first = lowest_run(taken, count);
      if (first < 0) return -1;
      // Acquire: the uses of who had these places before come first.
      if (mask_.compare_exchange_weak(taken, taken | bits(first, count), std::memory_order_acquire,
                                      std::memory_order_relaxed))
        return first;
    }
  }
  void give(int first, int count) {
    // Release: this holder's uses come before the next one's.
    mask_.fetch_and(~bits(first, count), std::memory_order_release);
  }

 private:
  static std::uint64_t bits(int first, int count) { return (~0ULL >> (64 - count)) << first; }
  Atomic<std::uint64_t> mask_{0};
};

using RunMask = BasicRunMask<std::atomic>;

}  // namespace edgert
