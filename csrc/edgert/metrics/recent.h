// What a counter or a histogram recorded lately: old events fade by e in kFade. For one reader, who
// looks now and then; the cells themselves are not touched, so any number of them may look.
//
// Thread rule: one thread at a time. The cells are written meanwhile.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "edgert/base/clock.h"
#include "edgert/base/histogram.h"
#include "edgert/metrics/snapshot.h"

namespace edgert {

inline constexpr Nanos kFade = 2 * kSecond;

// What is left, after `passed`, of what was counted before it; 0 to 1.
double faded(Nanos passed);

// Events a second.
class RecentRate {
 public:
  // The counter stood at `total`, `passed` after the last look.
  double look(std::int64_t total, Nanos passed);

 private:
  std::int64_t before_ = 0;
  double events_ = 0, seconds_ = 0;
};

// Of several histograms together, always the same ones. `count` of the distribution is that of all
// time.
class RecentTimes {
 public:
  Distribution look(std::span<const Histogram* const> times, Nanos passed);

 private:
  double quantile(double q, double total) const;

  std::array<std::int64_t, Histogram::kBuckets> before_{};
  std::array<float, Histogram::kBuckets> recent_{};
  std::int64_t sum_before_ = 0;
  double sum_ = 0;
};

}  // namespace edgert
