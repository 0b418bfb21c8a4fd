// From an activation's admission to its answers and its end.
#include "edgert/runtime/runtime.h"

namespace edgert {

// Its bounds are watched only once it started: they may pass at once. It may have ended by then,
// which its number tells, but its place is used again only by the thread that is here.
void Runtime::admit(Activation& root) {
  executor_.start(root);
  const int sensor = root.scope->sensor;
  Generation& generation = *plan_of(root).generation;
  for (const SensorView::Slot& slot : generation.views[static_cast<std::size_t>(sensor)]->read) {
    const PipelineWait& wait = root.pipelines[static_cast<std::size_t>(slot.pipeline->slot)];
    if (!wait.due || wait.deadline == kNever || slot.pipeline->spec->on_miss == OnMiss::kLate)
      continue;
    generation.timers.fetch_add(1, std::memory_order_relaxed);
    if (!expiry_.add({wait.deadline, &root, root.number, slot.pipeline->slot}))
      generation.timers.fetch_sub(1, std::memory_order_release);
  }
}

// Who makes the step from unanswered to answered delivers; the root cannot end before that, since
// each due pipeline holds it until it was answered.
bool Runtime::answer(Activation& root, int slot, std::uint64_t number, Status status) {
  PipelineWait& wait = root.pipelines[static_cast<std::size_t>(slot)];
  std::uint64_t unanswered = 2 * number;
  if (!wait.answer.compare_exchange_strong(unanswered, unanswered + 1, std::memory_order_acq_rel))
    return false;
  const Plan& plan = plan_of(root);
  PipelinePort* port = plan.generation->port_at(root.scope->sensor, slot);
  if (!port) return true;  // what joins want kept: nobody is told
  const CompiledPipeline& pipeline = plan.pipeline_at(root.scope->sensor, slot);
  port->deliver(root, pipeline, std::move(status));
  Admission::answered(plan, pipeline);
  return true;
}

// Where a late answer is kept for later results, expiry and work both need the root: who is done
// with it last lets it go.
void Runtime::release(Activation& root, int slot) {
  PipelineWait& wait = root.pipelines[static_cast<std::size_t>(slot)];
  if (wait.parts.fetch_sub(1, std::memory_order_acq_rel) == 1) executor_.answered(root, slot);
}

void Runtime::pipeline_ready(Activation& root, int slot) {
  const bool first = answer(root, slot, root.number, {});
  if (first) return executor_.answered(root, slot);
  const Plan& plan = plan_of(root);
  const CompiledPipeline& pipeline = plan.pipeline_at(root.scope->sensor, slot);
  if (pipeline.spec->on_miss != OnMiss::kLast) return;
  plan.generation->port_at(root.scope->sensor, slot)->remember(root, pipeline);
  release(root, slot);
}

// The entry may be of an activation that ended long ago: then its number differs.
void Runtime::expire(const Expiry::Entry& entry) {
  if (entry.history) {
    entry.history->timer_fired();
    executor_.meet(*entry.history);
    // Release: the history is needed no more for this.
    entry.history->timers.fetch_sub(1, std::memory_order_release);
    return;
  }
  Activation& root = *entry.root;
  const Plan& plan = plan_of(root);
  Generation& generation = *plan.generation;
  if (answer(root, entry.slot, entry.number, Status::deadline())) {
    if (plan.pipeline_at(root.scope->sensor, entry.slot).spec->on_miss == OnMiss::kLast)
      release(root, entry.slot);
    else
      executor_.answered(root, entry.slot);
  }
  generation.timers.fetch_sub(1, std::memory_order_release);  // likewise
}

void Runtime::retired(Activation& root) {
  Generation& generation = *plan_of(root).generation;
  generation.sensors[static_cast<std::size_t>(root.scope->sensor)]->retire(root);
  left(generation);
  drained_.notify_all();
}

void Runtime::left(Generation& generation) {
  // Release: nothing of it is touched here any more.
  if (generation.under_way.fetch_sub(1, std::memory_order_acq_rel) == 1) retired_.notify_all();
}

void Runtime::ended(const SensorView& view) {
  const Generation& generation = *view.generation;
  for (std::size_t i = 0; i < generation.sensors.size(); ++i) {
    if (!generation.sensors[i]->finished()) continue;
    tell_joins(generation, i, true);
    for (const SensorView::Slot& slot : generation.views[i]->read) slot.port->set_over();
  }
}

}  // namespace edgert
