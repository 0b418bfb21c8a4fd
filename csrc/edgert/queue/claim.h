// Work that one thread at a time does for all who ask for it.
//
// serve() asks, and whoever raises the count from zero works until it has served every request
// that came meanwhile; the others return at once. So what the work touches needs no lock, and no
// request is lost: what was written before a serve() is seen by a run of the work that begins
// after it.
//
// Progress: lock-free; a worker that is descheduled delays what it works for, and nobody waits.
#pragma once

#include <atomic>
#include <cstdint>

namespace edgert {

// `Atomic` is std::atomic, or a model checker's.
template <template <class> class Atomic>
class BasicClaim {
 public:
  // Any thread. True: this one worked. `work` may be run several times.
  template <class Work>
  bool serve(Work&& work) {
    // Release: what this thread wrote is the worker's to see. Acquire: of a new worker, all that
    // the last one left.
    if (requests_.fetch_add(1, std::memory_order_acq_rel) != 0) return false;
    std::int64_t served = 1;
    do {
      served = requests_.load(std::memory_order_acquire);
      work();
    } while (requests_.fetch_sub(served, std::memory_order_acq_rel) != served);
    return true;
  }

 private:
  Atomic<std::int64_t> requests_{0};
};

using Claim = BasicClaim<std::atomic>;

}  // namespace edgert
