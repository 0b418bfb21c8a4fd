// Lanes that long runs leave to short ones. Runs can't be interrupted: where all lanes are busy
// with long ones, what is short and due soon is late whatever the order. So the works of some
// groups, or those that are expected to run for longer than a limit, count together, and of these
// at most so many run at once.
//
// Who draws a limited work takes a place, and gives it back when the run ended. Who found no place
// leaves its group unmarked; who gives the last place back marks all groups where something waits.
// As with instances (group.h) both sides are sequentially consistent: either the claimant sees the
// place, or the returner sees what waits. The same holds for who changes the limit.
// Thread rule: set() by one thread at a time, all else from any. Progress: lock-free.
#pragma once

#include <atomic>
#include <climits>
#include <vector>

#include "edgert/base/clock.h"

namespace edgert {

// What is to be kept free, as documents and policies say it.
struct KeepFree {
  int lanes = 0;               // 0: none
  Nanos longer_than = kNever;  // works that are expected to run for longer are limited
  std::vector<bool> groups;    // and all works of these; shorter than there are: the rest isn't
};

// `Atomic` is std::atomic, or a model checker's.
template <template <class> class Atomic>
class BasicLaneQuota {
 public:
  static constexpr int kNoLimit = INT_MAX;

  bool limits(Nanos cost) const { return cost > longer_than_.load(std::memory_order_seq_cst); }

  // Whether take() would find a place.
  bool open() const {
    return taken_.load(std::memory_order_seq_cst) < limit_.load(std::memory_order_seq_cst);
  }
  bool take() {
    int taken = taken_.load(std::memory_order_seq_cst);
    do {
      if (taken >= limit_.load(std::memory_order_seq_cst)) return false;
    } while (!taken_.compare_exchange_weak(taken, taken + 1, std::memory_order_seq_cst));
    return true;
  }
  // True: somebody may have found no place. Mark all groups where something waits.
  bool give_back() {
    return taken_.fetch_sub(1, std::memory_order_seq_cst) >= limit_.load(std::memory_order_seq_cst);
  }

  // Then, too, all groups where something waits are to be marked.
  void set(int limit, Nanos longer_than) {
    limit_.store(limit, std::memory_order_seq_cst);
    longer_than_.store(longer_than, std::memory_order_seq_cst);
  }

 private:
  Atomic<int> taken_{0}, limit_{kNoLimit};
  Atomic<Nanos> longer_than_{kNever};
};

using LaneQuota = BasicLaneQuota<std::atomic>;

}  // namespace edgert
