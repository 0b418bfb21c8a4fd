// Many threads ask for few contents in a cache with too little room, some with errors, some giving
// up: each answer is that of its content, each who waits is handed out once, and in the end all
// memory is given back.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <random>
#include <span>
#include <thread>
#include <vector>

#include "edgert/cache/result_cache.h"

namespace edgert {
namespace {

constexpr int kThreads = 6, kRounds = 4000, kContents = 24;
constexpr std::size_t kFloats = 100;

FrameRef frame_of(int content) {
  FrameRef frame = make_frame();
  frame->kind = FrameKind::kTable;
  frame->samples = allocate_tensor(DType::kFloat32, {kFloats, 1});
  for (std::size_t i = 0; i < kFloats; ++i)
    frame->samples.data<float>()[i] = static_cast<float>(content);
  return frame;
}

struct Request {
  Seeker seeker;  // first, so that a seeker is its request
  std::vector<Tensor> outputs = std::vector<Tensor>(1);
  std::atomic<int> told{0};
  bool failed = false;
};

struct Worker {
  ResultCache& cache;
  std::mt19937 random;
  std::vector<Tensor> held;  // pins some
  std::atomic<int>& computed;

  void finish(Request& leader, int content, bool fails) {
    Tensor output = allocate_tensor(DType::kFloat32, {kFloats});
    for (std::size_t i = 0; i < kFloats; ++i)
      output.data<float>()[i] = static_cast<float>(-content);
    computed.fetch_add(1);
    const std::span<const Tensor> outputs(&output, fails ? 0 : 1);
    for (Seeker* seeker = cache.complete(leader.seeker, !fails, outputs, content * 100); seeker;) {
      auto* waiter = reinterpret_cast<Request*>(seeker);
      seeker = seeker->next;
      waiter->failed = fails;
      waiter->told.fetch_add(1, std::memory_order_release);
    }
  }

  void ask(int content) {
    const BufferRef known = cache.retain(*frame_of(content));
    if (!known) return;
    Request request;
    request.seeker.needed_until = static_cast<Nanos>(random() % 100);
    Nanos cost = 0;
    // For one of two, or both together.
    constexpr std::array<std::uint32_t, 2> kBoth{2, 3};
    const auto who = random() % 3;
    const auto spaces = std::span(kBoth).subspan(who == 1, who == 2 ? 2 : 1);
    switch (cache.find(*known, {5, 6}, spaces, request.seeker, request.outputs, cost)) {
      case Found::kLead:
        if (random() % 4 == 0) cache.give_up(request.seeker, static_cast<Nanos>(random() % 100));
        finish(request, content, random() % 8 == 0);
        return;
      case Found::kWait:
        while (request.told.load(std::memory_order_acquire) == 0) std::this_thread::yield();
        EXPECT_EQ(request.told.load(), 1);
        if (request.failed) return;
        break;
      case Found::kHit:
        break;
    }
    const Tensor& output = request.outputs[0];
    EXPECT_EQ(output.data<float>()[0], static_cast<float>(-content));
    EXPECT_EQ(output.data<float>()[kFloats - 1], static_cast<float>(-content));
    if (random() % 4 == 0) held.push_back(output);
    if (held.size() > 4) held.erase(held.begin());
  }
};

TEST(ResultCacheStress, EachGetsItsContentsAnswerOnce) {
  ResultCache cache(12 * 1024);  // room for some eight of them
  std::atomic<int> computed{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      Worker worker{cache, std::mt19937(static_cast<unsigned>(i)), {}, computed};
      for (int round = 0; round < kRounds; ++round)
        worker.ask(static_cast<int>(worker.random() % kContents) + 1);
    });
  }
  for (std::thread& thread : threads) thread.join();
  const CacheSnapshot counts = cache.counts();
  EXPECT_GT(counts.hits, 0);
  EXPECT_GT(counts.evictions, 0);
  EXPECT_LE(counts.bytes, counts.limit);
  EXPECT_EQ(counts.misses, computed.load());
  // Nothing is pinned now: a flood of others replaces all that is left.
  for (int content = 1000; content < 1100; ++content) {
    Worker worker{cache, std::mt19937(1), {}, computed};
    worker.ask(content);
  }
  EXPECT_LE(cache.counts().bytes, cache.counts().limit);
}

}  // namespace
}  // namespace edgert
