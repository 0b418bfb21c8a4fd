// Works that are drawn together: how many, and how they run as one.
#include "edgert/plan/executor_batch.h"

#include <algorithm>
#include <array>

#include "edgert/plan/batch_run.h"
#include "edgert/plan/executor.h"

namespace edgert {
namespace {

// So that lanes with nothing to do get their part of what waits.
std::int64_t part_of(std::int64_t waiting, int idle_lanes, int instances) {
  const int lanes = 1 + std::min(idle_lanes, instances - 1);
  return (waiting + lanes - 1) / lanes;
}

}  // namespace

// Steps of other frames that are due while a batch would run go first, as far as its bound permits:
// otherwise each frame would go through all its steps before the next, and none would meet.
Nanos Executor::patience_of(const Execution& execution) const {
  const Batching* batching = batching_of(execution);
  const Site& site = site_of(execution);
  if (!batching || site.batch_class < 0) return 0;
  const int limit = batching->limit();
  if (limit == 1 || queues_of(site).waiting(site.group) + 1 >= limit) return 0;
  const Nanos together = batching->expected(limit);
  if (execution.latest_start == kNever) return together;
  const Nanos slack = execution.latest_start - execution.ready - together;
  return std::clamp<Nanos>(slack / 2, 0, together);
}

bool Executor::joins(const Handful& drawn, Work& next) {
  auto& last = static_cast<Execution&>(*drawn.last);
  const Batching* batching = batching_of(last);
  // Short runs one after another are a lane's; on a device each is enqueued by itself.
  const Site& site = site_of(last);
  if (!batching) return site.queue < kFirstDevice && joins_short(drawn, next);
  auto& candidate = static_cast<Execution&>(next);
  if (site.batch_class < 0 || site_of(candidate).batch_class != site.batch_class) return false;
  if (last.alone || candidate.alone) return false;
  if (drawn.count >= batching->limit()) return false;
  if (!plan_of(candidate).pretence &&
      (!brings_one(candidate) || (drawn.count == 1 && !brings_one(last))))
    return false;
  const Queues& queues = queues_of(site);
  const std::int64_t waiting = queues.waiting(site.group);
  if (drawn.count >= part_of(waiting, queues.idle_lanes(), site.model->instances)) return false;
  return time_permits(drawn, next, batching->expected(drawn.count + 1) - batching->expected(1));
}

// Whether all could still be in time if the run took that much longer than a single one. What is
// late anyway is not waited for.
bool Executor::time_permits(const Handful& drawn, const Work& next, Nanos longer) const {
  const Nanos time = clock_.now();
  const auto permits = [time, longer](const Work& work) {
    return work.latest_start >= time + longer || work.latest_start < time;
  };
  if (!permits(next)) return false;
  for (const Work* work = drawn.first; work; work = work->next)
    if (!permits(*work)) return false;
  return true;
}

// Those that were given up are left out. If the run fails, each runs alone, so that one bad item
// fails alone.
void Executor::execute_batch(Work* works, int instance, Lane& lane) const {
  std::array<Execution*, kMostBatch> all{};
  std::size_t count = 0;
  const Nanos started = clock_.now();
  for (Work* work = works; work; work = work->next) {
    auto& execution = static_cast<Execution&>(*work);
    unbook(execution);
    execution.started = started;
    execution.status = not_begun(execution);
    if (execution.status.ok())
      all[count++] = &execution;
    else
      show_no_more(execution);
  }
  const std::span<Execution*> items(all.data(), count);
  if (count == 0) return;
  Batching& batching = *batching_of(*items[0]);
  show_running(items, batching.expected(static_cast<int>(count)));
  if (count == 1 || !run_batch(items, instance).ok()) {
    for (Execution* execution : items) {
      execution->started = clock_.now();
      execute(*execution, instance, lane);
      show_no_more(*execution);
      if (execution->ended == 0 || !execution->status.ok()) continue;
      batching.observe(1, execution->ended - execution->started);
      batching.runs[1].add();
    }
    return;
  }
  show_no_more(*items[0]);
  const Nanos ended = clock_.now();
  for (Execution* execution : items) {
    execution->ended = ended;
    execution->batch = static_cast<std::uint16_t>(count);
  }
  lane.busy_nanos.add(ended - started);
  batching.observe(static_cast<int>(count), ended - started);
  batching.runs[count].add();
}

}  // namespace edgert
