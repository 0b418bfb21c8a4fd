// Groups and lanes: order, instances, nothing lost, lanes beside each other.
#include "edgert/sched/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <random>

namespace edgert {
namespace {

struct Item : Work {
  int id = 0;
};

std::vector<Item> items(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<Item> all(count);
  for (std::size_t i = 0; i < count; ++i) {
    all[i].id = static_cast<int>(i);
    all[i].ready = static_cast<Nanos>(random() % 50);
    all[i].deadline = random() % 4 == 0 ? kNever : static_cast<Nanos>(random() % 50);
    all[i].order = i;
  }
  return all;
}

void submit(Ranker& ranker, Group& group, Work& work) {
  ranker.rank(work, 0);
  group.submit(&work);
}

std::vector<Rank> drawn(Order order, std::vector<Item>& all) {
  ReadySet ready(1);
  Ranker ranker(order);
  Group group(0, 1, ready);
  for (Item& item : all) submit(ranker, group, item);
  std::vector<Rank> ranks;
  for (;;) {
    const Group::Draw draw = group.draw();
    if (!draw.first) break;
    ranks.push_back(draw.first->rank);
    EXPECT_EQ(group.draw().first, nullptr);  // the one instance is busy
    EXPECT_EQ(ready.best(), ReadySet::kNone);
    EXPECT_EQ(group.give_back(draw.instance), ranks.size() < all.size());
  }
  return ranks;
}

TEST(Group, DrawsExactlyByRank) {
  for (const Order order :
       {Order::kFifo, Order::kEarliestDeadline, Order::kLeastSlack, Order::kPriority}) {
    std::vector<Item> all = items(1000, 3);
    const std::vector<Rank> ranks = drawn(order, all);
    EXPECT_EQ(ranks.size(), all.size());
    EXPECT_TRUE(std::ranges::is_sorted(ranks));
  }
}

TEST(Group, NewMoreUrgentWorkComesFirst) {
  ReadySet ready(1);
  Ranker ranker(Order::kEarliestDeadline);
  Group group(0, 8, ready);
  std::vector<Item> all(3);
  all[0].deadline = 30;
  all[1].deadline = 20;
  submit(ranker, group, all[0]);
  submit(ranker, group, all[1]);
  EXPECT_EQ(group.draw().first, &all[1]);
  all[2].deadline = 10;
  submit(ranker, group, all[2]);
  EXPECT_EQ(group.draw().first, &all[2]);
  EXPECT_EQ(group.draw().first, &all[0]);
}

std::vector<int> ids_of(const Group::Draw& draw) {
  std::vector<int> ids;
  for (const Work* work = draw.first; work; work = work->next)
    ids.push_back(static_cast<const Item*>(work)->id);
  return ids;
}

TEST(Group, DrawsTheNextBestBehindTheBest) {
  std::vector<Item> all = items(1000, 4), again = items(1000, 4);
  ReadySet ready(1);
  Ranker ranker(Order::kEarliestDeadline);
  Group one(0, 1, ready), several(0, 1, ready);
  for (Item& item : all) submit(ranker, one, item);
  for (Item& item : again) submit(ranker, several, item);
  int left = 1000;
  for (int most = 1; left > 0; most = most % 7 + 1) {
    const Group::Draw draw =
        several.draw([most](const Handful& drawn, const Work&) { return drawn.count < most; });
    EXPECT_EQ(draw.count, std::min(most, left));
    EXPECT_EQ(draw.last->next, nullptr);
    for (const Work* work = draw.first; work; work = work->next, --left) {
      const Group::Draw single = one.draw();
      EXPECT_EQ(work->rank, single.first->rank);
      one.give_back(single.instance);
    }
    EXPECT_EQ(several.waiting(), left);
    EXPECT_EQ(several.give_back(draw.instance), left > 0);
  }
}

TEST(Group, DrawsShortWorkTogetherUpToASum) {
  ReadySet ready(1);
  Ranker ranker(Order::kFifo);
  Group group(0, 64, ready);
  std::vector<Item> all(9);
  const Nanos costs[] = {15'000, 20'000, 15'000, 1, 21'000, 1, 0, 100, 100};
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].id = static_cast<int>(i);
    all[i].ready = static_cast<Nanos>(i);
    all[i].cost = costs[i];
    submit(ranker, group, all[i]);
  }
  using ::testing::ElementsAre;
  EXPECT_THAT(ids_of(group.draw(joins_short)), ElementsAre(0, 1, 2));  // 50 µs
  EXPECT_THAT(ids_of(group.draw(joins_short)), ElementsAre(3));        // the next is not short
  EXPECT_THAT(ids_of(group.draw(joins_short)), ElementsAre(4));
  EXPECT_THAT(ids_of(group.draw(joins_short)), ElementsAre(5));  // the next is unknown
  EXPECT_THAT(ids_of(group.draw(joins_short)), ElementsAre(6));
  EXPECT_THAT(ids_of(group.draw(joins_short)), ElementsAre(7, 8));
  EXPECT_EQ(group.draw(joins_short).count, 0);
}

