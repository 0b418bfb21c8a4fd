// For the files of pools only.
#pragma once

#include <algorithm>
#include <cstdlib>

#include "edgert/memory/block_store.h"

namespace edgert {

struct BufferPool::Core {
  Core(std::size_t bytes, std::uint32_t at_most, std::shared_ptr<BlockStore> of, Stay how_long)
      : size(bytes),
        limit(at_most),
        store(std::move(of)),
        size_index(store->index_of(bytes)),
        stay(how_long) {}
  void release() noexcept {
    if (users.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  std::size_t size;
  std::int64_t limit;
  std::shared_ptr<BlockStore> store;
  std::size_t size_index;
  Stay stay;
  std::atomic<std::int64_t> users{1};  // buffers that are out, and the pool: those keep it alive
  std::atomic<std::int64_t> most{0};
};

// A buffer while it is out. Who holds it reads and writes all of it.
struct BlockStore::Block : Buffer {
  Block(std::size_t bytes, std::size_t index)
      : Buffer(allocate_aligned(bytes), bytes, {}, &give_back, kBufferSlack), size_index(index) {}
  ~Block() { std::free(data()); }
  static void give_back(Buffer* buffer) noexcept {
    auto* block = static_cast<Block*>(buffer);
    BufferPool::Core* core = block->pool;
    core->store->give(block);
    core->release();
  }

  BufferPool::Core* pool = nullptr;  // that took it out
  std::uint32_t pool_index = 0;
  std::size_t size_index, used = 0;
};

}  // namespace edgert
