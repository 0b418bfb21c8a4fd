// Which works can be in time together, what is known of those beside them, and that frames which
// are left out are answered at once.
#include <gmock/gmock.h>

#include <random>

#include "edgert/sched/most_in_time.h"
#include "edgert/sched/triage.h"
#include "plan_fixture.h"

namespace edgert::testing {
namespace {

using ::testing::ElementsAre;

constexpr Nanos kMs = kMillisecond;

// The places of those that are not left out, each judged by itself.
std::vector<std::size_t> kept(const std::vector<Contender>& all, std::vector<Nanos> free_at) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::vector<Contender> asked = all;
    asked[i].judged = true;
    if (!edgert::left_out(asked, free_at)) places.push_back(i);
  }
  return places;
}

// Whether all of these end in time on one lane, by the earliest deadline first.
bool in_time(const std::vector<Contender>& all, unsigned mask, Nanos time) {
  std::vector<Contender> chosen;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (mask >> i & 1) chosen.push_back(all[i]);
  std::ranges::sort(chosen, {}, &Contender::due);
  for (const Contender& one : chosen)
    if ((time += one.need) > one.due) return false;
  return true;
}

TEST(MostInTime, KeepsAllThatFit) {
  EXPECT_THAT(kept({{30, 10, false}, {10, 10, false}, {20, 10, false}}, {0}), ElementsAre(0, 1, 2));
}

TEST(MostInTime, LeavesOutTheLongestOfThoseBeforeTheLateOne) {
  // The long one is due first, and two others would be late after it.
  EXPECT_THAT(kept({{50, 45, false}, {55, 15, false}, {60, 15, false}, {900, 80, false}}, {0}),
              ElementsAre(1, 2, 3));
}

TEST(MostInTime, CountsWhatKeepsTheLanes) {
  const std::vector<Contender> two{{50, 20, false}, {60, 30, false}};
  EXPECT_THAT(kept(two, {0, 0}), ElementsAre(0, 1));
  EXPECT_THAT(kept(two, {20, 40}), ElementsAre(0));
  EXPECT_THAT(kept(two, {10, 40}), ElementsAre(0, 1));
}

TEST(MostInTime, OfEqualOnesTheLastIsLeftOut) {
  EXPECT_THAT(kept({{20, 10, false}, {21, 10, false}, {22, 10, false}}, {0}), ElementsAre(0, 1));
}

// Who is judged was drawn first, so of frames that came at once the first is judged first.
TEST(MostInTime, OfThoseThatCameTogetherTheFirstIsKept) {
  std::vector<Contender> equal{{25, 10, false}, {25, 10, false}, {25, 10, true}};
  EXPECT_FALSE(edgert::left_out(equal, std::vector<Nanos>{0}));
}

// Deadlines that differ, and lengths that differ by much or not at all: else it is a rule of thumb.
TEST(MostInTime, LeavesOutAsFewAsAnybodyCouldOnOneLane) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::vector<Contender> all;
    for (int i = 0; i < 1 + round % 9; ++i) {
      const Nanos need = Nanos{16} << random() % 6;
      all.push_back({need + 16 * static_cast<Nanos>(random() % 60) + i, need, false});
    }
    std::size_t most = 0;
    for (unsigned mask = 0; mask < 1u << all.size(); ++mask)
      if (in_time(all, mask, 0)) most = std::max<std::size_t>(most, std::popcount(mask));
    const std::vector<std::size_t> found = kept(all, {0});
    unsigned mask = 0;
    for (const std::size_t place : found) mask |= 1u << place;
    EXPECT_TRUE(in_time(all, mask, 0));
    EXPECT_EQ(found.size(), most);
  }
}

TEST(MostInTime, LooksAtThoseThatAreDueFirst) {
  std::vector<Contender> many;
  for (int i = 0; i < 500; ++i) many.push_back({1000 - i, 2, false});
  many.push_back({5, 6, true});  // impossible, and due before all others
  EXPECT_TRUE(edgert::left_out(many, std::vector<Nanos>{0}));
}

TEST(DueBoard, GivesEachPlaceOnce) {
  DueBoard board;
  std::vector<int> places;
  for (std::size_t i = 0; i < DueBoard::kPlaces; ++i)
    places.push_back(board.add({static_cast<Nanos>(i), 1, 0}));
  EXPECT_EQ(board.add({1, 1, 0}), DueBoard::kNone);
  std::ranges::sort(places);
  EXPECT_EQ(std::ranges::unique(places).size(), 0u);
  board.remove(77);
  std::array<DueWork, DueBoard::kPlaces> works;
  EXPECT_EQ(board.read(78, works), DueBoard::kPlaces - 2);
  EXPECT_EQ(board.add({5, 1, 0}), 77);
}

