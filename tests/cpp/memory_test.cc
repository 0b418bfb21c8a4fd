// Buffers, pools, tensors and frames: who owns what, and for how long.
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "edgert/memory/block_sizes.h"
#include "edgert/memory/block_store.h"
#include "edgert/memory/frame_pool.h"
#include "edgert/memory/pool.h"
#include "edgert/memory/tensor.h"

namespace edgert {
namespace {

bool aligned(const void* address) {
  return reinterpret_cast<std::uintptr_t>(address) % kBufferAlignment == 0;
}

TEST(Buffer, ReleasesItsOwnerOnceWithTheLastReference) {
  int released = 0;
  char memory[8];
  BufferRef buffer = wrap_buffer(memory, sizeof memory, {}, &released,
                                 [](void* count) noexcept { ++*static_cast<int*>(count); });
  BufferRef second = buffer;
  EXPECT_FALSE(buffer->unique());
  buffer.reset();
  EXPECT_EQ(released, 0);
  EXPECT_TRUE(second->unique());
  BufferRef third = std::move(second);
  EXPECT_FALSE(second);
  third = BufferRef();
  EXPECT_EQ(released, 1);
}

TEST(Buffer, OfTheHeapIsAligned) {
  for (const std::size_t size : {0, 1, 63, 64, 1000}) {
    const BufferRef buffer = allocate_buffer(size);
    EXPECT_TRUE(aligned(buffer->data()));
    EXPECT_GE(buffer->size(), size);
  }
}

TEST(BufferPool, UsesBlocksAgainUpToItsLimit) {
  BufferPool pool(100, 3);
  std::set<void*> seen;
  {
    std::vector<BufferRef> out;
    for (int i = 0; i < 3; ++i) out.push_back(pool.take());
    for (const BufferRef& buffer : out) {
      EXPECT_TRUE(aligned(buffer->data()));
      seen.insert(buffer->data());
    }
    EXPECT_EQ(seen.size(), 3u);
    EXPECT_FALSE(pool.take());
  }
  for (int i = 0; i < 10; ++i) EXPECT_EQ(seen.count(pool.take()->data()), 1u);
  EXPECT_EQ(pool.allocated_bytes(), 300u);
}

TEST(BufferPool, ItsMemoryOutlivesIt) {
  BufferRef kept;
  {
    BufferPool pool(16);
    kept = pool.take();
  }
  std::fill_n(kept->data(), 16, std::byte{1});
  EXPECT_EQ(kept->data()[15], std::byte{1});
}

TEST(BufferPool, GivesABlockToOneAtATime) {
  BufferPool pool(sizeof(int), 8);
  std::vector<std::thread> threads;
  std::atomic<int> clashes{0};
  for (int thread = 1; thread <= 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 20000; ++i) {
        const BufferRef buffer = pool.take();
        if (!buffer) continue;
        int* value = reinterpret_cast<int*>(buffer->data());
        *value = thread;
        if (*value != thread) clashes.fetch_add(1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(clashes.load(), 0);
  EXPECT_LE(pool.allocated_bytes(), 8 * sizeof(int));
}

TEST(BlockStore, ABlockIsOfTheNextOfFourSizesFromAPowerOfTwoToTheNext) {
  EXPECT_EQ(block_bytes(1), 64u);
  EXPECT_EQ(block_bytes(64), 64u);
  EXPECT_EQ(block_bytes(65), 80u);
  EXPECT_EQ(block_bytes(1025), 1280u);
  EXPECT_EQ(block_bytes(1793), 2048u);
  EXPECT_EQ(block_bytes(2048), 2048u);
  for (std::size_t bytes = 64; bytes < 100'000; bytes += 7) {
    EXPECT_GE(block_bytes(bytes), bytes);
    EXPECT_LE(block_bytes(bytes) - bytes, bytes / 4);
  }
  EXPECT_EQ(block_index(std::size_t{1} << 60), kBlockSizes);
}

TEST(BlockStore, WhatOnePoolGaveBackAnotherTakes) {
  const auto store = std::make_shared<BlockStore>();
  BufferPool large(1000000, 8, store), smaller(700000, 8, store), small(5000, 8, store);
  void* place = large.take()->data();
  EXPECT_EQ(smaller.take()->data(), place);
  EXPECT_NE(small.take()->data(), place) << "a block that is much too large is left to others";
  EXPECT_EQ(store->used_bytes(), 1005000u);
  const BufferRef held = smaller.take();
  EXPECT_EQ(held->data(), place);
  EXPECT_NE(large.take()->data(), place);
  EXPECT_EQ(store->used_bytes(), 2005000u);
  EXPECT_EQ(large.most_out(), 1u);
}

TEST(BlockStore, ALimitIsThatOfOnePool) {
  const auto store = std::make_shared<BlockStore>();
  BufferPool one(6000, 1, store), other(6000, 1, store);
  const BufferRef held = one.take();
  EXPECT_FALSE(one.take());
  EXPECT_TRUE(other.take());
}

TEST(BlockStore, LivesAsLongAsABufferOfIt) {
  BufferRef kept;
  {
    BufferPool pool(6000, 1, std::make_shared<BlockStore>());
    kept = pool.take();
  }
  std::fill_n(kept->data(), 6000, std::byte{1});
  EXPECT_EQ(kept->data()[5999], std::byte{1});
}

TEST(Tensor, RowsShareTheBuffer) {
  const Tensor tensor = allocate_tensor(DType::kFloat32, {3, 2});
  for (int i = 0; i < 6; ++i) tensor.data<float>()[i] = static_cast<float>(i);
  const Tensor row = tensor.row(2);
  EXPECT_EQ(row.shape(), (Shape{2}));
  EXPECT_EQ(row.data<float>()[1], 5);
  EXPECT_EQ(row.row(1).shape().rank(), 0);
  EXPECT_EQ(*row.row(1).data<float>(), 5);
  EXPECT_EQ(tensor.bytes(), 24u);
}

TEST(Shape, AcceptsWhatItsOpenExtentsAllow) {
  const Shape spec{-1, 3};
  EXPECT_TRUE(spec.accepts({5, 3}));
  EXPECT_FALSE(spec.accepts({5, 4}));
  EXPECT_FALSE(spec.accepts({3}));
  EXPECT_FALSE(spec.is_static());
  EXPECT_EQ(spec.text(), "?×3");
  EXPECT_EQ(Shape().elements(), 1);
  EXPECT_EQ((TensorSpec{"", DType::kInt16, {2, 2}, 0}.bytes()), 8u);
  EXPECT_EQ((TensorSpec{"", DType::kInt16, {-1, 2}, 0}.bytes()), 0u);
}

TEST(FramePool, FramesComeBackBlankAndOutliveIt) {
  FrameRef kept;
  {
    FramePool pool(2);
    FrameRef frame = pool.take();
    frame->samples = allocate_tensor(DType::kFloat32, {1, 1});
    frame->gap_before = true;
    frame->capture = 5;
    Frame* place = frame.get();
    FrameRef other = pool.take();
    EXPECT_FALSE(pool.take());
    frame.reset();
    frame = pool.take();
    EXPECT_EQ(frame.get(), place);
    EXPECT_FALSE(frame->samples);
    EXPECT_FALSE(frame->gap_before);
    EXPECT_EQ(frame->capture, 0);
    kept = frame;
  }
  kept->samples = allocate_tensor(DType::kFloat32, {1, 1});
}

}  // namespace
}  // namespace edgert
