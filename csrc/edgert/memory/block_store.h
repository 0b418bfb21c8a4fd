// Blocks of memory that several pools take turns with: what one node's output needs no more,
// another's gets. So a plan holds what is alive at once, not the sum of what each node ever needed.
//
// Blocks come in sizes, four from a power of two to the next. What is asked for comes from the
// free blocks of its size, or of the next few (less than twice as large), before a new one is
// made. What stays only for a frame's work lies in regions (regions.h), where these are planned.
// Progress: take and give are lock-free but for the making of a block. Blocks are freed with the
// store, and it lives as long as any of its pools or their buffers.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

#include "edgert/memory/buffer.h"
#include "edgert/memory/pool.h"
#include "edgert/memory/regions.h"

namespace edgert {

class BlockStore {
 public:
  // For any sizes, or for this one alone.
  BlockStore();
  explicit BlockStore(std::size_t only_size);
  ~BlockStore();
  BlockStore(const BlockStore&) = delete;
  BlockStore& operator=(const BlockStore&) = delete;

  // What is alive at once of those buffers that stay for a frame's work only, of one frame.
  void plan_short(std::size_t bytes) { regions_.plan(bytes); }

  // Bytes of all blocks that were made, as far as they were ever used: behind that they are pages
  // that take no memory.
  std::size_t used_bytes() const { return used_.load(std::memory_order_relaxed); }

 private:
  friend class BufferPool;
  struct Block;
  struct Size;

  Buffer* take(BufferPool::Core* pool);
  Block* take_block(std::size_t size_index, std::size_t bytes);
  void give(Block* block);
  std::size_t index_of(std::size_t bytes) const;

  std::size_t count_;
  std::unique_ptr<Size[]> sizes_;
  Regions regions_;
  std::atomic<std::size_t> used_{0};
};

}  // namespace edgert
