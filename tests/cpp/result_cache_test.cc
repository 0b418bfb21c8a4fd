// The request cache by itself: who finds what, who waits for whom, what goes, what is charged.
#include "edgert/cache/result_cache.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace edgert {
namespace {

constexpr std::size_t kMegabyte = 1 << 20;
constexpr Hash128 kNode{1, 2};

FrameRef frame_of(std::size_t floats, float value) {
  FrameRef frame = make_frame();
  frame->kind = FrameKind::kTable;
  frame->samples = allocate_tensor(DType::kFloat32, {static_cast<std::int64_t>(floats), 1});
  for (std::size_t i = 0; i < floats; ++i) frame->samples.data<float>()[i] = value;
  return frame;
}

Tensor tensor_of(std::size_t floats, float value) {
  return frame_of(floats, value)->samples;
}

// One who asks, with a place for one output.
struct Asker {
  Seeker seeker;
  std::vector<Tensor> outputs = std::vector<Tensor>(1);
  Nanos cost = 0;

  Found ask(ResultCache& cache, const BufferRef& content, Hash128 node = kNode,
            std::uint32_t space = 1) {
    return cache.find(*content, node, space, seeker, outputs, cost);
  }
  float value() const { return outputs[0].data<float>()[0]; }
};

// Asks for `value`'s result, and computes it when it isn't there.
Found serve(ResultCache& cache, float value, Nanos cost = 1000, std::size_t floats = 64,
            std::uint32_t space = 1) {
  const BufferRef content = cache.retain(*frame_of(floats, value));
  if (!content) return Found::kLead;
  Asker asker;
  const Found found = asker.ask(cache, content, kNode, space);
  if (found == Found::kLead) {
    const Tensor output = tensor_of(floats, -value);
    EXPECT_EQ(cache.complete(asker.seeker, true, {&output, 1}, cost), nullptr);
  } else {
    EXPECT_EQ(asker.value(), -value);
  }
  return found;
}

TEST(ResultCache, FindsWhatWasComputedOfEqualContent) {
  ResultCache cache(kMegabyte);
  EXPECT_EQ(serve(cache, 1), Found::kLead);
  EXPECT_EQ(serve(cache, 2), Found::kLead);
  EXPECT_EQ(serve(cache, 1), Found::kHit);
  const CacheSnapshot counts = cache.counts();
  EXPECT_EQ(counts.hits, 1);
  EXPECT_EQ(counts.misses, 2);
  EXPECT_EQ(counts.contents, 2);
  EXPECT_EQ(counts.results, 2);
  EXPECT_GT(counts.bytes, 4 * 64 * 4);
}

TEST(ResultCache, AContentIsChargedOnceAndGoesWithItsLastHolder) {
  ResultCache cache(kMegabyte);
  BufferRef first = cache.retain(*frame_of(1000, 1));
  const std::int64_t once = cache.counts().bytes;
  BufferRef second = cache.retain(*frame_of(1000, 1));
  EXPECT_EQ(first.get(), second.get());
  EXPECT_EQ(cache.counts().bytes, once);
  first.reset();
  EXPECT_EQ(cache.counts().bytes, once);
  second.reset();
  EXPECT_EQ(cache.counts().bytes, 0);
  EXPECT_EQ(cache.counts().contents, 0);
}

TEST(ResultCache, TheFormOfAFrameIsPartOfItsContent) {
  ResultCache cache(kMegabyte);
  std::vector<std::uint8_t> pixels(64 * 48 * 3, 9);
  const auto picture = [&](int width, int height, PixelFormat pixel, std::int64_t stride) {
    FrameRef frame = make_frame();
    frame->image = {pixel, width, height, ColourRange::kFull, ColourMatrix::kBt601, {}};
    frame->planes[0] = {pixels.data(), stride, width, height};
    frame->plane_count = 1;
    return cache.retain(*frame);
  };
  const BufferRef there = picture(32, 24, PixelFormat::kRgb24, 96);
  EXPECT_NE(picture(24, 32, PixelFormat::kRgb24, 72).get(), there.get());
  EXPECT_NE(picture(32, 24, PixelFormat::kBgr24, 96).get(), there.get());
  EXPECT_EQ(picture(32, 24, PixelFormat::kRgb24, 128).get(), there.get());  // rows further apart
  EXPECT_EQ(there->size(), 32u * 24 * 3);
}

TEST(ResultCache, WhoAsksMeanwhileGetsTheLeadersOutputs) {
  ResultCache cache(kMegabyte);
  const BufferRef content = cache.retain(*frame_of(8, 1));
  Asker leader, first, second, other;
  EXPECT_EQ(leader.ask(cache, content), Found::kLead);
  EXPECT_EQ(first.ask(cache, content), Found::kWait);
  EXPECT_EQ(second.ask(cache, content), Found::kWait);
  EXPECT_EQ(other.ask(cache, content, {3, 4}), Found::kLead);
  const Tensor output = tensor_of(8, 5);
  Seeker* waiting = cache.complete(leader.seeker, true, {&output, 1}, 10);
  ASSERT_EQ(waiting, &first.seeker);
  EXPECT_EQ(waiting->next, &second.seeker);
  EXPECT_EQ(second.seeker.next, nullptr);
  EXPECT_EQ(first.value(), 5);
  EXPECT_EQ(second.value(), 5);
  EXPECT_EQ(cache.complete(other.seeker, false, {}, 0), nullptr);
}

TEST(ResultCache, AnErrorReachesThoseWhoWaitAndIsNotKept) {
  ResultCache cache(kMegabyte);
  const BufferRef content = cache.retain(*frame_of(8, 1));
  Asker leader, waiter, later;
  leader.ask(cache, content);
  waiter.ask(cache, content);
  EXPECT_EQ(cache.complete(leader.seeker, false, {}, 0), &waiter.seeker);
  EXPECT_FALSE(waiter.outputs[0]);
  EXPECT_EQ(later.ask(cache, content), Found::kLead);
  cache.complete(later.seeker, false, {}, 0);
}

TEST(ResultCache, AnotherSpaceFindsNothing) {
  ResultCache cache(kMegabyte);
  serve(cache, 1, 1000, 64, 2);
  EXPECT_EQ(serve(cache, 1, 1000, 64, 3), Found::kLead);
  EXPECT_EQ(serve(cache, 1, 1000, 64, 2), Found::kHit);
}

// Of several: what is in all their spaces, there or being computed.
TEST(ResultCache, SeveralFindWhatAllOfThemHadComputed) {
  ResultCache cache(kMegabyte);
  const BufferRef content = cache.retain(*frame_of(8, 1));
  const auto ask = [&](Asker& asker, std::vector<std::uint32_t> spaces) {
    return cache.find(*content, kNode, spaces, asker.seeker, asker.outputs, asker.cost);
  };
  const Tensor output = tensor_of(8, 5);
  const auto complete = [&](Asker& leader) {
    return cache.complete(leader.seeker, true, {&output, 1}, 10);
  };
  Asker both, one, other, third, three, later;
  EXPECT_EQ(ask(both, {2, 3}), Found::kLead);
  EXPECT_EQ(ask(one, {2}), Found::kWait);
  EXPECT_EQ(ask(third, {4}), Found::kLead);
  EXPECT_EQ(ask(three, {2, 3, 4}), Found::kLead);
  EXPECT_EQ(complete(both), &one.seeker);
  EXPECT_EQ(one.value(), 5);
  EXPECT_EQ(ask(other, {3}), Found::kHit);
  EXPECT_EQ(ask(later, {3, 4}), Found::kWait);  // for the three
  EXPECT_EQ(complete(third), nullptr);
  EXPECT_EQ(third.seeker.result.load(), nullptr);
  // What was computed for others, too, is kept once.
  EXPECT_EQ(complete(three), &later.seeker);
  EXPECT_EQ(later.value(), 5);
  EXPECT_EQ(cache.counts().results, 1);
  EXPECT_EQ(later.outputs[0].buffer().get(), other.outputs[0].buffer().get());
  Asker last;
  EXPECT_EQ(ask(last, {2, 4}), Found::kHit);
  EXPECT_EQ(ask(last, {2, 5}), Found::kLead);
  cache.complete(last.seeker, false, {}, 0);
}

TEST(ResultCache, ALeaderGivesUpOnlyWhenNobodyNeedsIt) {
  ResultCache cache(kMegabyte);
  const BufferRef content = cache.retain(*frame_of(8, 1));
  Asker leader, waiter, next;
  leader.ask(cache, content);
  waiter.seeker.needed_until = 100;
  waiter.ask(cache, content);
  EXPECT_FALSE(cache.give_up(leader.seeker, 99));
  EXPECT_TRUE(cache.give_up(leader.seeker, 100));
  // Who comes now leads, and the first leader hands out its own alone.
  EXPECT_EQ(next.ask(cache, content), Found::kLead);
  EXPECT_EQ(cache.complete(leader.seeker, false, {}, 0), &waiter.seeker);
  const Tensor output = tensor_of(8, 5);
  EXPECT_EQ(cache.complete(next.seeker, true, {&output, 1}, 10), nullptr);
  EXPECT_TRUE(cache.give_up(next.seeker, 1000));  // too late: it is there
  Asker last;
  EXPECT_EQ(last.ask(cache, content), Found::kHit);
}

// Forced: all contents have one hash.
TEST(ResultCache, ACollisionIsNoHit) {
  ResultCache cache(kMegabyte, [](const Frame&, const FrameForm&) { return Hash128{7, 7}; });
  const BufferRef one = cache.retain(*frame_of(8, 1));
  ASSERT_TRUE(one);
  EXPECT_FALSE(cache.retain(*frame_of(8, 2)));
  EXPECT_FALSE(cache.retain(*frame_of(9, 1)));
  EXPECT_EQ(cache.retain(*frame_of(8, 1)).get(), one.get());
  EXPECT_EQ(cache.counts().collisions, 2);
}

TEST(ResultCache, SmallerThanOneEntryKeepsNothing) {
  ResultCache tiny(100);
  EXPECT_FALSE(tiny.retain(*frame_of(64, 1)));
  EXPECT_EQ(tiny.counts().refused, 1);
  EXPECT_EQ(tiny.counts().bytes, 0);
  // Room for the content, but not for its result: those who wait get it, nobody later.
  ResultCache small(1500);
  const BufferRef content = small.retain(*frame_of(16, 1));
  ASSERT_TRUE(content);
  Asker leader, waiter, later;
  leader.ask(small, content);
  waiter.ask(small, content);
  const Tensor output = tensor_of(1000, 5);
  EXPECT_EQ(small.complete(leader.seeker, true, {&output, 1}, 10), &waiter.seeker);
  EXPECT_EQ(waiter.value(), 5);
  EXPECT_EQ(later.ask(small, content), Found::kLead);
  small.complete(later.seeker, false, {}, 0);
  EXPECT_LE(small.counts().bytes, 1500);
}

TEST(ResultCache, WhatIsCheapToComputePerByteGoesFirst) {
  ResultCache cache(64 * 1024);
  for (int i = 0; i < 8; ++i) serve(cache, static_cast<float>(i), 1'000'000, 256);
  for (int i = 100; i < 200; ++i) serve(cache, static_cast<float>(i), 1000, 256);
  for (int i = 0; i < 8; ++i)
    EXPECT_EQ(serve(cache, static_cast<float>(i), 1'000'000, 256), Found::kHit) << i;
  const CacheSnapshot counts = cache.counts();
  EXPECT_GT(counts.evictions, 50);
  EXPECT_LE(counts.bytes, counts.limit);
}

TEST(ResultCache, WhatIsUsedOftenStaysAndWhatIsNoLongerUsedGoes) {
  ResultCache cache(32 * 1024);
  serve(cache, 1, 2000, 256);
  for (int round = 0; round < 20; ++round) EXPECT_NE(serve(cache, 1, 2000, 256), Found::kLead);
  for (int i = 100; i < 130; ++i) serve(cache, static_cast<float>(i), 2000, 256);
  EXPECT_EQ(serve(cache, 1, 2000, 256), Found::kHit);
  for (int i = 1000; i < 3000; ++i) serve(cache, static_cast<float>(i), 2000, 256);
  EXPECT_EQ(serve(cache, 1, 2000, 256), Found::kLead);
}

TEST(ResultCache, WhatIsInUseIsNotFreedAndOutlivesTheCache) {
  auto cache = std::make_unique<ResultCache>(16 * 1024);
  serve(*cache, 1, 1, 256);
  Asker holder;
  {
    const BufferRef content = cache->retain(*frame_of(256, 1));
    ASSERT_EQ(holder.ask(*cache, content), Found::kHit);
  }
  for (int i = 100; i < 150; ++i) serve(*cache, static_cast<float>(i), 1'000'000, 256);
  EXPECT_EQ(holder.value(), -1);
  EXPECT_LE(cache->counts().bytes, cache->counts().limit);
  EXPECT_EQ(serve(*cache, 1, 1, 256), Found::kHit);
  cache.reset();
  EXPECT_EQ(holder.value(), -1);
}

TEST(ResultCache, AllInUseIsNoRoom) {
  ResultCache cache(8 * 1024);
  std::vector<Asker> holders(20);
  for (std::size_t i = 0; i < holders.size(); ++i) {
    const auto value = static_cast<float>(i);
    serve(cache, value, 1000, 256);
    const BufferRef content = cache.retain(*frame_of(256, value));
    if (content && holders[i].ask(cache, content) == Found::kLead)
      cache.complete(holders[i].seeker, false, {}, 0);
  }
  EXPECT_GT(cache.counts().refused, 0);
  EXPECT_LE(cache.counts().bytes, cache.counts().limit);
  EXPECT_EQ(holders[0].value(), 0);
}

// Outputs that nobody wanted stay empty; those that are there begin where vector code may read
// them.
TEST(ResultCache, SeveralOutputsKeepTheirShapes) {
  ResultCache cache(kMegabyte);
  const BufferRef content = cache.retain(*frame_of(8, 1));
  Asker leader, later;
  leader.outputs.resize(3);
  later.outputs.resize(3);
  leader.ask(cache, content);
  const std::vector<Tensor> made{tensor_of(3, 1), Tensor(), tensor_of(5, 2)};
  cache.complete(leader.seeker, true, made, 10);
  ASSERT_EQ(later.ask(cache, content), Found::kHit);
  EXPECT_EQ(later.outputs[0].shape(), (Shape{3, 1}));
  EXPECT_FALSE(later.outputs[1]);
  EXPECT_EQ(later.outputs[2].data<float>()[4], 2);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(later.outputs[2].bytes_data()) % kBufferAlignment, 0u);
}

}  // namespace
}  // namespace edgert
