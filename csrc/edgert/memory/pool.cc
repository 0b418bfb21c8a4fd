#include "edgert/memory/pool.h"

#include "edgert/memory/pooled_block.h"

namespace edgert {

BufferPool::BufferPool(std::size_t buffer_size, std::uint32_t limit,
                       std::shared_ptr<BlockStore> store, Stay stay)
    : core_(new Core(buffer_size, limit,
                     store ? std::move(store) : std::make_shared<BlockStore>(buffer_size), stay)) {}

BufferPool::~BufferPool() {
  core_->release();
}

BufferRef BufferPool::take() {
  // Relaxed: the pool itself holds one, so the count cannot reach zero meanwhile.
  const std::int64_t out = core_->users.fetch_add(1, std::memory_order_relaxed);
  Buffer* buffer = out <= core_->limit ? core_->store->take(core_) : nullptr;
  if (!buffer) {
    core_->users.fetch_sub(1, std::memory_order_relaxed);
    return {};
  }
  if (out > core_->most.load(std::memory_order_relaxed))  // for people: races are of no matter
    core_->most.store(out, std::memory_order_relaxed);
  return BufferRef::adopt(buffer);
}

std::size_t BufferPool::buffer_size() const {
  return core_->size;
}
Stay BufferPool::stay() const {
  return core_->stay;
}
std::size_t BufferPool::allocated_bytes() const {
  return core_->store->used_bytes();
}
std::uint32_t BufferPool::most_out() const {
  return static_cast<std::uint32_t>(core_->most.load(std::memory_order_relaxed));
}

}  // namespace edgert
