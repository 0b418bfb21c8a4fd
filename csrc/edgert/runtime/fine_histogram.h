// Nanoseconds in buckets of a 64th of a power of two: a quantile is right within 0.8 %. For one
// thread.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace edgert {

class FineHistogram {
 public:
  static constexpr int kBits = 6;
  static constexpr std::size_t kPart = std::size_t{1} << kBits;
  static constexpr std::size_t kBuckets = kPart * (40 - kBits + 1);  // up to 18 minutes

  void record(std::int64_t nanos) {
    if (counts_.empty()) counts_.resize(kBuckets);
    ++counts_[bucket_of(std::max<std::int64_t>(nanos, 0))];
  }
  void clear() { std::ranges::fill(counts_, 0); }

  const std::vector<std::uint32_t>& counts() const { return counts_; }  // empty: nothing yet
  // The least that falls into it.
  static std::int64_t lower(std::size_t bucket) {
    if (bucket < kPart) return static_cast<std::int64_t>(bucket);
    const std::size_t shift = bucket / kPart - 1;
    return static_cast<std::int64_t>((kPart + bucket % kPart) << shift);
  }

 private:
  static std::size_t bucket_of(std::int64_t nanos) {
    const auto value = static_cast<std::uint64_t>(nanos);
    if (value < kPart) return value;
    const auto shift = static_cast<std::size_t>(std::bit_width(value)) - kBits - 1;
    return std::min((shift << kBits) + (value >> shift), kBuckets - 1);
  }

  std::vector<std::uint32_t> counts_;
};

}  // namespace edgert
