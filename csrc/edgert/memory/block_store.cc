#include "edgert/memory/block_store.h"

#include "edgert/memory/block_sizes.h"
#include "edgert/memory/pooled_block.h"

namespace edgert {
namespace {

constexpr std::size_t kNear = 4;
constexpr std::uint32_t kMostBlocks = 1u << 20;

}  // namespace

struct BlockStore::Size {
  std::size_t bytes = 0;
  ObjectPool<Block> blocks{kMostBlocks};
};

BlockStore::BlockStore() : count_(kBlockSizes), sizes_(new Size[kBlockSizes]) {
  for (std::size_t i = 0; i < kBlockSizes; ++i) sizes_[i].bytes = block_size(i);
}
BlockStore::BlockStore(std::size_t only_size) : count_(1), sizes_(new Size[1]) {
  sizes_[0].bytes = only_size;
}
BlockStore::~BlockStore() = default;

std::size_t BlockStore::index_of(std::size_t bytes) const {
  if (count_ == 1) return bytes <= sizes_[0].bytes ? 0 : 1;
  return block_index(bytes);
}

Buffer* BlockStore::take(BufferPool::Core* pool) {
  if (pool->stay == Stay::kShort)
    if (Buffer* piece = regions_.take(pool, pool->size, used_)) return piece;
  Block* block = take_block(pool->size_index, pool->size);
  if (!block) return nullptr;
  block->pool = pool;
  block->revive();
  return block;
}

BlockStore::Block* BlockStore::take_block(std::size_t size_index, std::size_t bytes) {
  Block* block = nullptr;
  for (std::size_t i = size_index; !block && i < std::min(size_index + kNear, count_); ++i)
    block = sizes_[i].blocks.take_free();
  if (!block && size_index < count_) {
    Size& own = sizes_[size_index];
    block = own.blocks.take([&] { return std::make_unique<Block>(own.bytes, size_index); });
    if (block && !block->data()) {  // memory is short
      own.blocks.give(block);
      return nullptr;
    }
  }
  if (!block || block->used >= bytes) return block;
  used_.fetch_add(bytes - block->used, std::memory_order_relaxed);
  block->used = bytes;
  return block;
}

void BlockStore::give(Block* block) {
  sizes_[block->size_index].blocks.give(block);
}

}  // namespace edgert
