// Who waits for an execution of an earlier frame instead of running again: a list whose head says
// of which activation it is, since an execution's place is used again by later ones.
//
// Thread rule: open() by who starts the activation; attach() and close() from any thread.
// Progress: lock-free.
#pragma once

#include <atomic>
#include <cstdint>

namespace edgert {

// `Atomic` is std::atomic, or a model checker's.
template <template <class> class Atomic>
class BasicAttachments {
 public:
  static constexpr std::uint32_t kNone = 0;

  // For the activation of this number. Relaxed: published with the activation.
  void open(std::uint64_t number) { head_.store(number << kBits, std::memory_order_relaxed); }

  // Adds `who` (not kNone, less than 2^24 - 1), who keeps `following` until close(). False: it is
  // closed, or the place is another activation's now.
  bool attach(std::uint64_t number, std::uint32_t who, std::uint32_t& following) {
    std::uint64_t head = head_.load(std::memory_order_relaxed);
    do {
      following = static_cast<std::uint32_t>(head & kClosed);
      if (head >> kBits != number || following == kClosed) return false;
      // Release: what `who` wrote, `following` too. Acquire: what open()'s thread wrote before.
    } while (!head_.compare_exchange_weak(head, number << kBits | who, std::memory_order_acq_rel,
                                          std::memory_order_relaxed));
    return true;
  }

  // The first who waits, or kNone. Nobody attaches any more.
  std::uint32_t close(std::uint64_t number) {
    return static_cast<std::uint32_t>(
        head_.exchange(number << kBits | kClosed, std::memory_order_acq_rel) & kClosed);
  }

  // For a moment: somebody waits.
  bool any() const {
    const std::uint64_t who = head_.load(std::memory_order_relaxed) & kClosed;
    return who != kNone && who != kClosed;
  }

 private:
  static constexpr int kBits = 24;  // of `who`; the rest counts activations: 40 bits of them
  static constexpr std::uint64_t kClosed = (std::uint64_t{1} << kBits) - 1;
  Atomic<std::uint64_t> head_{kClosed};
};

using Attachments = BasicAttachments<std::atomic>;

}  // namespace edgert
