// Lets items leave in the order of their tickets, one at a time, and bounds how many are out.
//
// A ticket is out until its turn has passed, not only until its item left: the turn stays while the
// item leaves, and a ticket a whole round of the sequencer later, which shares its place, would be
// taken for the one whose turn it is.
//
// Thread rule: has_room() and take_ticket() by one thread at a time, in the order of leaving;
// leave() from any thread, once a ticket.
// Progress: nobody waits; who comes early leaves its item with whoever passes the turn to it.
#pragma once

#include "edgert/plan/sequencer.h"

namespace edgert {

// `Atomic` is std::atomic, or a model checker's.
template <class T, template <class> class Atomic = std::atomic>
class OrderedExit {
 public:
  explicit OrderedExit(std::uint32_t most) : most_(most), sequencer_(most) {}

  // To be asked before each ticket.
  bool has_room() const {
    // Acquire: pairs with leave(), so that the next ticket finds its place in the sequencer free.
    return out_.load(std::memory_order_acquire) < most_;
  }
  std::uint64_t take_ticket() {
    out_.fetch_add(1, std::memory_order_relaxed);
    return sequencer_.assign();
  }

  // `item`, of `ticket`, is ready. Calls `send` with each item whose turn it is now: this one, and
  // those that waited for it, or none.
  template <class Send>
  void leave(std::uint64_t ticket, T* item, Send&& send) {
    for (T* turn = sequencer_.arrive(ticket, item); turn;) {
      send(turn);
      turn = sequencer_.pass();
      // Release: after the turn was passed.
      out_.fetch_sub(1, std::memory_order_release);
    }
  }

 private:
  const std::uint32_t most_;
  Sequencer<T, Atomic> sequencer_;
  Atomic<std::uint32_t> out_{0};
};

}  // namespace edgert
