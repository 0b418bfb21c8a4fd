// Intake of many producers for one consumer at a time: an intrusive stack that is taken whole.
//
// Progress: push is lock-free (a failed exchange means that another push succeeded); take_all is
// wait-free. There is no slot that a stalled producer could block, no capacity, and no ABA problem,
// because nothing is ever popped singly. Memory is the items' own `next` link.
// Thread rule: push from any thread; take_all from any thread (each item goes to one taker).
#pragma once

#include <atomic>

namespace edgert {

// `Atomic` is std::atomic, or a model checker's.
template <class T, template <class> class Atomic = std::atomic>
class IntakeStack {
 public:
  void push(T* item) {
    T* head = head_.load(std::memory_order_relaxed);  // only a guess for the exchange below
    do {
      item->next = head;
      // Release: what was written to the item, `next` too, is seen by the taker.
    } while (!head_.compare_exchange_weak(head, item, std::memory_order_release,
                                          std::memory_order_relaxed));
  }

  // All items in the order of their pushes (oldest first), linked by `next`; null when empty.
  T* take_all() {
    // Acquire pairs with every push's release: pushes form one release sequence on head_.
    T* newest = head_.exchange(nullptr, std::memory_order_acquire);
    T* oldest = nullptr;
    while (newest) {
      T* following = newest->next;
      newest->next = oldest;
      oldest = newest;
      newest = following;
    }
    return oldest;
  }

  bool empty() const { return head_.load(std::memory_order_acquire) == nullptr; }

 private:
  Atomic<T*> head_{nullptr};
};

}  // namespace edgert
