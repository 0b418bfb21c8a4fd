#include "edgert/base/histogram.h"

#include <cmath>

namespace edgert {

double Histogram::middle_of(std::size_t bucket) {
  if (bucket < 8) return static_cast<double>(bucket);
  const int exponent = static_cast<int>(bucket / 8) + 2;
  return std::ldexp(8.5 + static_cast<double>(bucket % 8), exponent - 3);
}

double Histogram::quantile(double q) const {
  const std::int64_t total = count();
  if (total == 0) return 0;
  const auto wanted = static_cast<std::int64_t>(q * static_cast<double>(total - 1)) + 1;
  std::int64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i].load(std::memory_order_relaxed);
    if (seen >= wanted) return middle_of(i);
  }
  return middle_of(kBuckets - 1);
}

}  // namespace edgert
