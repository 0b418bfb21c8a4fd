// Ranks by every order, turns of applications, and owners that share work or come late.
#include "edgert/sched/ranker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edgert/sched/group.h"

namespace edgert {
namespace {

using ::testing::ElementsAre;

constexpr Nanos kMs = kMillisecond;
const Owner kOwners[]{{0, 0}, {1, 1}, {2, 2}};

struct Item : Work {
  explicit Item(int item_id = 0, std::uint64_t by = 1) : id(item_id) {
    owners = kOwners;
    wanted_by = by;
  }
  Item at(Nanos time, Nanos until = kNever, Nanos start = kNever) const {
    Item item(id, wanted_by.load());
    item.ready = time;
    item.order = static_cast<std::uint64_t>(time);
    item.deadline = until;
    item.latest_start = start;
    return item;
  }
  Item(const Item& other) : Item(other.id, other.wanted_by.load()) {
    ready = other.ready;
    order = other.order;
    deadline = other.deadline;
    latest_start = other.latest_start;
    cost = other.cost;
  }
  int id;
};

// One model's group, drawn to the end on one instance.
class Queue {
 public:
  explicit Queue(Ranker& ranker) : ranker_(ranker), group_(0, 1, ready_, &ranker.shares()) {}

  void submit(Item& item) {
    ranker_.rank(item, 0);
    group_.submit(&item);
  }
  Item* draw(Nanos took = 0) {
    const Group::Draw draw = group_.draw();
    if (!draw.first) return nullptr;
    ranker_.drawn(*draw.first);
    ranker_.settle(*draw.first, took);
    group_.give_back(draw.instance);
    return static_cast<Item*>(draw.first);
  }
  std::vector<int> drain() {
    std::vector<int> ids;
    while (Item* item = draw()) ids.push_back(item->id);
    return ids;
  }
  Group& group() { return group_; }

