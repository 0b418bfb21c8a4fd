#include "edgert/runtime/admission.h"

#include <algorithm>

#include "edgert/plan/owners.h"

namespace edgert {
namespace {

// Of frames that seem hopeless each so many-th is tried: else an estimate that a disturbance made
// too long would never be measured again. Where frames are rare, and the estimate alone is beyond
// the bound, one in so many times the estimate.
constexpr int kTried = 16;
constexpr Nanos kTriedAfter = 16;

// What is admitted and goes first, where the order says so; else nothing is known to.
Nanos ahead(const Backlog& backlog, Order order, Nanos deadline, Nanos time) {
  switch (order) {
    case Order::kFifo:
      return backlog.all();
    case Order::kEarliestDeadline:
    case Order::kLeastSlack:
      return backlog.due_by(deadline, time);
    default:
      return 0;
  }
}

}  // namespace

Admission::Admission(Plan& plan, const Ranker& ranker)
    : plan_(plan), ranker_(ranker), gates_(plan.pipelines.size()) {}

bool Admission::in_time(const CompiledPipeline& pipeline, Nanos deadline, Nanos time) {
  Gate& gate = gates_[static_cast<std::size_t>(pipeline.index)];
  const Nanos before = ahead(*plan_.ledger.backlog, ranker_.order(), deadline, time);
  const Nanos begins = time + before / plan_.ledger.lanes;
  Nanos own = expected_latency(pipeline);
  // What was measured lately may not be known at the beginning yet (node_times.h).
  if (own > 0 && begins + own > deadline) own = std::min(own, expected_latency_now(pipeline));
  const bool in_time = own == 0 || begins + own <= deadline;
  gate.hopeless = in_time ? 0 : gate.hopeless + 1;
  if (gate.tried == 0) gate.tried = time;
  const bool rare = time + own > deadline && time - gate.tried >= kTriedAfter * own;
  if (!in_time && gate.hopeless % kTried != 0 && !rare) return false;
  gate.tried = time;
  return true;
}

Refusal Admission::decide(const CompiledPipeline& pipeline, Account& account, Nanos deadline,
                          Nanos time) {
  const ApplicationSpec& application = *account.spec;
  if (application.queue_limit > 0 && account.waiting.value() >= application.queue_limit)
    return Refusal::kQueue;
  if (account.share && !account.share->allows(time)) return Refusal::kShare;
  const bool bounded = deadline != kNever && pipeline.spec->on_miss != OnMiss::kLate;
  if (bounded && !in_time(pipeline, deadline, time)) return Refusal::kNoTime;
  if (account.rate && !account.rate->take(time, 1)) return Refusal::kRate;
  return Refusal::kAdmitted;
}

Refusal Admission::ask(const CompiledPipeline& pipeline, Nanos deadline, Nanos time) {
  Account& account = *plan_.ledger.accounts[static_cast<std::size_t>(pipeline.application)];
  const Refusal refusal = decide(pipeline, account, deadline, time);
  if (refusal == Refusal::kAdmitted)
    account.waiting.add();
  else
    gates_[static_cast<std::size_t>(pipeline.index)]
        .refused[static_cast<std::size_t>(refusal)]
        .add();
  return refusal;
}

void Admission::answered(const CompiledPipeline& pipeline) {
  plan_.ledger.accounts[static_cast<std::size_t>(pipeline.application)]->waiting.add(-1);
}

RefusalCounts Admission::counts(const CompiledPipeline& pipeline) const {
  const Gate& gate = gates_[static_cast<std::size_t>(pipeline.index)];
  RefusalCounts counts{};
  for (std::size_t i = 0; i < kRefusals; ++i) counts[i] = gate.refused[i].value();
  return counts;
}

}  // namespace edgert
