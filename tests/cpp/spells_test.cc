// Slow runs that come together: as often as was measured, and as near to each other.
#include "edgert/device/sim/spells.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace edgert {
namespace {

constexpr SpellTimes kMeasured{0.02, 2, 0.3, 0.12, 40.0 * kMillisecond};
constexpr int kRuns = 2'000'000;

// Runs that begin each millisecond on both lanes.
std::vector<std::array<bool, 2>> slow_runs(const SpellTimes& times) {
  Spells spells(times, 2, 1);
  Random random(1);
  std::vector<std::array<bool, 2>> slow(kRuns);
  for (int i = 0; i < kRuns; ++i)
    for (int lane : {0, 1})
      slow[static_cast<std::size_t>(i)][static_cast<std::size_t>(lane)] =
          spells.draw(lane, i * kMillisecond, random) > 1 - times.share;
  return slow;
}

// The share of slow runs on lane `other`, so many milliseconds after a slow one on lane 0.
double after(const std::vector<std::array<bool, 2>>& slow, std::size_t ms, std::size_t other) {
  double count = 0, found = 0;
  for (std::size_t i = 0; i + ms < slow.size(); ++i) {
    if (!slow[i][0]) continue;
    ++count;
    found += slow[i + ms][other];
  }
  return found / count;
}

TEST(SpellsTest, RunsAreSlowAsOftenAndAsNearToEachOtherAsMeasured) {
  const auto slow = slow_runs(kMeasured);
  double share = 0;
  for (const auto& both : slow) share += (both[0] + both[1]) / 2.0 / kRuns;
  EXPECT_NEAR(share, 0.02, 0.002);
  EXPECT_NEAR(after(slow, 1, 0), 0.3, 0.02);
  EXPECT_NEAR(after(slow, 1, 1), 0.12, 0.02);
  EXPECT_NEAR(after(slow, 40, 0), 0.02 + 0.28 / 2.718, 0.02);
  EXPECT_NEAR(after(slow, 1000, 0), 0.02, 0.01);
}

TEST(SpellsTest, OtherNumbersOfLanesHaveAsManySlowRuns) {
  for (const int lanes : {1, 4, 16}) {
    Spells spells(kMeasured, lanes, 1);
    Random random(1);
    double slow = 0;
    for (int i = 0; i < kRuns; ++i) slow += spells.draw(i % lanes, i * kMillisecond, random) > 0.98;
    EXPECT_NEAR(slow / kRuns, 0.02, 0.003) << lanes << " lanes";
  }
}

TEST(SpellsTest, DrawsAreEvenOverAllShares) {
  Spells spells(kMeasured, 2, 1);
  Random random(1);
  std::array<int, 10> tenths{};
  for (int i = 0; i < kRuns; ++i)
    ++tenths[static_cast<std::size_t>(spells.draw(0, i * kMillisecond, random) * 10)];
  for (const int count : tenths) EXPECT_NEAR(count / double{kRuns}, 0.1, 0.002);
}

TEST(SpellsTest, WhereTheyWereNotMeasuredEachRunIsDrawnByItself) {
  Spells spells({}, 2, 1);
  Random random(7), same(7);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(spells.draw(0, i, random), same.uniform());
}

TEST(SpellsTest, FiguresThatContradictEachOtherGiveSlowRunsAllTheSame) {
  // After a slow run fewer are slow than usual, more on other lanes than on its own, or all.
  for (const SpellTimes& times : {SpellTimes{0.1, 2, 0, 0, 1e6}, SpellTimes{0.1, 2, 0.2, 0.9, 1e6},
                                  SpellTimes{0.1, 1, 1, 0, 1e6}, SpellTimes{1, 2, 1, 1, 1e6}}) {
    Spells spells(times, 2, 1);
    Random random(1);
    double slow = 0;
    for (int i = 0; i < kRuns; ++i)
      slow += spells.draw(i % 2, i * kMillisecond, random) > 1 - times.share;
    EXPECT_NEAR(slow / kRuns, times.share, 0.06);
  }
}

TEST(SpellsTest, EqualSeedsGiveEqualSpells) {
  Spells one(kMeasured, 2, 5), same(kMeasured, 2, 5);
  Random random(1), again(1);
  for (int i = 0; i < 100'000; ++i)
    ASSERT_EQ(one.draw(i % 2, i * kMillisecond, random), same.draw(i % 2, i * kMillisecond, again));
}

}  // namespace
}  // namespace edgert
