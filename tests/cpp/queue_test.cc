// The intake stack, the ring and the event count under real threads.
#include <gtest/gtest.h>

#include <numeric>
#include <thread>
#include <vector>

#include "edgert/queue/event_count.h"
#include "edgert/queue/intake_stack.h"
#include "edgert/queue/ring.h"

namespace edgert {
namespace {

struct Item {
  Item* next = nullptr;
  int producer = 0, number = 0;
};

TEST(IntakeStack, GivesItemsInTheOrderOfPushes) {
  IntakeStack<Item> stack;
  EXPECT_TRUE(stack.empty());
  EXPECT_EQ(stack.take_all(), nullptr);
  std::vector<Item> items(5);
  for (Item& item : items) stack.push(&item);
  EXPECT_FALSE(stack.empty());
  Item* item = stack.take_all();
  for (Item& expected : items) {
    EXPECT_EQ(item, &expected);
    item = item->next;
  }
  EXPECT_EQ(item, nullptr);
}

TEST(IntakeStack, KeepsEachProducersOrder) {
  constexpr int kProducers = 3, kEach = 20000;
  IntakeStack<Item> stack;
  std::vector<Item> items(kProducers * kEach);
  std::vector<std::thread> producers;
  for (int producer = 0; producer < kProducers; ++producer) {
    producers.emplace_back([&, producer] {
      for (int i = 0; i < kEach; ++i) {
        Item& item = items[static_cast<std::size_t>(producer * kEach + i)];
        item.producer = producer;
        item.number = i;
        stack.push(&item);
      }
    });
  }
  std::vector<int> next(kProducers, 0);
  for (int left = kProducers * kEach; left > 0;)
    for (Item* item = stack.take_all(); item; item = item->next, --left)
      ASSERT_EQ(item->number, next[static_cast<std::size_t>(item->producer)]++);
  for (std::thread& producer : producers) producer.join();
}

TEST(Ring, HoldsItsCapacityAndIsFirstInFirstOut) {
  Ring<int> ring(5);
  EXPECT_EQ(ring.capacity(), 8u);
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 8; ++i) EXPECT_TRUE(ring.try_push(int(i)));
    EXPECT_FALSE(ring.try_push(9));
    EXPECT_EQ(ring.size(), 8u);
    for (int i = 0, value = -1; i < 8; ++i) EXPECT_TRUE(ring.try_pop(value) && value == i);
    int none = 0;
    EXPECT_FALSE(ring.try_pop(none));
  }
}

TEST(Ring, DropsNoReferenceAndKeepsNone) {
  Ring<std::shared_ptr<int>> ring(2);
  auto value = std::make_shared<int>(1);
  EXPECT_TRUE(ring.try_push(std::shared_ptr<int>(value)));
  EXPECT_TRUE(ring.try_push(std::shared_ptr<int>(value)));
  auto refused = value;
  EXPECT_FALSE(ring.try_push(std::move(refused)));
  EXPECT_TRUE(refused);  // a refused value is not moved from
  refused.reset();
  std::shared_ptr<int> out;
  EXPECT_TRUE(ring.try_pop(out));
  out.reset();
  EXPECT_EQ(value.use_count(), 2);
}

TEST(Ring, MovesEachValueOnceBetweenThreads) {
  constexpr int kThreads = 2, kEach = 50000;
  Ring<int> ring(4);
  std::atomic<std::int64_t> sum{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&] {
      for (int i = 1; i <= kEach; ++i)
        while (!ring.try_push(int(i))) std::this_thread::yield();
    });
    threads.emplace_back([&] {
      for (int i = 0, value = 0; i < kEach; ++i) {
        while (!ring.try_pop(value)) std::this_thread::yield();
        sum.fetch_add(value);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sum.load(), std::int64_t{kThreads} * kEach * (kEach + 1) / 2);
}

TEST(EventCount, TimesOutAndWakes) {
  EventCount events;
  EXPECT_FALSE(events.notify_one());
  EXPECT_FALSE(events.wait(events.prepare(), now() + kMillisecond));
  EXPECT_FALSE(events.has_waiters());
  const EventCount::Ticket ticket = events.prepare();
  EXPECT_TRUE(events.notify_all());
  EXPECT_TRUE(events.wait(ticket));
}

// Consumers sleep until a token is there; no token is left when all have been taken.
TEST(EventCount, LosesNoWake) {
  constexpr int kThreads = 3, kEach = 2000;
  EventCount events;
  std::atomic<int> tokens{0};
  const auto take = [&] {
    int there = tokens.load(std::memory_order_relaxed);
    while (there > 0)
      if (tokens.compare_exchange_weak(there, there - 1, std::memory_order_relaxed)) return true;
    return false;
  };
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        while (!take()) {
          const EventCount::Ticket ticket = events.prepare();
          if (tokens.load(std::memory_order_relaxed) > 0) {
            events.cancel();
          } else {
            events.wait(ticket);
          }
        }
      }
    });
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        tokens.fetch_add(1, std::memory_order_relaxed);
        events.notify_one();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(tokens.load(), 0);
}

}  // namespace
}  // namespace edgert
