// One monotonic clock for capture times, deadlines and metrics: nanoseconds of CLOCK_MONOTONIC.
#pragma once

#include <chrono>
#include <cstdint>

namespace edgert {

using Nanos = std::int64_t;

inline constexpr Nanos kNever = INT64_MAX;
inline constexpr Nanos kMillisecond = 1'000'000;
inline constexpr Nanos kSecond = 1'000'000'000;

inline Nanos now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace edgert
