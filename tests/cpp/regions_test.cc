// Regions: what is never alive together takes the room of the largest, of whatever size it is.
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "edgert/memory/block_store.h"
#include "edgert/memory/run_mask.h"

namespace edgert {
namespace {

constexpr std::uint32_t kMany = 64;

BufferPool passing(const std::shared_ptr<BlockStore>& store, std::size_t bytes) {
  return BufferPool(bytes, kMany, store, Stay::kShort);
}

TEST(RunMask, FindsTheLowestRun) {
  EXPECT_EQ(lowest_run(0, 64), 0);
  EXPECT_EQ(lowest_run(~0ULL, 1), -1);
  EXPECT_EQ(lowest_run(0b1011, 1), 2);
  EXPECT_EQ(lowest_run(0b1011, 2), 4);
  EXPECT_EQ(lowest_run(1, 64), -1);
  std::mt19937_64 random(1);
  for (int i = 0; i < 20000; ++i) {
    const std::uint64_t taken = random() & random();
    const int count = 1 + static_cast<int>(random() % 64);
    int expected = -1, free = 0;
    for (int at = 0; at < 64 && expected < 0; ++at) {
      free = (taken >> at & 1) != 0 ? 0 : free + 1;
      if (free == count) expected = at - count + 1;
    }
    EXPECT_EQ(lowest_run(taken, count), expected) << taken << " " << count;
  }
}

TEST(Regions, WhatFollowsTakesThePlaceOfWhatWasThereOfAnySize) {
  const auto store = std::make_shared<BlockStore>();
  store->plan_short(1000000);
  auto large = passing(store, 1000000), half = passing(store, 450000),
       fifth = passing(store, 200000);
  void* place = large.take()->data();
  {
    const BufferRef one = half.take(), two = half.take();
    EXPECT_EQ(one->data(), place);
    EXPECT_NE(two->data(), place);
    EXPECT_GE(two->data(), one->data() + one->size());
  }
  std::vector<BufferRef> five;
  for (int i = 0; i < 5; ++i) five.push_back(fifth.take());
  five.clear();
  EXPECT_EQ(large.take()->data(), place);
  EXPECT_LE(store->used_bytes(), 1100000u) << "what is alive at once";
}

TEST(Regions, MoreAtOnceTakesMore) {
  const auto store = std::make_shared<BlockStore>();
  store->plan_short(1000000);
  auto large = passing(store, 1000000);
  const BufferRef one = large.take(), two = large.take();
  EXPECT_NE(one->data(), two->data());
  EXPECT_EQ(store->used_bytes(), 2000000u);
}

TEST(Regions, WhatIsSmallOrLargerThanPlannedHasBlocks) {
  const auto store = std::make_shared<BlockStore>();
  store->plan_short(1000000);
  auto small = passing(store, 5000), larger = passing(store, 3000000);
  const BufferRef one = small.take(), other = larger.take();
  ASSERT_TRUE(one && other);
  EXPECT_EQ(store->used_bytes(), 3005000u);
}

TEST(Regions, ThePlanMayChangeWhileBuffersAreOut) {
  const auto store = std::make_shared<BlockStore>();
  store->plan_short(100000);
  auto small = passing(store, 90000), large = passing(store, 900000);
  const BufferRef before = small.take();
  store->plan_short(1000000);
  const BufferRef after = large.take();
  ASSERT_TRUE(before && after);
  std::fill_n(before->data(), before->size(), std::byte{1});
  std::fill_n(after->data(), after->size(), std::byte{2});
  EXPECT_EQ(before->data()[89999], std::byte{1});
}

// Buffers of many sizes, each written whole by who has it: nobody's is another's.
TEST(Regions, GiveEachByteToOneAtATime) {
  const auto store = std::make_shared<BlockStore>();
  store->plan_short(64000);
  std::atomic<int> clashes{0};
  std::vector<std::thread> threads;
  for (int thread = 1; thread <= 4; ++thread) {
    threads.emplace_back([&, thread] {
      std::mt19937 random(static_cast<unsigned>(thread));
      std::vector<std::unique_ptr<BufferPool>> pools;
      for (std::size_t bytes : {5000u, 9000u, 20000u, 64000u})
        pools.push_back(std::make_unique<BufferPool>(bytes, kMany, store, Stay::kShort));
      std::vector<BufferRef> held(3);
      for (int i = 0; i < 3000; ++i) {
        BufferRef& one = held[random() % held.size()];
        if (one)
          for (std::size_t at = 0; at < 5000; at += 499)
            if (one->data()[at] != static_cast<std::byte>(thread)) clashes.fetch_add(1);
        one.reset();
        one = pools[random() % pools.size()]->take();
        std::fill_n(one->data(), one->size(), static_cast<std::byte>(thread));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(clashes.load(), 0);
}

}  // namespace
}  // namespace edgert
