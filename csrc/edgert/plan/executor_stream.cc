// Executions on devices whose work completes later.
#include "edgert/plan/executor.h"
#include "edgert/plan/node_run.h"

namespace edgert {

bool Executor::prepare(Work* works, int instance, StreamRun& into) {
  const Nanos time = plan_.clock->now();
  into.items = 0;
  for (Work* work = works; work; work = work->next) {
    Execution& execution = *static_cast<Execution*>(work);
    unbook(execution);
    execution.started = time;
    if (given_up(execution))
      execution.status = Status::deadline();
    else if (hopeless(execution))
      execution.status = Status::no_time();
    else if (!plan_.pretence)
      execution.status = prepare_model(execution, instance, into);
    if (execution.status.ok())
      ++into.items;
    else
      note_loss(execution, execution.status);
  }
  const CompiledNode& node = *static_cast<Execution*>(works)->node;
  into.node = node.global;
  into.model = node.spec->model;
  return into.items > 0;
}

// Several are short ones, one after another.
void Executor::complete(Work* works, StreamRun& run, Completion& completion, Lane& lane) {
  const Nanos each = (completion.ended - completion.started) / run.items;
  Nanos time = completion.started;
  for (Work* work = works; work; work = work->next) {
    Execution& execution = *static_cast<Execution*>(work);
    if (!execution.status.ok()) continue;  // it was not enqueued
    if (completion.ended != 0) {
      execution.started = time;
      execution.ended = time += each;
    }
    execution.status = completion.status;
    if (!plan_.pretence) finish_model(execution, run);
    if (!execution.status.ok()) note_loss(execution, execution.status);
  }
  if (completion.ended != 0) lane.busy_nanos.add(completion.ended - completion.started);
}

}  // namespace edgert
