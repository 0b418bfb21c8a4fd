// A published value: readers see whole values that are not freed under them; old ones go.
#include "edgert/queue/published.h"

#include <gtest/gtest.h>

#include <thread>

namespace edgert {
namespace {

std::atomic<int> alive{0};

struct Pair {
  explicit Pair(std::int64_t value) : a(value), b(value) { alive.fetch_add(1); }
  ~Pair() {
    a = -1;
    alive.fetch_sub(1);
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  std::int64_t a, b;
};

bool whole(const Pair* pair) {
  return pair == nullptr || (pair->a == pair->b && pair->a >= 0);
}

TEST(Published, ReadersSeeNullUntilThereIsAValue) {
  Published<Pair> published;
  EXPECT_TRUE(published.read(0, [](const Pair* pair) { return pair == nullptr; }));
  published.publish(std::make_unique<Pair>(5));
  EXPECT_EQ(published.read(0, [](const Pair* pair) { return pair->a; }), 5);
}

TEST(Published, OldValuesGoWhenNobodyReadsThem) {
  {
    Published<Pair> published;
    for (int i = 0; i < 100; ++i) published.publish(std::make_unique<Pair>(i));
    EXPECT_EQ(alive.load(), 1);
    published.read(3, [&](const Pair* pair) {
      published.publish(std::make_unique<Pair>(7));
      published.publish(std::make_unique<Pair>(8));
      EXPECT_TRUE(whole(pair));
      EXPECT_EQ(alive.load(), 3);
      return 0;
    });
    published.publish(std::make_unique<Pair>(9));
    EXPECT_EQ(alive.load(), 1);
    EXPECT_EQ(published.retired(), 0u);
    // One of more readers than have places of their own.
    published.read(kReaders + 3, [&](const Pair* pair) {
      published.publish(std::make_unique<Pair>(10));
      EXPECT_TRUE(whole(pair));
      EXPECT_EQ(alive.load(), 2);
      return 0;
    });
  }
  EXPECT_EQ(alive.load(), 0);
}

TEST(Published, ManyReadersWhileItChanges) {
  Published<Pair> published;
  std::atomic<bool> stop{false};
  std::atomic<int> torn{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i)
    readers.emplace_back([&] {
      while (!stop.load())
        if (!published.read(reader_number(), whole)) torn.fetch_add(1);
    });
  for (int i = 0; i < 20'000; ++i) published.publish(std::make_unique<Pair>(i));
  stop.store(true);
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(torn.load(), 0);
  published.publish(std::make_unique<Pair>(1));
  EXPECT_EQ(published.retired(), 0u);
}

TEST(Published, NumbersOfThreadsThatEndedAreGivenAgain) {
  for (std::size_t i = 0; i < 3 * kReaders; ++i)
    std::thread([] { EXPECT_LT(reader_number(), kReaders); }).join();
}

}  // namespace
}  // namespace edgert
