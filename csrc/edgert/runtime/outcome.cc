#include "edgert/runtime/outcome.h"

#include <algorithm>

namespace edgert {
namespace {

// Nobody's fault: the bound passed, the run was stopped, or there was no buffer left.
bool given_up(const Status& status) {
  return status.code() == Code::kDeadline || status.code() == Code::kCancelled ||
         status.code() == Code::kExhausted;
}

}  // namespace

Outcome outcome_of(const Answer& answer) {
  const auto& outputs = answer.outputs;
  const auto bad = [](const ResultOutput& output) {
    return !output.status.ok() && output.status.code() != Code::kSkipped;
  };
  const auto failed = [&](const ResultOutput& output) {
    return bad(output) && !given_up(output.status);
  };
  const auto skipped = [](const ResultOutput& output) {
    return output.status.code() == Code::kSkipped;
  };
  if (answer.status.code() == Code::kSkipped) return Outcome::kSkipped;
  if (!answer.status.ok()) return given_up(answer.status) ? Outcome::kDropped : Outcome::kFailed;
  if (std::ranges::any_of(outputs, failed)) return Outcome::kFailed;
  if (std::ranges::any_of(outputs, bad)) return Outcome::kDropped;
  if (!outputs.empty() && std::ranges::all_of(outputs, skipped)) return Outcome::kSkipped;
  return answer.missed ? Outcome::kLate : Outcome::kOk;
}

OutcomeCounts OutcomeCounters::counts() const {
  OutcomeCounts counts{};
  for (std::size_t i = 0; i < kOutcomes; ++i) counts[i] = counters_[i].value();
  return counts;
}

}  // namespace edgert
