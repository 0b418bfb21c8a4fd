// What tests of devices and simulations share: models whose run times are given.
#pragma once

#include "plan_fixture.h"

namespace edgert::testing {

constexpr Nanos kMs = kMillisecond;

// A model that always takes that long, however many run.
inline ModelTimes takes(Nanos time) {
  const auto exact = static_cast<double>(time);
  ModelTimes times;
  times.points.push_back({1, 1, 1, exact, exact, exact, 0});
  return times;
}

}  // namespace edgert::testing
