// How much work is admitted and not begun, by deadline: what admission asks before it lets more in.
//
// Deadlines are counted in slots of 8.4 ms over the next second; what is due later is far.
// Thread rule: any thread. Progress: wait-free. Relaxed: each slot counts alone, and sums may be
// off by what changes meanwhile.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "edgert/base/clock.h"

namespace edgert {

class Backlog {
 public:
  static constexpr int kFar = -1;

  // Where work with this deadline is counted, seen from `time`.
  static int slot_of(Nanos deadline, Nanos time) {
    const Nanos ahead = (deadline >> kShift) - (time >> kShift);
    if (ahead >= kSlots) return kFar;
    return static_cast<int>(static_cast<std::uint64_t>(deadline >> kShift) % kSlots);
  }

  void add(int slot, Nanos cost) {
    all_.fetch_add(cost, std::memory_order_relaxed);
    if (slot != kFar) slots_[static_cast<std::size_t>(slot)].fetch_add(cost, kRelaxed);
  }
  void remove(int slot, Nanos cost) { add(slot, -cost); }

  Nanos all() const { return all_.load(kRelaxed); }
  // What is due before `deadline` for certain, that is in a slot before its own: a guess would
  // refuse what can be done. Of what is overdue, nothing.
  Nanos due_by(Nanos deadline, Nanos time) const {
    const Nanos ahead = (deadline >> kShift) - (time >> kShift);
    if (ahead >= kSlots) return all();
    Nanos sum = 0;
    for (Nanos i = 0; i < ahead; ++i)
      sum += slots_[static_cast<std::uint64_t>((time >> kShift) + i) % kSlots].load(kRelaxed);
    return sum;
  }

 private:
  static constexpr auto kRelaxed = std::memory_order_relaxed;
  static constexpr int kShift = 23, kSlots = 128;
  std::array<std::atomic<Nanos>, kSlots> slots_{};
  std::atomic<Nanos> all_{0};
};

}  // namespace edgert
