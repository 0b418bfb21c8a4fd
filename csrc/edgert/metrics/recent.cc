#include "edgert/metrics/recent.h"

#include <algorithm>
#include <cmath>

namespace edgert {
namespace {

constexpr float kNegligible = 1e-3F;  // of an event

}  // namespace

double faded(Nanos passed) {
  return std::exp(-static_cast<double>(std::max<Nanos>(passed, 0)) / static_cast<double>(kFade));
}

double RecentRate::look(std::int64_t total, Nanos passed) {
  const double keep = faded(passed);
  events_ = events_ * keep + static_cast<double>(total - before_);
  seconds_ = seconds_ * keep + static_cast<double>(passed) / kSecond;
  before_ = total;
  return seconds_ > 0 ? events_ / seconds_ : 0;
}

Distribution RecentTimes::look(std::span<const Histogram* const> times, Nanos passed) {
  const auto keep = static_cast<float>(faded(passed));
  Distribution result;
  double total = 0;
  for (std::size_t i = 0; i < recent_.size(); ++i) {
    std::int64_t now = 0;
    for (const Histogram* one : times) now += one->bucket(i);
    recent_[i] = recent_[i] * keep + static_cast<float>(now - before_[i]);
    if (recent_[i] < kNegligible) recent_[i] = 0;
    before_[i] = now;
    result.count += now;
    total += static_cast<double>(recent_[i]);
  }
  std::int64_t sum = 0;
  for (const Histogram* one : times) sum += one->sum();
  sum_ = sum_ * static_cast<double>(keep) + static_cast<double>(sum - sum_before_);
  sum_before_ = sum;
  if (total <= 0) {
    sum_ = 0;
    return result;
  }
  result.mean = sum_ / total;
  result.p50 = quantile(0.5, total);
  result.p99 = quantile(0.99, total);
  return result;
}

double RecentTimes::quantile(double q, double total) const {
  double seen = 0;
  std::size_t last = 0;
  for (std::size_t i = 0; i < recent_.size(); ++i) {
    if (recent_[i] <= 0) continue;
    last = i;
    seen += static_cast<double>(recent_[i]);
    if (seen >= q * total) break;
  }
  return Histogram::middle_of(last);
}

}  // namespace edgert
