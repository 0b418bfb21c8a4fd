// Lets the executions of a stateful node run in the order of their tickets, one at a time,
// however they become ready. Nobody waits: who arrives too early is parked and is run by whoever
// passes the turn to it.
//
// Thread rule: tickets are assigned by one thread at a time, in frame order. arrive() and pass()
// may be called from any thread; pass() only by who was given the turn.
// Invariant: at most `capacity` tickets are outstanding. One is so from assign() until pass() moved
// the turn on from it: while its holder works its place is empty, and an item parked there for a
// ticket a round later would be taken for the one whose turn it is.
// Progress: lock-free; a claim is repeated only when it slept for a whole round of the ring.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

namespace edgert {

template <class T, template <class> class Atomic = std::atomic>
class Sequencer {
 public:
  explicit Sequencer(std::uint64_t capacity) {
    std::uint64_t power = 1;
    while (power < capacity) power *= 2;
    mask_ = power - 1;
    parked_.reset(new Atomic<T*>[power]);
    for (std::uint64_t i = 0; i < power; ++i) parked_[i].store(nullptr, std::memory_order_relaxed);
  }

  std::uint64_t assign() { return assigned_++; }

  // `item` is ready to take its turn. Returns who has the turn now and is to be run by the caller,
  // which may be another item, or null.
  T* arrive(std::uint64_t ticket, T* item) {
    // Sequentially consistent, as the advance in pass(): either the passer sees the item parked,
    // or this thread sees the turn come.
    parked_[ticket & mask_].store(item, std::memory_order_seq_cst);
    return claim();
  }

  // The holder of the turn is done. Returns who has it next and is to be run by the caller.
  T* pass() {
    turn_.fetch_add(1, std::memory_order_seq_cst);
    return claim();
  }

 private:
  T* claim() {
    for (;;) {
      const std::uint64_t turn = turn_.load(std::memory_order_seq_cst);
      Atomic<T*>& place = parked_[turn & mask_];
      T* item = place.load(std::memory_order_seq_cst);
      if (!item) return nullptr;
      // Only one of several claimants takes it out; while it runs the place is empty.
      if (!place.compare_exchange_strong(item, nullptr, std::memory_order_seq_cst)) return nullptr;
      // The turn stays while its holder holds the item. Had it moved on, this thread slept for a
      // whole round and took what waits there now for a later turn: back with it, and look again.
      if (turn_.load(std::memory_order_seq_cst) == turn) return item;
      place.store(item, std::memory_order_seq_cst);
    }
  }

  std::uint64_t mask_ = 0, assigned_ = 0;
  std::unique_ptr<Atomic<T*>[]> parked_;
  Atomic<std::uint64_t> turn_{0};
};

}  // namespace edgert