 private:
  Ranker& ranker_;
  ReadySet ready_{1};
  Group group_;
};

std::vector<int> drawn_by(Ranker& ranker, std::vector<Item> items) {
  Queue queue(ranker);
  for (Item& item : items) queue.submit(item);
  return queue.drain();
}
std::vector<int> drawn_by(Order order, std::vector<Item> items) {
  Ranker ranker({{}, {}, {}}, order);
  return drawn_by(ranker, std::move(items));
}

TEST(Ranker, FifoByTheTimeItBecameReadyAndThenByDeadline) {
  EXPECT_THAT(drawn_by(Order::kFifo, {Item(0).at(3), Item(1).at(1), Item(2).at(2, 9),
                                      Item(3).at(2, 5), Item(4).at(2)}),
              ElementsAre(1, 3, 2, 4, 0));
}

TEST(Ranker, DeadlinesBeforeAge) {
  EXPECT_THAT(drawn_by(Order::kEarliestDeadline,
                       {Item(0).at(1), Item(1).at(2, 90), Item(2).at(3, 80), Item(3).at(0)}),
              ElementsAre(2, 1, 3, 0));
}

TEST(Ranker, SlackCountsWhatFollows) {
  // The later deadline has the longer way to go.
  EXPECT_THAT(
      drawn_by(Order::kLeastSlack, {Item(0).at(0, 50, 45), Item(1).at(0, 80, 20), Item(2).at(0)}),
      ElementsAre(1, 0, 2));
}

TEST(Ranker, PriorityFirstButWaitingMakesUpForIt) {
  Ranker ranker({{1, 0}, {1, 5}, {1, -1}}, Order::kPriority, 100 * kMs);
  const Item low(0, 1), high(1, 2), lowest(2, 4);
  EXPECT_THAT(drawn_by(ranker, {lowest.at(0), low.at(0), high.at(0)}), ElementsAre(1, 0, 2));
  // Half a second of waiting is worth five steps.
  EXPECT_THAT(drawn_by(ranker, {high.at(501 * kMs), low.at(0)}), ElementsAre(0, 1));
  EXPECT_THAT(drawn_by(ranker, {high.at(499 * kMs), low.at(0)}), ElementsAre(1, 0));
}

TEST(Ranker, APriorityThatNobodyWaitsOutStaysFirst) {
  for (const Nanos ageing : {8784 * 3600 * kSecond, INT64_MAX}) {
    Ranker ranker({{1, 1000}, {1, 0}, {1, -1000}}, Order::kPriority, ageing);
    const Item high(0, 1), middle(1, 2), low(2, 4);
    EXPECT_THAT(drawn_by(ranker, {low.at(0), middle.at(1 * kMs), high.at(2 * kMs)}),
                ElementsAre(0, 1, 2));
  }
}

TEST(Ranker, SharedWorkHasTheBestRankOfItsOwners) {
  Ranker ranker({{1, 0}, {1, 5}, {1, 1}}, Order::kPriority);
  const Item shared(0, 0b011), other(1, 0b100);
  EXPECT_THAT(drawn_by(ranker, {other.at(0), shared.at(0)}), ElementsAre(0, 1));
}

TEST(Ranker, ATableMovesRanks) {
  Ranker ranker({{}, {}, {}}, Order::kTable);
  const auto items = [] {
    return std::vector<Item>{Item(0, 1).at(0, 100), Item(1, 2).at(0, 200), Item(2, 4).at(0, 300)};
  };
  EXPECT_THAT(drawn_by(ranker, items()), ElementsAre(0, 1, 2));  // none yet: by deadline
  auto table = std::make_unique<RankTable>();
  table->applications = {0, 0, -250};
  ranker.set_table(std::move(table));
  EXPECT_THAT(drawn_by(ranker, items()), ElementsAre(2, 0, 1));
  table = std::make_unique<RankTable>();
  table->pipelines = {150};
  table->groups = {7, 7};
  ranker.set_table(std::move(table));
  EXPECT_THAT(drawn_by(ranker, items()), ElementsAre(1, 0, 2));
}

TEST(Ranker, OrdersCanBeSwitchedWhileWorkWaits) {
  Ranker ranker({{}, {}, {}}, Order::kFifo);
  Queue queue(ranker);
  std::vector<Item> items;
  items.reserve(10 * kOrders.size());
  for (const auto& [name, order] : kOrders) {
    ranker.set_order(order);
    for (std::uint64_t i = 0; i < 10; ++i) {
      const int id = static_cast<int>(items.size());
      items.push_back(Item(id, std::uint64_t{1} << i % 3).at(id, i % 2 ? 100 - id : kNever));
      queue.submit(items.back());
    }
  }
  std::vector<int> ids = queue.drain();
  EXPECT_EQ(ids.size(), items.size());
  std::ranges::sort(ids);
  EXPECT_EQ(std::ranges::unique(ids).begin(), ids.end());
}

// --- fair ---------------------------------------------------------------------------------------

double jain(const std::vector<double>& shares) {
  double sum = 0, squares = 0;
  for (double share : shares) {
    sum += share;
    squares += share * share;
  }
  return sum * sum / (static_cast<double>(shares.size()) * squares);
}

// Device time by application while all have work waiting: application 0 submits a thousand at a
// time, the others keep two waiting. Runs take what `took` says, the expectation is a millisecond.
std::vector<double> shared_out(const std::vector<double>& weights, const std::vector<Nanos>& took) {
  std::vector<ApplicationShare> shares;
  for (double weight : weights) shares.push_back({weight, 0});
  Ranker ranker(shares, Order::kFair);
  Queue queue(ranker);
  std::vector<std::unique_ptr<Item>> items;
  std::vector<int> waiting(weights.size(), 0);
  std::vector<double> used(weights.size(), 0);
  for (int drawn = 0; drawn < 20'000; ++drawn) {
    for (std::size_t owner = 0; owner < weights.size(); ++owner) {
      for (const int wanted = owner == 0 ? 1000 : 2; waiting[owner] < wanted; ++waiting[owner]) {
        items.push_back(std::make_unique<Item>(static_cast<int>(owner), std::uint64_t{1} << owner));
        items.back()->cost = kMs;
        queue.submit(*items.back());
      }
    }
    const auto owner = static_cast<std::size_t>(queue.draw(took[0])->id);
    --waiting[owner];
    used[owner] += static_cast<double>(took[owner]);
  }
  for (std::size_t i = 0; i < weights.size(); ++i) used[i] /= weights[i];
  return used;
}

TEST(Fair, DeviceTimeFollowsWeightsWhateverIsSubmitted) {
  EXPECT_GE(jain(shared_out({1, 1, 1}, {kMs, kMs, kMs})), 0.999);
  EXPECT_GE(jain(shared_out({1, 2, 4}, {kMs, kMs, kMs})), 0.999);
  EXPECT_GE(jain(shared_out({0.5, 1, 100}, {kMs, kMs, kMs})), 0.999);
}

TEST(Fair, ANewcomerIsNotBehindABacklog) {
  Ranker ranker({{}, {}, {}}, Order::kFair);
  Queue queue(ranker);
  std::vector<Item> backlog(1000, Item(0, 1)), two(2, Item(1, 2));
  for (Item& item : backlog) queue.submit(item);
  for (int i = 0; i < 500; ++i) queue.draw(kMs);
  for (Item& item : two) queue.submit(item);
  std::vector<int> ids;
  for (int i = 0; i < 4; ++i) ids.push_back(queue.draw(kMs)->id);
  EXPECT_EQ(std::ranges::count(ids, 1), 2);
}

TEST(Fair, WhatTakesLongerThanExpectedIsChargedForIt) {
  Ranker ranker({{}, {}, {}}, Order::kFair);
  Queue queue(ranker);
  std::vector<Item> slow(400, Item(0, 1)), quick(400, Item(1, 2));
  int of_slow = 0;
  for (int round = 0; round < 400; ++round) {
    for (Item* item :
         {&slow[static_cast<std::size_t>(round)], &quick[static_cast<std::size_t>(round)]}) {
      item->cost = kMs;
      queue.submit(*item);
    }
    const Group::Draw draw = queue.group().draw();
    const bool is_slow = static_cast<Item*>(draw.first)->id == 0;
    ranker.drawn(*draw.first);
    ranker.settle(*draw.first, is_slow ? 3 * kMs : kMs);
    queue.group().give_back(draw.instance);
    of_slow += is_slow ? 1 : 0;
  }
  EXPECT_NEAR(of_slow, 100, 10);  // a quarter of the runs, three quarters of the time each
}

TEST(Fair, SharedWorkIsPaidInEqualParts) {
  FairShare shares({1, 1});
  Ranker ranker({{}, {}, {}}, Order::kFair);
  Item alone(0, 0b001), shared(1, 0b110), next(2, 0b010);
  for (Item* item : {&alone, &shared, &next}) item->cost = 10 * kMs;
  ranker.rank(alone, 0);
  const std::int64_t start = alone.rank.major;
  ranker.rank(shared, 0);
  EXPECT_EQ(shared.rank.major, start);
  ranker.rank(next, 0);
  EXPECT_EQ(next.rank.major, start + 5 * kMs);  // half of what was shared
  ranker.settle(shared, 4 * kMs);
  ranker.settle(next, 0);  // never ran
  ranker.rank(next, 0);
  EXPECT_EQ(next.rank.major, start + 2 * kMs);
}

TEST(Fair, DeadlinesOrderInsideAnApplication) {
  Ranker ranker({{}, {}, {}}, Order::kFair);
  Queue queue(ranker);
  std::vector<Item> items{Item(0, 1).at(1, 900), Item(1, 2).at(2), Item(2, 1).at(3, 100),
                          Item(3, 2).at(4, 500)};
  for (Item& item : items) item.cost = kMs;
  for (Item& item : items) queue.submit(item);
  // Applications take turns; the more urgent work takes its application's first one.
  const std::vector<int> ids = queue.drain();
  EXPECT_LT(std::ranges::find(ids, 2), std::ranges::find(ids, 0));
  EXPECT_LT(std::ranges::find(ids, 3), std::ranges::find(ids, 1));
  EXPECT_NE(ids[0] == 2, ids[1] == 2);
}

// --- late owners --------------------------------------------------------------------------------

TEST(Raise, ALateOwnerCanOnlyImproveTheRank) {
  Ranker ranker({{}, {}, {}}, Order::kEarliestDeadline);
  Queue queue(ranker);
  std::vector<Item> items{Item(0).at(0, 100), Item(1).at(0, 200), Item(2).at(0, 300)};
  for (Item& item : items) queue.submit(item);
  queue.group().raise(&items[1], ranker.major_for(Item(1, 2).at(0, 250), 0));
  queue.group().raise(&items[2], ranker.major_for(Item(2, 2).at(0, 50), 0));
  EXPECT_THAT(queue.drain(), ElementsAre(2, 0, 1));
}

TEST(Raise, BeforeItIsSubmitted) {
  Ranker ranker({{}, {}, {}}, Order::kEarliestDeadline);
  Queue queue(ranker);
  std::vector<Item> items{Item(0).at(0, 100), Item(1).at(0, 200)};
  queue.group().raise(&items[1], 50);
  for (Item& item : items) queue.submit(item);
  EXPECT_THAT(queue.drain(), ElementsAre(1, 0));
}

TEST(Raise, BringsAnEarlierTurn) {
  Ranker ranker({{}, {}, {}}, Order::kFair);
  Queue queue(ranker);
  std::vector<Item> items;
  for (int id = 0; id < 4; ++id) items.push_back(Item(id, id < 3 ? 1 : 2).at(id));
  for (Item& item : items) item.cost = 10 * kMs;
  for (Item& item : items) queue.submit(item);
  queue.group().raise(&items[2], items[0].rank.major - 1);
  std::vector<int> ids = queue.drain();
  EXPECT_THAT(std::vector<int>(ids.begin(), ids.begin() + 1), ElementsAre(0));
  EXPECT_EQ(ids.size(), 4u);
}

}  // namespace
}  // namespace edgert
