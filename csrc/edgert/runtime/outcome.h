// How a result ended. Each result has one outcome, so a pipeline's outcomes add up to its results.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "edgert/base/histogram.h"
#include "edgert/metrics/snapshot.h"
#include "edgert/plan/answer.h"

namespace edgert {

Outcome outcome_of(const Answer& answer);

// Counted from any thread.
class OutcomeCounters {
 public:
  void add(Outcome outcome) { counters_[static_cast<std::size_t>(outcome)].add(); }
  OutcomeCounts counts() const;

 private:
  std::array<Counter, kOutcomes> counters_;
};

}  // namespace edgert
