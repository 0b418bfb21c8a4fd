// The last answer that a pipeline had, for results that come too late (on_miss: last).
//
// Thread rule: keep() from any thread; give() by one thread at a time. Progress: lock-free; what is
// kept has one owner at a time, who took it out of the slot.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "edgert/memory/pool.h"
#include "edgert/plan/answer.h"

namespace edgert {

class LastAnswer {
 public:
  // Unless a newer one is there.
  void keep(const std::vector<ResultOutput>& outputs, Nanos capture) {
    Kept* kept = pool_.take([] { return std::make_unique<Kept>(); });
    if (!kept) return;  // as many threads keep one at this moment: the next one will do
    kept->outputs = outputs;
    kept->capture = capture;
    // Acquire and release: what is in the slot goes from owner to owner.
    Kept* old = slot_.exchange(kept, std::memory_order_acq_rel);
    if (old && old->capture > capture) old = slot_.exchange(old, std::memory_order_acq_rel);
    release(old);
  }

  // Copies the references into `into`. False: there is none yet.
  bool give(std::vector<ResultOutput>& into, Nanos& capture) {
    Kept* taken = slot_.exchange(nullptr, std::memory_order_acq_rel);
    if (!taken) return false;
    into = taken->outputs;
    capture = taken->capture;
    Kept* empty = nullptr;
    if (!slot_.compare_exchange_strong(empty, taken, std::memory_order_acq_rel)) release(taken);
    return true;
  }

 private:
  struct Kept {
    std::vector<ResultOutput> outputs;
    Nanos capture = 0;
    std::uint32_t pool_index = 0;
  };
  void release(Kept* kept) {
    if (!kept) return;
    for (ResultOutput& output : kept->outputs) output = {};
    pool_.give(kept);
  }

  ObjectPool<Kept> pool_{64};
  std::atomic<Kept*> slot_{nullptr};
};

}  // namespace edgert
