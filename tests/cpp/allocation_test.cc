// In the steady state nothing is allocated between a push and the callbacks: every allocation of
// the process is counted, by operator new and below it by malloc and aligned_alloc.
#include <atomic>
#include <new>
#include <thread>

#include "plan_fixture.h"

namespace {

std::atomic<std::int64_t> allocations{0};

}  // namespace

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

// glibc's own names for what these replace.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_realloc(old, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_memalign(alignment, size);
}
}

namespace edgert::testing {
namespace {

// Two pipelines that share a model, one with a step by regions, a gather and a condition.
void make_plan(TestPlan& plan) {
  const ValueRef rows =
      plan.rows(plan.sensor("a sensor with a long name", {InboxPolicy::kBlock, 4, 4}, 4));
  const ValueRef shared = plan.run(plan.model("shared", "1x4"), rows);
  const Params params{{"min_score", 0.5}, {"top", std::int64_t{4}}};
  const ValueRef region = plan.region(plan.transform("answer.classes", params, {shared}));
  const ValueRef by_row = plan.run(plan.model("by row", "2"), region);
  PipelineSpec spec =
      TestPlan::pipeline_of("first", {{"gathered", plan.gather(by_row), -1}, {"rows", by_row, -1}});
  spec.latency = kSecond;
  spec.on_miss = OnMiss::kLate;
  plan.add(spec);
  plan.pipeline("second", plan.run(plan.model("own", "1x4"), shared), plan.gate(rows, 0.5));
}

TEST(Allocation, NothingIsAllocatedFromPushToCallback) {
  TestPlan plan;
  make_plan(plan);
  Running running(plan, 2);
  std::atomic<int> first{0}, second{0};
  running.pipeline("first").set_callback(
      [&](const Answer& a) { first.fetch_add(a.status.ok() ? 1 : 0); });
  running.pipeline("second").set_callback(
      [&](const Answer& a) { second.fetch_add(a.status.ok() ? 1 : 0); });
  running.runtime->start();
  SensorPort& port = running.sensor("a sensor with a long name");
  const FrameRef source = table_frame({.9F, .8F, .1F, .7F}, 4),
                 other = table_frame({.1F, .8F, .9F, .7F}, 4);
  const auto push = [&](int i) {
    FrameRef frame = port.blank();
    frame->kind = FrameKind::kTable;
    frame->samples = (i % 2 ? source : other)->samples;
    return port.push(std::move(frame)).ok();
  };
  const auto push_all = [&](int count) {
    const int before = first.load();
    bool pushed = true;
    for (int i = 0; i < count; ++i) pushed &= push(i);
    while (first.load() < before + count) std::this_thread::yield();
    return pushed;
  };
  // Pools grow to the most that was ever in use at once, which chance decides: rounds go on until
  // one of them allocates nothing. One allocation a frame would be thousands in each.
  constexpr int kRounds = 40, kFrames = 2000;
  int rounds = 0;
  std::int64_t allocated = 1;
  for (; rounds < kRounds && allocated > 0; ++rounds) {
    const std::int64_t before = allocations.load();
    ASSERT_TRUE(push_all(kFrames));
    allocated = allocations.load() - before;
    if (rounds > 0) {
      EXPECT_LT(allocated, 500) << "round " << rounds;
    }
  }
  EXPECT_GT(allocations.load(), 0);
  EXPECT_EQ(allocated, 0);
  running.runtime->stop();
  EXPECT_EQ(first.load(), rounds * kFrames);
  EXPECT_EQ(second.load(), rounds * kFrames);
}

}  // namespace
}  // namespace edgert::testing

#endif
