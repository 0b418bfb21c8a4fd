// Which random seeds a stress test runs, and for how long, by the environment.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "edgert/base/clock.h"

namespace edgert::testing {

inline std::uint64_t environment(const char* name, std::uint64_t fallback) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : fallback;
}

// From EDGERT_STRESS_SEED (left out: any) on, for EDGERT_STRESS_SECONDS (6), until one fails.
template <class Run>
void run_seeds(const Run& run) {
  const std::uint64_t first = environment("EDGERT_STRESS_SEED", std::random_device{}());
  const Nanos end = now() + static_cast<Nanos>(environment("EDGERT_STRESS_SECONDS", 6)) * kSecond;
  std::uint64_t seed = first;
  for (; now() < end && !::testing::Test::HasFailure(); ++seed) {
    if (environment("EDGERT_STRESS_VERBOSE", 0))
      std::printf("seed %llu\n", static_cast<unsigned long long>(seed)), std::fflush(stdout);
    run(seed);
  }
  std::printf("seeds %llu to %llu\n", static_cast<unsigned long long>(first),
              static_cast<unsigned long long>(seed - 1));
}

}  // namespace edgert::testing