TEST(Triage, LeavesOutWhatMakesMoreOthersLate) {
  Triage triage;
  const int large = triage.waits(50 * kMs, 45 * kMs);
  const int small = triage.waits(55 * kMs, 15 * kMs);
  EXPECT_TRUE(triage.leaves_out(large, 50 * kMs, 45 * kMs, 1, 0));
  EXPECT_FALSE(triage.leaves_out(small, 55 * kMs, 15 * kMs, 1, 0));
  EXPECT_FALSE(triage.leaves_out(large, 50 * kMs, 45 * kMs, 2, 0));  // a lane each
}

TEST(Triage, TriesWhatIsAloneThere) {
  Triage triage;
  const int place = triage.waits(10 * kMs, 20 * kMs);
  EXPECT_FALSE(triage.leaves_out(place, 10 * kMs, 20 * kMs, 1, 0));
  triage.waits(5 * kMs, 6 * kMs);  // it can't be in time either
  EXPECT_FALSE(triage.leaves_out(place, 10 * kMs, 20 * kMs, 1, 0));
  const int other = triage.waits(5 * kMs, 3 * kMs);
  EXPECT_TRUE(triage.leaves_out(place, 10 * kMs, 20 * kMs, 1, 0));
  triage.ended(other);
  EXPECT_FALSE(triage.leaves_out(place, 10 * kMs, 20 * kMs, 1, 0));
}

TEST(Triage, CountsWhatRunsAndWhatItStillNeeds) {
  Triage triage;
  const int running = triage.runs(Triage::kNone, 100 * kMs, 50 * kMs, 10 * kMs);
  const int place = triage.waits(45 * kMs, 30 * kMs);
  triage.waits(90 * kMs, 45 * kMs);
  // 10 and 30, then 45 by 90 ms; the rest of what runs is the longest that doesn't fit.
  EXPECT_FALSE(triage.leaves_out(place, 45 * kMs, 30 * kMs, 1, 0));
  EXPECT_EQ(triage.runs(running, kNever, 0, 20 * kMs), running);
  EXPECT_TRUE(triage.leaves_out(place, 45 * kMs, 30 * kMs, 1, 0));  // not before 50
}

// One lane; the models' runs of 20 and 4 ms were measured often enough.
class MooreHodgson : public ::testing::Test {
 protected:
  void begin(OnMiss on_miss) {
    add("other", 200, 230, on_miss);  // due first
    add("large", 20, 239, on_miss);
    add("small", 4, 240, on_miss);
    running_.emplace(plan_, 1, Order::kMooreHodgson);
    for (const char* name : {"other", "large", "small"}) running_->attach(name);
    running_->runtime->start();
    for (int i = 0; i < 17; ++i)
      for (const char* name : {"large", "small"}) {
        running_->push(name, {1, 2}, 2, i);
        running_->next(name);
      }
  }
  void add(const std::string& name, int ms, int latency_ms, OnMiss on_miss) {
    const ValueRef rows = plan_.rows(plan_.sensor(name, {InboxPolicy::kQueue, 64, 64}));
    const ValueRef out =
        plan_.run(plan_.model(name, "1x2", "echo\ndelay_us " + std::to_string(ms) + "000\n"), rows);
    PipelineSpec spec = TestPlan::pipeline_of(name, {{"out", out, -1}}, sensors_++);
    spec.latency = latency_ms * kMs;
    spec.on_miss = on_miss;
    spec.queue = 64;
    plan_.add(spec);
  }
  // While the lane is busy for 200 ms come one that needs 20 and eight that need 4, all due 40 ms
  // after that, the long one first.
  void burst() {
    running_->push("other", {1, 2});
    running_->push("large", {1, 2}, 2, 100);
    for (int i = 0; i < 8; ++i) running_->push("small", {1, 2}, 2, 100 + i);
    running_->runtime->stop();
  }
  std::int64_t answered(std::string_view name) {
    for (const PipelineSnapshot& each : running_->runtime->snapshot().pipelines)
      if (each.name.ends_with(name)) return each.results() + each.refused;
    return -1;
  }
  TestPlan plan_;
  int sensors_ = 0;
  std::optional<Running> running_;
};

TEST_F(MooreHodgson, WhatIsLeftOutIsAnsweredAndNotBegun) {
  begin(OnMiss::kDrop);
  const auto before = running_->node("large").executed;
  burst();
  EXPECT_EQ(running_->node("large").executed, before);
  EXPECT_EQ(answered("large"), 18);
  EXPECT_EQ(answered("small"), 25);
}

TEST_F(MooreHodgson, WhatIsWantedLateIsRun) {
  begin(OnMiss::kLate);
  const auto before = running_->node("large").executed;
  burst();
  EXPECT_EQ(running_->node("large").executed, before + 1);
  EXPECT_EQ(answered("large"), 18);
  EXPECT_EQ(answered("small"), 25);
}

}  // namespace
}  // namespace edgert::testing
