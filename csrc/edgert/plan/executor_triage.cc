// What waits and runs, as it is shown to those that are judged (Order::kMooreHodgson).
#include <algorithm>
#include <span>

#include "edgert/plan/executor.h"

namespace edgert {

// It is about to be submitted.
void Executor::show_waiting(Execution& execution) const {
  if (!ranker_.judges() || execution.need <= 0) return;
  Triage& triage = queues_of(execution).triage();
  execution.place = triage.waits(execution.latest_start + execution.need, execution.need);
}

// It was drawn and begins. What has no bound keeps a lane all the same.
void Executor::show_running(Execution& execution, Nanos cost) const {
  if (execution.place == Triage::kNone && !ranker_.judges()) return;
  const bool bounded = execution.need > 0;
  const Nanos due = bounded ? execution.latest_start + execution.need : kNever;
  execution.place = queues_of(execution).triage().runs(
      execution.place, due, std::max<Nanos>(0, execution.need - execution.cost),
      execution.started + cost);
}

// They run as one.
void Executor::show_running(std::span<Execution* const> together, Nanos cost) const {
  show_running(*together.front(), cost);
  for (Execution* execution : together.subspan(1)) show_no_more(*execution);
}

// Its run ended, or it isn't begun.
void Executor::show_no_more(Execution& execution) const {
  queues_of(execution).triage().ended(execution.place);
  execution.place = Triage::kNone;
}

}  // namespace edgert
