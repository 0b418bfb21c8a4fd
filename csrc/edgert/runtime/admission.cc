#include "edgert/runtime/admission.h"

#include <algorithm>
#include <bit>

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

// On that of the devices that it needs which has most to do; of those of which any will do, on the
// one that has least.
Nanos longest_wait(const Plan& plan, const CompiledPipeline& pipeline, Order order, Nanos deadline,
                   Nanos time) {
  const auto wait = [&](std::size_t number) {
    const DeviceLedger& device = plan.ledger.devices[number];
    return ahead(*device.backlog, order, deadline, time) / device.lanes;
  };
  Nanos longest = 0;
  for (std::uint32_t left = pipeline.needs_devices; left != 0; left &= left - 1)
    longest = std::max(longest, wait(static_cast<std::size_t>(std::countr_zero(left))));
  for (const Movable& model : pipeline.needs_movable) {
    const int now = model.whereabouts->now();
    Nanos least = kNever;
    for (std::size_t site = 0; site < model.devices.size(); ++site)
      if (now == Whereabouts::kSoonest || now == static_cast<int>(site))
        least = std::min(least, wait(model.devices[site]));
    longest = std::max(longest, least);
  }
  return longest;
}

Account& account_of(const Plan& plan, const CompiledPipeline& pipeline) {
  return *plan.ledger.accounts[static_cast<std::size_t>(pipeline.application)];
}

}  // namespace

bool Admission::in_time(const Plan& plan, const CompiledPipeline& pipeline, AdmissionGate& gate,
                        Nanos deadline, Nanos time) const {
  const Nanos begins = time + longest_wait(plan, pipeline, ranker_.order(), deadline, time);
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

Refusal Admission::decide(const Plan& plan, const CompiledPipeline& pipeline, AdmissionGate& gate,
                          Nanos deadline, Nanos time) const {
  Account& account = account_of(plan, pipeline);
  const ApplicationSpec& application = account.spec;
  if (application.queue_limit > 0 && account.waiting.value() >= application.queue_limit)
    return Refusal::kQueue;
  if (!account.allows(pipeline.uses_devices, time)) return Refusal::kShare;
  const bool bounded = deadline != kNever && pipeline.spec->on_miss != OnMiss::kLate;
  if (bounded && !in_time(plan, pipeline, gate, deadline, time)) return Refusal::kNoTime;
  if (account.rate && !account.rate->take(time, 1)) return Refusal::kRate;
  return Refusal::kAdmitted;
}

Refusal Admission::ask(const Plan& plan, const CompiledPipeline& pipeline, AdmissionGate& gate,
                       Nanos deadline, Nanos time) const {
  const Refusal refusal = decide(plan, pipeline, gate, deadline, time);
  if (refusal == Refusal::kAdmitted)
    account_of(plan, pipeline).waiting.add();
  else
    gate.refused[static_cast<std::size_t>(refusal)].add();
  return refusal;
}

void Admission::answered(const Plan& plan, const CompiledPipeline& pipeline) {
  account_of(plan, pipeline).waiting.add(-1);
}

}  // namespace edgert
