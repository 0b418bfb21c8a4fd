// Counters and latency histograms that any thread may write at any time.
//
// All accesses are relaxed: each cell counts alone, nothing is published through them, and a
// snapshot may be torn between cells by the few events that happen while it is taken.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

namespace edgert {

class Counter {
 public:
  void add(std::int64_t amount = 1) { value_.fetch_add(amount, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// Nanoseconds in buckets of an eighth of a power of two: a quantile is right within 6 %.
class Histogram {
 public:
  void record(std::int64_t nanos) {
    buckets_[bucket_of(nanos)].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(nanos, std::memory_order_relaxed);
  }

  std::int64_t count() const {
    std::int64_t total = 0;
    for (const auto& bucket : buckets_) total += bucket.load(std::memory_order_relaxed);
    return total;
  }
  std::int64_t sum() const { return sum_.load(std::memory_order_relaxed); }
  double mean() const {
    const std::int64_t n = count();
    return n ? static_cast<double>(sum()) / static_cast<double>(n) : 0;
  }
  // The middle of the bucket in which the q-quantile lies (0 <= q <= 1), in nanoseconds.
  double quantile(double q) const;

  static constexpr std::size_t kBuckets = 8 * 48;
  std::int64_t bucket(std::size_t index) const {
    return buckets_[index].load(std::memory_order_relaxed);
  }
  static double middle_of(std::size_t bucket);  // nanoseconds

 private:
  static std::size_t bucket_of(std::int64_t nanos) {
    if (nanos < 8) return nanos < 0 ? 0 : static_cast<std::size_t>(nanos);
    const auto value = static_cast<std::uint64_t>(nanos);
    const int exponent = static_cast<int>(std::bit_width(value)) - 1;  // >= 3
    const std::uint64_t eighth = (value >> (exponent - 3)) & 7;
    const std::size_t index = static_cast<std::size_t>(exponent - 2) * 8 + eighth;
    return index < kBuckets ? index : kBuckets - 1;
  }

  std::array<std::atomic<std::int64_t>, kBuckets> buckets_{};
  std::atomic<std::int64_t> sum_{0};
};

}  // namespace edgert