TEST(ReadySet, FindsTheMostUrgentOfManyGroups) {
  ReadySet ready(200);
  EXPECT_EQ(ready.best(), ReadySet::kNone);
  for (const std::uint32_t group : {5u, 70u, 199u}) {
    ready.lower_key(group, 1000 - group);
    ready.mark(group);
  }
  EXPECT_EQ(ready.best(), 199u);
  EXPECT_EQ(ready.best(199), 70u);
  ready.lower_key(5, 1);
  EXPECT_EQ(ready.best(), 5u);
  ready.clear(5);
  EXPECT_EQ(ready.best(), 199u);
}

struct Calls : Runner {
  std::function<void(Item&, std::uint32_t, int)> on_run;
  std::function<void(Item&)> on_settle = [](Item&) {};
  void run(Work* works, std::uint32_t group, int instance, Lane&) override {
    for (Work* work = works; work; work = work->next)
      on_run(*static_cast<Item*>(work), group, instance);
  }
  void settle(Work* work, Lane&) override { on_settle(*static_cast<Item*>(work)); }
};

void wait_for(const std::atomic<int>& value, int wanted) {
  for (const Nanos end = now() + 30 * kSecond; value.load() < wanted && now() < end;)
    std::this_thread::yield();
}

// Works of no known cost are drawn one by one, short ones together.
class SchedulerOf : public ::testing::TestWithParam<Nanos> {};
INSTANTIATE_TEST_SUITE_P(Cost, SchedulerOf, ::testing::Values(0, 2000));

TEST_P(SchedulerOf, RunsEachWorkOnceWithinItsInstances) {
  constexpr int kGroups = 5, kProducers = 4, kEach = 5000;
  Calls calls;
  Ranker ranker(Order::kFifo);
  Scheduler scheduler(4, ranker, kGroups, calls);
  for (int group = 0; group < kGroups; ++group) scheduler.add_group(1 + group);
  std::array<std::atomic<std::uint64_t>, kGroups> busy{};
  std::vector<std::atomic<int>> runs(kProducers * kEach);
  std::atomic<int> done{0};
  calls.on_run = [&](Item& item, std::uint32_t group, int instance) {
    const std::uint64_t bit = std::uint64_t{1} << instance;
    EXPECT_LE(instance, static_cast<int>(group));
    EXPECT_EQ(busy[group].fetch_or(bit) & bit, 0u);
    runs[static_cast<std::size_t>(item.id)].fetch_add(1);
    busy[group].fetch_and(~bit);
    done.fetch_add(1);
  };
  scheduler.start();
  std::vector<Item> all(kProducers * kEach);
  std::vector<std::thread> producers;
  for (int producer = 0; producer < kProducers; ++producer) {
    producers.emplace_back([&, producer] {
      for (int i = producer * kEach; i < (producer + 1) * kEach; ++i) {
        all[static_cast<std::size_t>(i)].id = i;
        all[static_cast<std::size_t>(i)].cost = GetParam();
        scheduler.submit(static_cast<std::uint32_t>(i % kGroups),
                         &all[static_cast<std::size_t>(i)]);
        if (i % 100 == 0)
          std::this_thread::sleep_for(std::chrono::microseconds(200));  // lanes fall asleep
      }
    });
  }
  for (std::thread& producer : producers) producer.join();
  wait_for(done, kProducers * kEach);
  scheduler.stop();
  for (const auto& count : runs) ASSERT_EQ(count.load(), 1);
  for (std::uint32_t group = 0; group < kGroups; ++group) EXPECT_EQ(scheduler.waiting(group), 0);
}

