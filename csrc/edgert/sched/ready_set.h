// Which groups have work that a lane could draw now, and how urgent each one's best is.
//
// A bit a group, and a key a group (the major rank of its best item). Lanes look at set bits only.
// Invariant: when a group has drawable work and nobody has claimed it, its bit is set, or will be
// by the thread that submits or completes.
// Progress: mark and clear are wait-free; best() reads one word for 64 groups and the keys of set
// bits. A key may be stale by the submissions of the last moments: the draw itself is exact.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace edgert {

// `Atomic` is std::atomic, or a model checker's.
template <template <class> class Atomic>
class BasicReadySet {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;
  static constexpr std::int64_t kLast = INT64_MAX;

  explicit BasicReadySet(std::uint32_t groups) : BasicReadySet(groups, groups) {}
  // `groups` to begin with; reach() makes them more, up to `most`.
  BasicReadySet(std::uint32_t groups, std::uint32_t most)
      : words_((groups + 63) / 64),
        bits_(new Atomic<std::uint64_t>[(most + 63) / 64]()),
        keys_(new Atomic<std::int64_t>[most]) {
    for (std::uint32_t i = 0; i < most; ++i) keys_[i].store(kLast, std::memory_order_relaxed);
  }
  // There is a group of this number from now on, before anything of it is marked.
  void reach(std::uint32_t group) {
    if (group / 64 >= words_.load(std::memory_order_relaxed))
      words_.store(group / 64 + 1, std::memory_order_seq_cst);
  }

  // Sequentially consistent: pairs with clear() and the instance count of the group, see group.h.
  void mark(std::uint32_t group) {
    bits_[group / 64].fetch_or(bit(group), std::memory_order_seq_cst);
  }
  void clear(std::uint32_t group) {
    bits_[group / 64].fetch_and(~bit(group), std::memory_order_seq_cst);
  }

  // Relaxed: a key orders groups for a moment, it publishes nothing.
  void set_key(std::uint32_t group, std::int64_t key) {
    keys_[group].store(key, std::memory_order_relaxed);
  }
  void lower_key(std::uint32_t group, std::int64_t key) {
    std::int64_t current = keys_[group].load(std::memory_order_relaxed);
    while (key < current &&
           !keys_[group].compare_exchange_weak(current, key, std::memory_order_relaxed)) {
    }
  }

  // Sequentially consistent: a lane that announced its sleep, or the end of its search, sees what
  // was marked by who counted on it.
  // The marked group with the smallest key; `skip` is a group to leave out, or kNone.
  std::uint32_t best(std::uint32_t skip = kNone) const {
    std::uint32_t found = kNone;
    std::int64_t best_key = kLast;
    const std::uint32_t words = words_.load(std::memory_order_seq_cst);
    for (std::uint32_t word = 0; word < words; ++word) {
      for (std::uint64_t set = bits_[word].load(std::memory_order_seq_cst); set; set &= set - 1) {
        const std::uint32_t group = word * 64 + static_cast<std::uint32_t>(std::countr_zero(set));
        const std::int64_t key = keys_[group].load(std::memory_order_relaxed);
        if (group != skip && (found == kNone || key < best_key)) {
          found = group;
          best_key = key;
        }
      }
    }
    return found;
  }

 private:
  static std::uint64_t bit(std::uint32_t group) { return std::uint64_t{1} << (group % 64); }
  Atomic<std::uint32_t> words_;
  std::unique_ptr<Atomic<std::uint64_t>[]> bits_;
  std::unique_ptr<Atomic<std::int64_t>[]> keys_;
};

using ReadySet = BasicReadySet<std::atomic>;

}  // namespace edgert
