// Executions on streams whose work completes later: a device's, or on a virtual clock all.
#include "edgert/plan/executor.h"
#include "edgert/plan/executor_batch.h"
#include "edgert/plan/node_run.h"

namespace edgert {
namespace {

// One bad item fails all that ran with it. What was cancelled is over.
bool failed_together(const Status& status) {
  return !status.ok() && status.code() != Code::kCancelled;
}

}  // namespace

bool Executor::prepare(Work* works, int /*instance*/, StreamRun& into) {
  const CompiledNode& node = *static_cast<Execution*>(works)->node;
  const Batching* batching = batching_of(*static_cast<Execution*>(works));
  Execution* first = nullptr;
  int count = 0;
  into.inputs.clear();
  into.outputs.clear();
  for (Work* work = works; work; work = work->next) {
    Execution& execution = *static_cast<Execution*>(work);
    unbook(execution);
    execution.alone = false;
    execution.started = clock_.now();
    execution.status = not_begun(execution);
    if (execution.status.ok() && !plan_of(execution).pretence)
      execution.status = prepare_model(execution, into);
    if (execution.status.ok() && ++count == 1)
      first = &execution;
    else
      show_no_more(execution);  // its run is the first one's
    if (!execution.status.ok()) note_loss(execution, execution.status);
  }
  if (first) show_running(*first, batching ? batching->expected(count) : count * first->cost);
  into.node = node.global;
  into.model = node.spec->model;
  into.items = batching ? batching->rows(count) : count;
  into.joined = into.work && into.items > 1 ? count : 0;
  return count > 0;
}

void Executor::complete(Work* works, StreamRun& run, Completion& completion, Lane& lane) {
  int count = 0;
  for (Work* work = works; work; work = work->next)
    if (static_cast<Execution*>(work)->status.ok()) ++count;  // else it was not enqueued
  Batching* batching = batching_of(*static_cast<Execution*>(works));
  const Nanos took = completion.ended - completion.started;
  // Without a batch several are short ones, one after another.
  const Nanos each = batching ? 0 : took / count;
  Nanos time = completion.started;
  std::size_t place = 0;
  for (Work* work = works; work; work = work->next) {
    Execution& execution = *static_cast<Execution*>(work);
    if (!execution.status.ok()) continue;
    show_no_more(execution);
    if (completion.ended != 0) {
      execution.started = time;
      time += each;
      execution.ended = batching ? completion.ended : time;
      if (batching) execution.batch = static_cast<std::uint16_t>(count);
    }
    execution.status = completion.status;
    if (!plan_of(execution).pretence) finish_model(execution, run, place++);
    execution.alone = count > 1 && failed_together(completion.status);
    if (!execution.status.ok() && !execution.alone) note_loss(execution, execution.status);
  }
  run.inputs.clear();  // what they refer to is let go now, not at the next run
  run.outputs.clear();
  if (completion.ended == 0) return;
  lane.busy_nanos.add(took);
  if (!batching || !completion.status.ok()) return;
  batching->observe(count, took);
  batching->runs[static_cast<std::size_t>(count)].add();
}

// A run of several failed: each waits again, and runs by itself.
bool Executor::runs_again(Execution& execution) {
  if (!execution.alone || execution.status.ok() || closed_.load(std::memory_order_relaxed))
    return false;
  ranker_.settle(execution, 0);
  execution.status = {};
  execution.ended = 0;
  execution.batch = 1;
  show_waiting(execution);
  queues_of(execution).submit(site_of(execution).group, &execution);
  return true;
}

}  // namespace edgert