// Each piece of work ends only when all of them have begun: one lane a piece must come.
TEST(Scheduler, LanesThatSleepComeForWorkBesideABusyOne) {
  constexpr int kLanes = 4;
  for (int round = 0; round < 50; ++round) {
    Calls calls;
    Ranker ranker(Order::kFifo);
    Scheduler scheduler(kLanes, ranker, kLanes, calls);
    for (int group = 0; group < kLanes; ++group) scheduler.add_group(1);
    std::atomic<int> begun{0}, ended{0};
    calls.on_run = [&](Item&, std::uint32_t, int) {
      begun.fetch_add(1);
      wait_for(begun, kLanes);
      ended.fetch_add(begun.load() == kLanes ? 1 : 0);
    };
    scheduler.start();
    std::vector<Item> all(kLanes);
    for (std::uint32_t group = 0; group < kLanes; ++group) {
      std::this_thread::sleep_for(std::chrono::microseconds(round * 20));
      scheduler.submit(group, &all[group]);
    }
    wait_for(ended, kLanes);
    scheduler.stop();
    ASSERT_EQ(ended.load(), kLanes) << "round " << round;
  }
}

// The same in one scheduler's life, many times, with gaps in which lanes search, doze off, sleep.
TEST(Scheduler, EachOfManyBurstsGetsAllLanes) {
  constexpr int kLanes = 4, kBursts = 4000;
  Calls calls;
  Ranker ranker(Order::kFifo);
  Scheduler scheduler(kLanes, ranker, kLanes, calls);
  for (int group = 0; group < kLanes; ++group) scheduler.add_group(1);
  std::atomic<int> begun{0}, settled{0};
  int wanted = 0;
  calls.on_run = [&](Item& item, std::uint32_t, int) {
    begun.fetch_add(1);
    wait_for(begun, item.id);
  };
  calls.on_settle = [&](Item&) { settled.fetch_add(1); };
  scheduler.start();
  std::mt19937 random(1);
  std::vector<Item> all(kLanes);
  for (int burst = 0; burst < kBursts; ++burst) {
    wanted += kLanes;
    for (std::uint32_t group = 0; group < kLanes; ++group) {
      if (random() % 4 == 0) std::this_thread::sleep_for(std::chrono::microseconds(random() % 200));
      all[group].id = wanted;  // so many have begun when all of this burst have
      scheduler.submit(group, &all[group]);
    }
    const Nanos start = now();
    wait_for(settled, wanted);
    ASSERT_EQ(settled.load(), wanted) << "burst " << burst;
    ASSERT_LT(now() - start, 20 * kSecond) << "burst " << burst << " waited for a lane";
  }
  scheduler.stop();
}

TEST(Scheduler, OneGroupFillsSeveralLanes) {
  Calls calls;
  Ranker ranker(Order::kEarliestDeadline);
  Scheduler scheduler(3, ranker, 1, calls);
  scheduler.add_group(3);
  std::atomic<int> begun{0}, ended{0};
  calls.on_run = [&](Item&, std::uint32_t, int) {
    begun.fetch_add(1);
    wait_for(begun, 3);
    ended.fetch_add(1);
  };
  scheduler.start();
  std::vector<Item> all(3);
  for (Item& item : all) scheduler.submit(0, &item);
  wait_for(ended, 3);
  EXPECT_EQ(begun.load(), 3);
  scheduler.stop();
}

