// What waits and what runs, by deadline and by what it still needs of the lanes: what is asked when
// it is to be decided which works can be in time together (triage.h).
//
// A place a work, taken when it is submitted and given back when its run ended. Where all places
// are taken a work has none: it is drawn all the same, and others don't count on it.
// Thread rule: any thread; a place is changed by who has it. Progress: lock-free; reading
// wait-free. Memory orders: a place is given back with release and taken with acquire, so what its
// last owner wrote never comes after what the next one does. A deadline is released after what
// belongs to it and acquired first, so who reads it finds that need, or a later one; where the
// place changes hands meanwhile it may be the next work's, and the estimate is off by one work.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "edgert/base/clock.h"

namespace edgert {

// One work as others see it.
struct DueWork {
  Nanos due;         // kNever: it only keeps a lane
  Nanos need;        // of a lane until then; of one that runs: after the run at hand
  Nanos busy_until;  // its run is expected to end then; 0: it waits
};

// `Atomic` is std::atomic, or a model checker's. `kWords`: of 64 places.
template <template <class> class Atomic, std::size_t kWords>
class BasicDueBoard {
 public:
  static constexpr int kNone = -1;
  static constexpr std::size_t kPlaces = 64 * kWords;

  // kNone: there is no place left.
  int add(const DueWork& work) {
    for (std::size_t word = 0; word < kWords; ++word) {
      std::uint64_t taken = taken_[word].load(std::memory_order_relaxed);
      while (~taken != 0) {
        const int bit = std::countr_one(taken);
        if (!taken_[word].compare_exchange_weak(taken, taken | std::uint64_t{1} << bit,
                                                std::memory_order_acquire))
          continue;
        const int place = static_cast<int>(word) * 64 + bit;
        set(place, work);
        return place;
      }
    }
    return kNone;
  }
  void set(int place, const DueWork& work) {
    Place& at = places_[static_cast<std::size_t>(place)];
    at.need.store(work.need, std::memory_order_relaxed);
    at.busy_until.store(work.busy_until, std::memory_order_relaxed);
    at.due.store(work.due, std::memory_order_release);
  }
  void remove(int place) {
    const auto index = static_cast<std::size_t>(place);
    places_[index].busy_until.store(0, std::memory_order_relaxed);
    places_[index].due.store(kNever, std::memory_order_release);
    taken_[index / 64].fetch_and(~(std::uint64_t{1} << index % 64), std::memory_order_release);
  }

  // All but the one at `own`; how many there are.
  std::size_t read(int own, std::span<DueWork, kPlaces> into) const {
    std::size_t count = 0;
    for (std::size_t word = 0; word < kWords; ++word) {
      std::uint64_t left = taken_[word].load(std::memory_order_relaxed);
      for (; left != 0; left &= left - 1) {
        const std::size_t place = word * 64 + static_cast<std::size_t>(std::countr_zero(left));
        if (static_cast<int>(place) == own) continue;
        const Place& at = places_[place];
        const Nanos due = at.due.load(std::memory_order_acquire);
        into[count++] = {due, at.need.load(std::memory_order_relaxed),
                         at.busy_until.load(std::memory_order_relaxed)};
      }
    }
    return count;
  }

 private:
  struct Place {
    Atomic<Nanos> due{kNever}, need{0}, busy_until{0};
  };
  std::array<Atomic<std::uint64_t>, kWords> taken_{};
  std::array<Place, kPlaces> places_{};
};

using DueBoard = BasicDueBoard<std::atomic, 8>;

}  // namespace edgert
