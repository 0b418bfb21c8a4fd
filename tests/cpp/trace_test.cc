// Records: what is kept, what is lost, and that nothing is written after stop().
#include "edgert/metrics/trace.h"

#include <atomic>
#include <map>
#include <thread>

#include "plan_fixture.h"

namespace edgert::testing {
namespace {

TraceRecord record_of(int where, std::uint64_t frame, std::uint64_t cause = 0) {
  TraceRecord record{};
  record.where = where;
  record.frame = frame;
  record.cause = cause;
  return record;
}

TEST(Trace, OffItNotesNothing) {
  Trace trace;
  EXPECT_FALSE(trace.on());
  EXPECT_EQ(trace.add(record_of(1, 1)), 0u);
  EXPECT_EQ(trace.stop().count, 0u);
}

TEST(Trace, RecordsNameTheirCausesByNumber) {
  Trace trace;
  must(trace.start(8));
  const std::uint64_t first = trace.add(record_of(1, 1));
  const std::uint64_t second = trace.add(record_of(2, 1, first));
  trace.add(record_of(3, 1, second));
  const Trace::Log log = trace.stop();
  ASSERT_EQ(log.count, 3u);
  EXPECT_EQ(log.records[0].cause, 0u);
  EXPECT_EQ(log.records[1].cause, 1u);
  EXPECT_EQ(log.records[2].cause, 2u);
}

TEST(Trace, CausesOfAnEarlierTraceNameNothing) {
  Trace trace;
  must(trace.start(8));
  const std::uint64_t old = trace.add(record_of(1, 1));
  trace.stop();
  must(trace.start(8));
  trace.add(record_of(2, 2, old));
  EXPECT_EQ(trace.stop().records[0].cause, 0u);
}

TEST(Trace, WhatFindsNoPlaceIsCounted) {
  Trace trace;
  must(trace.start(3));
  EXPECT_FALSE(trace.start(3).ok());
  for (int i = 0; i < 10; ++i) EXPECT_EQ(trace.add(record_of(i, 0)) != 0, i < 3);
  const Trace::Log log = trace.stop();
  EXPECT_EQ(log.count, 3u);
  EXPECT_EQ(log.lost, 7u);
  EXPECT_EQ(log.records[2].where, 2);
  EXPECT_FALSE(trace.start(0).ok());
}

// Also what the thread sanitizer looks at: traces begin and end while others write.
TEST(Trace, ThreadsWriteWhileTracesBeginAndEnd) {
  constexpr int kThreads = 3;
  Trace trace;
  std::atomic<bool> over{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; !over.load(); ++i)
        if (trace.on()) trace.add(record_of(t, i));
    });
  for (int round = 0; round < 50; ++round) {
    must(trace.start(2000));
    while (trace.add(record_of(kThreads, 0)) != 0) {
    }
    const Trace::Log log = trace.stop();
    ASSERT_EQ(log.count, 2000u);
    ASSERT_GE(log.lost, 1u);
    std::map<int, std::uint64_t> last;
    for (std::size_t i = 0; i < log.count; ++i) {
      const TraceRecord& record = log.records[i];
      ASSERT_LE(record.where, kThreads);
      if (record.where == kThreads) continue;
      const auto found = last.find(record.where);
      // Each thread's records are there in its order, none twice.
      ASSERT_TRUE(found == last.end() || record.frame > found->second);
      last[record.where] = record.frame;
    }
  }
  over.store(true);
  for (std::thread& thread : threads) thread.join();
}

TEST(Trace, ARunHasARecordOfEachExecutionAndResult) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s", {InboxPolicy::kBlock, 8, 8}));
  const ValueRef shared = plan.run(plan.model("shared", "1x2", "echo\nwork_us 50\n"), rows);
  plan.pipeline("a", shared);
  plan.pipeline("b", plan.run(plan.model("own"), shared));
  Running running(plan);
  running.attach("a");
  running.attach("b");
  must(running.runtime->trace().start(10'000));
  running.runtime->start();
  constexpr int kFrames = 50;
  for (int i = 0; i < kFrames; ++i) {
    running.push("s", {1, 2});
    running.next("a");
    running.next("b");
  }
  running.runtime->stop();
  const Trace::Log log = running.runtime->trace().stop();
  EXPECT_EQ(log.lost, 0u);

  std::map<int, std::int64_t> executed;
  std::map<TraceKind, int> kinds;
  for (std::size_t i = 0; i < log.count; ++i) {
    const TraceRecord& record = log.records[i];
    ++kinds[record.kind];
    EXPECT_LE(record.start, record.end);
    if (record.kind != TraceKind::kRan) continue;
    ++executed[record.where];
    EXPECT_LE(record.ready, record.start);
    ASSERT_GE(record.cause, 1u);
    const TraceRecord& cause = log.records[record.cause - 1];
    EXPECT_EQ(cause.frame, record.frame);
    EXPECT_LE(cause.end, record.start);
    EXPECT_NE(record.wanted_by, 0u);
  }
  EXPECT_EQ(kinds[TraceKind::kAdmitted], kFrames);
  EXPECT_EQ(kinds[TraceKind::kAnswered], 2 * kFrames);
  for (const NodeSnapshot& node : running.runtime->snapshot().nodes)
    EXPECT_EQ(executed[node.id], node.executed) << node.name;
}

}  // namespace
}  // namespace edgert::testing