// What follows from the first run ends only when the second has run, on the same only instance.
TEST(Scheduler, TheInstanceIsFreeForOthersWhileARunIsSettled) {
  for (int round = 0; round < 50; ++round) {
    Calls calls;
    Ranker ranker(Order::kFifo);
    Scheduler scheduler(2, ranker, 1, calls);
    scheduler.add_group(1);
    std::atomic<int> running{0}, run{0}, settled{0};
    calls.on_run = [&](Item&, std::uint32_t, int instance) {
      EXPECT_EQ(instance, 0);
      EXPECT_EQ(running.fetch_add(1), 0);  // one at a time
      running.fetch_sub(1);
      run.fetch_add(1);
    };
    calls.on_settle = [&](Item&) {
      wait_for(run, 2);
      settled.fetch_add(run.load() == 2 ? 1 : 0);
    };
    scheduler.start();
    std::vector<Item> all(2);
    for (Item& item : all) {
      scheduler.submit(0, &item);
      std::this_thread::sleep_for(std::chrono::microseconds(round * 10));
    }
    wait_for(settled, 2);
    scheduler.stop();
    ASSERT_EQ(settled.load(), 2) << "round " << round;
  }
}

// Two groups of long works, which leave a lane free, and short ones, which run beside them.
struct KeptFree {
  KeptFree() {
    for (int group = 0; group < 3; ++group) scheduler.add_group(4);
    calls.on_run = [this](Item&, std::uint32_t group, int) {
      const bool limited = group < 2;
      const int beside = limited ? running.fetch_add(1) + 1 : 0;
      for (int most = most_limited.load(); beside > most;)
        if (most_limited.compare_exchange_weak(most, beside)) break;
      std::this_thread::sleep_for(std::chrono::microseconds(limited ? 500 : 20));
      if (limited) running.fetch_sub(1);
      run.fetch_add(1);
    };
  }
  void submit_all() {
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i].cost = i % 3 < 2 ? 5 * kMillisecond : kMillisecond;
      scheduler.submit(static_cast<std::uint32_t>(i % 3), &all[i]);
    }
  }
  Calls calls;
  Ranker ranker{Order::kFifo};
  Scheduler scheduler{3, ranker, 3, calls};
  std::atomic<int> running{0}, most_limited{0}, run{0};
  std::vector<Item> all{300};
};

TEST(KeepFree, WorksOfSomeGroupsLeaveLanesFree) {
  KeptFree box;
  box.scheduler.keep_free({2, kNever, {true, true, false}});
  box.scheduler.start();
  box.submit_all();
  wait_for(box.run, 300);
  box.scheduler.stop();
  EXPECT_EQ(box.run.load(), 300);
  EXPECT_EQ(box.most_limited.load(), 1);
}

TEST(KeepFree, LongRunsLeaveLanesFree) {
  KeptFree box;
  box.scheduler.keep_free({1, 2 * kMillisecond, {}});
  box.scheduler.start();
  box.submit_all();
  wait_for(box.run, 300);
  box.scheduler.stop();
  EXPECT_EQ(box.run.load(), 300);
  EXPECT_LE(box.most_limited.load(), 2);
}

TEST(KeepFree, OneLaneIsLeftToWhatIsLimited) {
  KeptFree box;
  box.scheduler.keep_free({64, 0, {true, true, true}});
  box.scheduler.start();
  box.submit_all();
  wait_for(box.run, 300);
  box.scheduler.stop();
  EXPECT_EQ(box.run.load(), 300);
}

TEST(KeepFree, MayChangeWhileWorkWaits) {
  KeptFree box;
  box.scheduler.start();
  box.submit_all();
  std::mt19937 random(5);
  while (box.run.load() < 300) {
    const bool first = random() % 2 == 0, second = random() % 2 == 0;
    box.scheduler.keep_free({static_cast<int>(random() % 3),
                             random() % 2 == 0 ? kNever : 2 * kMillisecond,
                             {first, second, false}});
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 300));
  }
  box.scheduler.stop();
  EXPECT_EQ(box.run.load(), 300);
}

TEST(Scheduler, StopsWithWorkLeft) {
  Calls calls;
  calls.on_run = [](Item&, std::uint32_t, int) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  };
  std::vector<Item> all(1000);
  Ranker ranker(Order::kFifo);
  Scheduler scheduler(2, ranker, 1, calls);
  scheduler.add_group(1);
  scheduler.start();
  for (Item& item : all) scheduler.submit(0, &item);
  scheduler.stop();
  EXPECT_GT(scheduler.waiting(0), 0);
}

}  // namespace
}  // namespace edgert
