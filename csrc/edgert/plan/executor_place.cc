// Which of a model's sites an execution is sent to.
#include <algorithm>

#include "edgert/plan/executor.h"

namespace edgert {
namespace {

constexpr Nanos kUnknownCost = kMillisecond;  // until the first run is measured

Nanos wait_at(const Queues& queues, const Site& site, Nanos cost) {
  // Runs of one model wait for one of its instances, too, whatever else the lanes do.
  const Nanos own = queues.waiting(site.group) * cost / std::max(1, site.model->instances);
  return std::max(own, queues.workload().wait(static_cast<int>(queues.lanes().size())));
}

}  // namespace

// Where it is expected to end first; of equals the one that the document names first. Where nothing
// ran yet and nothing waits a run is tried, so that it is known.
const Site& Executor::soonest(const CompiledNode& node) const {
  const Site* best = nullptr;
  Nanos earliest = kNever;
  for (const Site& site : node.sites) {
    const NodeTimes& times = site.record->times;
    const Nanos cost = times.cost() > 0 ? times.cost() : kUnknownCost;
    const Nanos end = wait_at(queues_of(site), site, cost) + times.expected();
    if (best && end >= earliest) continue;
    best = &site;
    earliest = end;
  }
  return *best;
}

void Executor::send(Execution& execution) {
  const CompiledNode& node = *execution.node;
  const int now = node.whereabouts->now();
  const Site& site =
      now == Whereabouts::kSoonest ? soonest(node) : node.sites[static_cast<std::size_t>(now)];
  // Sequentially consistent: see Executor::raise().
  execution.site.store(&site, std::memory_order_seq_cst);
  if (const Nanos cost = site.record->times.cost(); cost > 0) execution.cost = cost;
  if (execution.booked == 0 || execution.booked_on == device_of(site.queue)) return;
  unbook(execution);  // it was not known yet that it goes there
  book(execution, site);
}

void Executor::weigh(Execution& execution) const {
  execution.weighed = execution.cost > 0 ? execution.cost : kUnknownCost;
  queues_of(execution).workload().add(execution.weighed);
}

void Executor::unweigh(Execution& execution) const {
  queues_of(execution).workload().remove(execution.weighed);
  execution.weighed = 0;
}

}  // namespace edgert
