// What was counted lately: rates and times that fade.
#include "edgert/metrics/recent.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace edgert {
namespace {

TEST(Recent, RateOfASteadyStreamIsItsRate) {
  RecentRate rate;
  double last = 0;
  for (int i = 1; i <= 100; ++i) last = rate.look(3 * i, 100 * kMillisecond);
  EXPECT_NEAR(last, 30.0, 1e-6);
}

TEST(Recent, RateFallsByEInTwoSecondsOfSilence) {
  RecentRate rate;
  double steady = 0, later = 0;
  for (int i = 1; i <= 1000; ++i) steady = rate.look(3 * i, 100 * kMillisecond);
  for (int i = 0; i < 20; ++i) later = rate.look(3000, 100 * kMillisecond);
  EXPECT_NEAR(later / steady, std::exp(-1.0), 0.01);
}

TEST(Recent, TimesFollowAChangeThatAllTimeWouldHide) {
  Histogram times;
  RecentTimes recent;
  const std::array<const Histogram*, 1> all{&times};
  for (int i = 0; i < 10'000; ++i) times.record(kMillisecond);
  EXPECT_NEAR(recent.look(all, 10 * kSecond).p50, kMillisecond, 0.07 * kMillisecond);
  for (int look = 0; look < 100; ++look) {
    times.record(8 * kMillisecond);
    recent.look(all, 200 * kMillisecond);
  }
  const Distribution now = recent.look(all, kMillisecond);
  EXPECT_NEAR(now.p50, 8.0 * kMillisecond, 0.5 * kMillisecond);
  EXPECT_NEAR(now.mean, 8.0 * kMillisecond, 0.5 * kMillisecond);
  EXPECT_EQ(now.count, 10'100);
  EXPECT_NEAR(times.quantile(0.5), kMillisecond, 0.07 * kMillisecond);
}

TEST(Recent, SeveralHistogramsCountTogetherAndSilenceEndsAtNothing) {
  Histogram first, second;
  RecentTimes recent;
  const std::array<const Histogram*, 2> both{&first, &second};
  first.record(kMillisecond);
  for (int i = 0; i < 3; ++i) second.record(4 * kMillisecond);
  const Distribution now = recent.look(both, kSecond);
  EXPECT_NEAR(now.mean, 3.25 * kMillisecond, 1);
  EXPECT_NEAR(now.p50, 4.0 * kMillisecond, 0.3 * kMillisecond);
  const Distribution later = recent.look(both, 100 * kSecond);
  EXPECT_EQ(later.p50, 0);
  EXPECT_EQ(later.mean, 0);
}

}  // namespace
}  // namespace edgert
