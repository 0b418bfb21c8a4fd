// What waits and runs on the lanes of one kind, by what it is expected to take: asked before work
// is sent to one of several kinds.
//
// Thread rule: any thread. Progress: wait-free. Relaxed: the numbers count alone, and an estimate
// that is off by what changes meanwhile is one.
#pragma once

#include <algorithm>
#include <atomic>

#include "edgert/base/clock.h"

namespace edgert {

class Workload {
 public:
  void add(Nanos cost) {
    all_.fetch_add(cost, std::memory_order_relaxed);
    works_.fetch_add(1, std::memory_order_relaxed);
  }
  void remove(Nanos cost) {
    all_.fetch_sub(cost, std::memory_order_relaxed);
    works_.fetch_sub(1, std::memory_order_relaxed);
  }

  // How long more work would wait for one of so many lanes: none while one has nothing to do; else
  // its part of all that is there, as if what runs had just begun.
  Nanos wait(int lanes) const {
    if (works_.load(std::memory_order_relaxed) < lanes) return 0;
    return std::max<Nanos>(0, all_.load(std::memory_order_relaxed)) / std::max(1, lanes);
  }

 private:
  std::atomic<Nanos> all_{0};
  std::atomic<int> works_{0};
};

}  // namespace edgert
