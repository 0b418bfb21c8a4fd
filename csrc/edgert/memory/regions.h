// Large blocks that are cut as it comes: what stays for a while only lies in them side by side, and
// what follows takes its place, of whatever size it is. So tensors that are never alive together
// take the room of the largest, not one block a size.
//
// Only what goes back soon belongs here: a small piece that stays keeps its whole region from those
// that need much of it.
// Progress: take and give are lock-free but for the making of a region.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>

#include "edgert/memory/pool.h"

namespace edgert {

class Regions {
 public:
  Regions() = default;
  ~Regions();
  Regions(const Regions&) = delete;
  Regions& operator=(const Regions&) = delete;

  // Regions that are made from now on have room for so many bytes, in pieces; 0: none are made.
  void plan(std::size_t bytes) { planned_.store(bytes, std::memory_order_relaxed); }
  // Null where no region may hold it: it is too large, or so small that much were wasted, or all
  // regions are full, or memory is short. `used` grows by the bytes that nobody had used before.
  Buffer* take(BufferPool::Core* pool, std::size_t bytes, std::atomic<std::size_t>& used);

 private:
  struct Region;
  struct Piece;
  static constexpr std::size_t kMost = 64;  // regions

  Region* make(std::size_t bytes, std::atomic<Region*>& place) const;

  std::atomic<std::size_t> planned_{0};
  std::array<std::atomic<Region*>, kMost> regions_{};
};

}  // namespace edgert
