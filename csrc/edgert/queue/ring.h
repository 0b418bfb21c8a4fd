// A bounded ring for many producers and many consumers (Dmitry Vyukov's design: each slot carries
// the ticket at which it may next be written or read).
//
// Progress: no locks, but not lock-free in the strict sense: a producer that stalls between taking
// its ticket and publishing delays the consumers of that one slot. Used where both ends are
// edgert's own short sections (inboxes, results), never between lanes and engines.
// Thread rule: try_push and try_pop from any thread. Values are moved.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace edgert {

template <class T, template <class> class Atomic = std::atomic>
class Ring {
 public:
  // Holds at least `capacity` values: rounded up to a power of two, at least 2.
  explicit Ring(std::size_t capacity) : mask_(round_up(capacity) - 1), slots_(new Slot[mask_ + 1]) {
    for (std::size_t i = 0; i <= mask_; ++i)
      slots_[i].ticket.store(i, std::memory_order_relaxed);  // before any other thread sees it
  }

  bool try_push(T&& value) {
    std::size_t position = tail_.load(std::memory_order_relaxed);  // a guess, checked by the CAS
    for (;;) {
      Slot& slot = slots_[position & mask_];
      // Acquire: the consumer that freed this slot is done with its value.
      const auto distance =
          static_cast<std::ptrdiff_t>(slot.ticket.load(std::memory_order_acquire) - position);
      if (distance < 0) return false;  // full
      if (distance > 0) {
        position = tail_.load(std::memory_order_relaxed);
      } else if (tail_.compare_exchange_weak(position, position + 1, std::memory_order_relaxed,
                                             std::memory_order_relaxed)) {
        slot.value = std::move(value);
        slot.ticket.store(position + 1, std::memory_order_release);  // publishes the value
        return true;
      }
    }
  }

  bool try_pop(T& value) {
    std::size_t position = head_.load(std::memory_order_relaxed);
    for (;;) {
      Slot& slot = slots_[position & mask_];
      // Acquire: sees the value that the producer published with this ticket.
      const auto distance =
          static_cast<std::ptrdiff_t>(slot.ticket.load(std::memory_order_acquire) - (position + 1));
      if (distance < 0) return false;  // empty
      if (distance > 0) {
        position = head_.load(std::memory_order_relaxed);
      } else if (head_.compare_exchange_weak(position, position + 1, std::memory_order_release,
                                             std::memory_order_relaxed)) {
        // Release above: who sees by size() that the value is gone sees what its taker did before.
        value = std::move(slot.value);
        slot.value = T{};
        slot.ticket.store(position + mask_ + 1, std::memory_order_release);  // frees the slot
        return true;
      }
    }
  }

  std::size_t capacity() const { return mask_ + 1; }

  // A snapshot that may be stale by the time it is read: for metrics and for deciding to look.
  std::size_t size() const {
    const std::size_t tail = tail_.load(std::memory_order_acquire);
    const std::size_t head = head_.load(std::memory_order_acquire);
    return tail > head ? tail - head : 0;
  }

 private:
  struct Slot {
    Atomic<std::size_t> ticket;
    T value{};
  };
  static std::size_t round_up(std::size_t capacity) {
    std::size_t power = 2;
    while (power < capacity) power *= 2;
    return power;
  }

  std::size_t mask_;
  std::unique_ptr<Slot[]> slots_;
  alignas(64) Atomic<std::size_t> tail_{0};  // apart, so that the two ends do not share a line
  alignas(64) Atomic<std::size_t> head_{0};
};

}  // namespace edgert
