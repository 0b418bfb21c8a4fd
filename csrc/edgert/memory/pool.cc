#include "edgert/memory/pool.h"

#include <cstdlib>

namespace edgert {
// Kept alive by the pool and by each buffer that is out.
struct BufferPool::Core {
  struct Block : Buffer {
    Block(void* data, std::size_t size, Core* owner)
        : Buffer(data, size, {}, &give_back, kBufferSlack), core(owner) {}
    ~Block() { std::free(data()); }
    static void give_back(Buffer* buffer) noexcept {
      auto* block = static_cast<Block*>(buffer);
      Core* owner = block->core;
      owner->blocks.give(block);
      owner->release();
    }
    Core* core;
    std::uint32_t pool_index = 0;
  };

  Core(std::size_t bytes, std::uint32_t limit) : size(bytes), blocks(limit) {}
  void release() noexcept {
    if (users.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  std::size_t size;
  ObjectPool<Block> blocks;
  std::atomic<std::int64_t> users{1};
};

BufferPool::BufferPool(std::size_t buffer_size, std::uint32_t limit)
    : core_(new Core(buffer_size, limit)) {}

BufferPool::~BufferPool() {
  core_->release();
}

BufferRef BufferPool::take() {
  Core* core = core_;
  Core::Block* block = core->blocks.take([core] {
    return std::make_unique<Core::Block>(allocate_aligned(core->size), core->size, core);
  });
  if (!block) return {};
  if (!block->data()) {
    core->blocks.give(block);
    return {};
  }
  // Relaxed: the pool itself holds one, so the count cannot reach zero meanwhile.
  core->users.fetch_add(1, std::memory_order_relaxed);
  block->revive();
  return BufferRef::adopt(block);
}

std::size_t BufferPool::buffer_size() const {
  return core_->size;
}
std::size_t BufferPool::allocated_bytes() const {
  return core_->size * core_->blocks.made();
}

}  // namespace edgert
