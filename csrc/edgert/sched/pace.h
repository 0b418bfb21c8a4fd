// A limit of so much a time: frames a second, or device time a second. The generic cell rate
// algorithm (ITU-T I.371): one number says how far ahead of the clock what was spent reaches.
//
// Thread rule: any thread. Progress: lock-free. Relaxed: the number counts alone.
#pragma once

#include <algorithm>
#include <atomic>

#include "edgert/base/clock.h"

namespace edgert {

class Pace {
 public:
  // `nanos` a unit; what was spent may be `ahead` of the clock, which allows bursts.
  Pace(double nanos, Nanos ahead) : nanos_(nanos), ahead_(ahead) {}

  // Whether more may be spent now.
  bool allows(Nanos time) const { return until_.load(std::memory_order_relaxed) <= time + ahead_; }

  // Spends, if that is allowed now.
  bool take(Nanos time, double units) {
    Nanos until = until_.load(std::memory_order_relaxed);
    do {
      if (until > time + ahead_) return false;
    } while (
        !until_.compare_exchange_weak(until, after(until, time, units), std::memory_order_relaxed));
    return true;
  }

  // Spends what could not be known before.
  void spend(Nanos time, double units) {
    Nanos until = until_.load(std::memory_order_relaxed);
    while (!until_.compare_exchange_weak(until, after(until, time, units),
                                         std::memory_order_relaxed)) {
    }
  }

 private:
  // However little is allowed, and however often it is spent: 31 years ahead are enough.
  static constexpr Nanos kMost = 1'000'000'000 * kSecond;
  Nanos after(Nanos until, Nanos time, double units) const {
    const double cost = std::min(units * nanos_, static_cast<double>(kMost));
    return std::min(std::max(until, time) + static_cast<Nanos>(cost), time + kMost);
  }
  const double nanos_;
  const Nanos ahead_;
  std::atomic<Nanos> until_{0};
};

}  // namespace edgert
