// Pools: objects and buffers that are made once and used again, so that the steady state allocates
// nothing.
//
// Progress: take and give are lock-free (an index stack whose head carries a tag against ABA).
// A pool grows by one object when it is empty, up to a fixed limit; growing allocates.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>

#include "edgert/memory/buffer.h"
#include "edgert/memory/growing_array.h"

namespace edgert {

// A stack of indices, which costs as much as the largest it ever held. `Atomic` is std::atomic, or
// a model checker's.
template <template <class> class Atomic>
class BasicIndexStack {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;

  // Afterwards push() of it allocates nothing.
  void reserve(std::uint32_t index) { next_.reserve(index); }
  void push(std::uint32_t index) {
    next_.reserve(index);
    std::uint64_t head = head_.load(std::memory_order_relaxed);
    do {
      // Relaxed: published by the exchange below, and read only by who then owns the head.
      next_[index].store(static_cast<std::uint32_t>(head), std::memory_order_relaxed);
      // Release: the returned object's last uses come before its next owner's.
    } while (!head_.compare_exchange_weak(head, tagged(head, index), std::memory_order_release,
                                          std::memory_order_relaxed));
  }

  std::uint32_t pop() {
    std::uint64_t head = head_.load(std::memory_order_acquire);
    for (;;) {
      const auto index = static_cast<std::uint32_t>(head);
      if (index == kNone) return kNone;
      // May read a link that is being changed; then the tag differs and the exchange fails.
      const std::uint32_t following = next_[index].load(std::memory_order_relaxed);
      if (head_.compare_exchange_weak(head, tagged(head, following), std::memory_order_acquire,
                                      std::memory_order_acquire))
        return index;
    }
  }

 private:
  static std::uint64_t tagged(std::uint64_t old_head, std::uint32_t index) {
    return (((old_head >> 32) + 1) << 32) | index;
  }
  GrowingArray<Atomic<std::uint32_t>> next_;
  Atomic<std::uint64_t> head_{kNone};
};

using IndexStack = BasicIndexStack<std::atomic>;

// Objects of type T made by `make()` or `make(index)`; T has a `pool_index` member.
template <class T>
class ObjectPool {
 public:
  explicit ObjectPool(std::uint32_t limit) : limit_(limit) {}

  // One that was made and given back, or null.
  T* take_free() {
    const std::uint32_t index = free_.pop();
    return index == IndexStack::kNone ? nullptr : objects_[index].get();
  }
  // Null when `limit` objects are out.
  template <class Make>
  T* take(Make&& make) {
    if (T* object = take_free()) return object;
    // Relaxed: the counter only hands out distinct places.
    const std::uint32_t made = made_.fetch_add(1, std::memory_order_relaxed);
    if (made >= limit_) {
      made_.fetch_sub(1, std::memory_order_relaxed);
      return nullptr;
    }
    free_.reserve(made);
    objects_.reserve(made);
    if constexpr (std::is_invocable_v<Make, std::uint32_t>)
      objects_[made] = make(made);
    else
      objects_[made] = make();
    objects_[made]->pool_index = made;
    return objects_[made].get();
  }
  void give(T* object) { free_.push(object->pool_index); }
  // One that was made; for who got its place from somebody that has it.
  T* at(std::uint32_t index) { return objects_[index].get(); }
  std::uint32_t made() const { return made_.load(std::memory_order_relaxed); }

 private:
  IndexStack free_;
  GrowingArray<std::unique_ptr<T>> objects_;
  std::uint32_t limit_;
  std::atomic<std::uint32_t> made_{0};
};

class BlockStore;

// How long buffers are out: as long as somebody likes, or until the work of one frame that reads
// them is done.
enum class Stay : std::uint8_t { kLong, kShort };

// Buffers of one size. The pool's memory lives until the pool and every buffer are gone.
class BufferPool {
 public:
  // Its blocks are those of the store, or its own without one.
  explicit BufferPool(std::size_t buffer_size, std::uint32_t limit = 1024,
                      std::shared_ptr<BlockStore> store = {}, Stay stay = Stay::kLong);
  ~BufferPool();
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  // A buffer of at least buffer_size() bytes; null when `limit` are out or memory is short.
  BufferRef take();
  std::size_t buffer_size() const;
  Stay stay() const;
  std::size_t allocated_bytes() const;  // of all of its store's blocks
  std::uint32_t most_out() const;       // buffers that were out at once, at most

 private:
  friend class BlockStore;
  friend class Regions;
  struct Core;
  Core* core_;
};

}  // namespace edgert
