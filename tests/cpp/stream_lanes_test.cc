// Lanes of a device whose runs complete later, on the real clock.
#include "edgert/sched/stream_lanes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>
#include <vector>

#include "edgert/device/sim/sim_device.h"

namespace edgert {
namespace {

struct Item : Work {
  int number = 0;
  bool known = false;  // nothing is to be enqueued
  int begun = 0, ended = 0, settled = 0;
  Status status;
  Nanos started_at = 0, ended_at = 0;
};

// Counts what lanes do with items; a device's serving thread is the only one that calls it.
class Counting : public Runner {
 public:
  void run(Work*, std::uint32_t, int, Lane&) override { FAIL() << "not on a stream"; }
  void settle(Work* work, Lane&) override {
    ++static_cast<Item*>(work)->settled;
    if (on_settle) on_settle(*static_cast<Item*>(work));
    settled.fetch_add(1, std::memory_order_release);
  }
  bool joins(const Handful&, Work&) override { return false; }
  bool prepare(Work* work, int, StreamRun& into) override {
    Item& item = *static_cast<Item*>(work);
    ++item.begun;
    into.node = 0;
    into.model = -1;
    most = std::max(most, ++under_way);
    if (item.known) --under_way;
    return !item.known;
  }
  void complete(Work* work, StreamRun&, Completion& completion, Lane& lane) override {
    Item& item = *static_cast<Item*>(work);
    ++item.ended;
    --under_way;
    item.status = completion.status;
    item.started_at = completion.started;
    item.ended_at = completion.ended;
    order.push_back(item.number);
    streams.push_back(lane.index);
  }
  void wait_for(int count) const {
    while (settled.load(std::memory_order_acquire) < count)
      std::this_thread::sleep_for(std::chrono::microseconds(100));
  }

  std::function<void(Item&)> on_settle;
  int under_way = 0, most = 0;
  std::vector<int> order, streams;
  std::atomic<int> settled{0};
};

struct Served {
  Served(int streams, int in_flight, Nanos each, int instances = 64)
      : ranker(Order::kFifo),
        queues(streams, ranker, 1, runner),
        device(times_of(each), {streams, in_flight, 1}, Clock::real()),
        lanes(queues, device, runner) {
    queues.add_group(instances);
  }
  static DeviceTimes times_of(Nanos each) {
    DeviceTimes times;
    times.nodes = {each};
    return times;
  }
  void submit(Item& item, int number) {
    item.number = number;
    item.ready = number;  // first in, first out
    queues.submit(0, &item);
  }

  Ranker ranker;
  Counting runner;
  Queues queues;
  SimDevice device;
  StreamLanes lanes;
};

TEST(StreamLanes, RunsOfOneStreamKeepTheirOrder) {
  Served served(1, 4, kMillisecond / 2);
  std::vector<Item> items(40);
  for (int i = 0; i < 40; ++i) served.submit(items[static_cast<std::size_t>(i)], i);
  served.lanes.start("edgert-test");
  served.runner.wait_for(40);
  served.lanes.stop();
  for (int i = 0; i < 40; ++i) EXPECT_EQ(served.runner.order[static_cast<std::size_t>(i)], i);
  for (std::size_t i = 1; i < items.size(); ++i)  // one at a time, each behind the one before
    EXPECT_GE(items[i].started_at, items[i - 1].ended_at);
  EXPECT_EQ(served.runner.most, 4);
}

TEST(StreamLanes, OneThreadServesManyStreamsAtTheirFullDepth) {
  Served served(8, 2, 2 * kMillisecond);
  std::vector<Item> items(64);
  for (int i = 0; i < 64; ++i) served.submit(items[static_cast<std::size_t>(i)], i);
  served.lanes.start("edgert-test");
  served.runner.wait_for(64);
  served.lanes.stop();
  EXPECT_EQ(served.runner.most, 16);
  for (int stream = 0; stream < 8; ++stream)
    EXPECT_THAT(served.runner.streams, ::testing::Contains(stream));
  std::int64_t executions = 0;
  for (const auto& lane : served.queues.lanes()) executions += lane->executions.value();
  EXPECT_EQ(executions, 64);
}

TEST(StreamLanes, AnInstanceBoundsWhatIsEnqueued) {
  Served served(4, 4, kMillisecond, 3);
  std::vector<Item> items(30);
  for (int i = 0; i < 30; ++i) served.submit(items[static_cast<std::size_t>(i)], i);
  served.lanes.start("edgert-test");
  served.runner.wait_for(30);
  served.lanes.stop();
  EXPECT_EQ(served.runner.most, 3);
}

TEST(StreamLanes, WhatIsKnownIsSettledWithoutTheDevice) {
  Served served(1, 1, kMillisecond);
  std::vector<Item> items(10);
  for (int i = 0; i < 10; ++i) {
    items[static_cast<std::size_t>(i)].known = i % 2 == 1;
    served.submit(items[static_cast<std::size_t>(i)], i);
  }
  served.lanes.start("edgert-test");
  served.runner.wait_for(10);
  served.lanes.stop();
  EXPECT_THAT(served.runner.order, ::testing::ElementsAre(0, 2, 4, 6, 8));
  for (const Item& item : items) EXPECT_EQ(item.settled, 1);
}

TEST(StreamLanes, StopDoesNotWaitForLongRuns) {
  Served served(2, 3, 3600 * kSecond);
  std::vector<Item> items(20);
  for (int i = 0; i < 20; ++i) served.submit(items[static_cast<std::size_t>(i)], i);
  served.lanes.start("edgert-test");
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  served.lanes.stop();  // would take hours
  int cancelled = 0;
  for (const Item& item : items) {
    EXPECT_EQ(item.begun, item.ended);
    EXPECT_EQ(item.begun, item.settled);
    cancelled += item.status.code() == Code::kCancelled;
  }
  EXPECT_EQ(cancelled, served.runner.most);
}

// Works come back as fast as they are settled, and more from other threads.
TEST(StreamLanes, NothingIsLostBetweenSubmittersAndCompletions) {
  constexpr int kRounds = 200, kItems = 24;
  Served served(3, 2, 20'000);
  std::vector<Item> items(kItems);
  std::vector<std::atomic<int>> left(kItems);
  for (auto& one : left) one.store(kRounds);
  served.runner.on_settle = [&](Item& item) {
    if (item.number % 2 == 0 && left[static_cast<std::size_t>(item.number)].fetch_sub(1) > 1)
      served.submit(item, item.number);
    else if (item.number % 2 == 1)
      left[static_cast<std::size_t>(item.number)].fetch_sub(1, std::memory_order_release);
  };
  served.lanes.start("edgert-test");
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t)
    threads.emplace_back([&, t] {
      for (int i = t; i < kItems; i += 2) {
        Item& item = items[static_cast<std::size_t>(i)];
        served.submit(item, i);
        if (i % 2 == 0) continue;  // those of the first thread come again by themselves
        auto& mine = left[static_cast<std::size_t>(i)];
        for (int round = kRounds - 1; round > 0; --round) {
          while (mine.load(std::memory_order_acquire) > round) std::this_thread::yield();
          served.submit(item, i);
        }
      }
    });
  for (std::thread& thread : threads) thread.join();
  served.runner.wait_for(kRounds * kItems);
  served.lanes.stop();
  EXPECT_EQ(served.runner.settled.load(), kRounds * kItems);
  EXPECT_LE(served.runner.most, 6);
}

}  // namespace
}  // namespace edgert
