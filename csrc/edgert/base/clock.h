// One monotonic clock for capture times, deadlines and metrics: nanoseconds of CLOCK_MONOTONIC.
//
// What plans and runs frames takes a Clock, which is that one, or a virtual one whose time is set
// by who drives it. Sources, sockets and engines live in real time alone.
#pragma once

#include <atomic>
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

// Thread rule: now() from any thread. A virtual clock is set by the one thread that drives all that
// reads it; nothing is published by it, so both are relaxed.
class Clock {
 public:
  Clock() = default;  // the real one
  explicit Clock(Nanos start) : virtual_(true), time_(start) {}
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;

  // A branch that is always foretold right, beside a reading of 20 ns.
  Nanos now() const {
    if (virtual_) [[unlikely]]
      return time_.load(std::memory_order_relaxed);
    return edgert::now();
  }
  bool is_virtual() const { return virtual_; }
  void set(Nanos time) { time_.store(time, std::memory_order_relaxed); }  // of a virtual one

  static const Clock& real() {
    static constinit const Clock clock;
    return clock;
  }

 private:
  const bool virtual_ = false;
  std::atomic<Nanos> time_{0};
};

}  // namespace edgert
