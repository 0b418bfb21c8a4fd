#include "edgert/plan/executor.h"

#include <algorithm>

#include "edgert/plan/executor_batch.h"
#include "edgert/plan/executor_turn.h"
#include "edgert/plan/liveness.h"
#include "edgert/plan/node_run.h"

namespace edgert {
namespace {
// The time of the oldest frame that it is computed from.
Nanos oldest_input(const Execution& execution) {
  const CompiledNode& node = *execution.node;
  Nanos oldest = execution.of_time;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const InputLocation& location = node.inputs[i];
    if (i == 0 && node.spec->inner >= 0 && node.inputs.size() > 1) {  // its rows'
      for (Activation* child : execution.activation->input(node.inputs[1]).children)
        oldest = std::min(oldest, child->at(location.local).of_time);
    } else {
      oldest = std::min(oldest, execution.activation->input(location).of_time);
    }
  }
  return oldest;
}

// An earlier result that somebody accepted who accepts nothing as old as what it reads.
const Execution* newer_than_inputs(const Execution& execution) {
  if (execution.node->recalls.empty()) return nullptr;
  const Execution* recall = execution.accepted.load(std::memory_order_acquire);
  return recall && recall->of_time > execution.of_time ? recall : nullptr;
}

}  // namespace

thread_local Executor::Turn* Executor::TurnScope::current_ = nullptr;

void Executor::start(Activation& root) {
  init(root);
  const Plan& plan = plan_of(root);
  for (int index : plan.sensor_pipelines[static_cast<std::size_t>(root.scope->sensor)]) {
    const CompiledPipeline& pipeline = plan.pipelines[static_cast<std::size_t>(index)];
    PipelineWait& wait = root.pipelines[static_cast<std::size_t>(pipeline.slot)];
    if (!wait.due) continue;
    root.remaining.fetch_add(1, std::memory_order_relaxed);
    wait.remaining.store(static_cast<std::int32_t>(pipeline.waits_for.size()),
                         std::memory_order_relaxed);
    wait.transforms.store(0, std::memory_order_relaxed);
    wait.models.store(0, std::memory_order_relaxed);
  }
  TurnScope scope(*this, nullptr, root.admitted);
  Turn& turn = scope.turn();
  turn.time = std::max(turn.time, root.admitted);  // it may be a turn that began before
  const std::uint64_t cause = std::exchange(turn.cause, root.cause);
  drop_initial_tokens(root, turn);
  release(root, turn);
  turn.cause = cause;
}

void Executor::drop_initial_tokens(Activation& activation, Turn& turn) {
  for (CompiledNode& node : activation.scope->nodes) {
    Execution& execution = activation.at(node.local);
    // Acquire and release, here and wherever pending is lowered: who takes it to zero sees what
    // all who lowered it wrote.
    if (execution.initial && execution.pending.fetch_sub(1, std::memory_order_acq_rel) == 1)
      became_ready(execution, turn);
  }
}

// --- from ready to resolved ---------------------------------------------------------------------

void Executor::push(Execution& execution, Turn& turn) {
  execution.next = nullptr;
  execution.cause = turn.cause;
  if (turn.tail) {
    turn.tail->next = &execution;
  } else {
    turn.head = &execution;
  }
  turn.tail = &execution;
}

void Executor::became_ready(Execution& execution, Turn& turn) {
  Execution* first = &execution;
  if (execution.node->sequencer)
    first = execution.node->sequencer->arrive(execution.ticket, &execution);
  if (first) push(*first, turn);
}

void Executor::pass(Execution& execution, Turn& turn) {
  if (!execution.node->sequencer) return;
  if (Execution* following = execution.node->sequencer->pass()) push(*following, turn);
}

void Executor::drain(Turn& turn) {
  while (Execution* execution = turn.head) {
    turn.head = static_cast<Execution*>(execution->next);
    if (!turn.head) turn.tail = nullptr;
    dispatch(*execution, turn);
  }
}

Status Executor::inputs_status(Execution& execution) const {
  for (const InputLocation& location : execution.node->inputs) {
    // The rows that it reads have outcomes of their own.
    if (execution.node->spec->inner >= 0 && execution.node->inputs.size() > 1 &&
        &location == &execution.node->inputs.front())
      continue;
    const Execution& input = execution.activation->input(location);
    if (!input.status.ok()) return input.status;
  }
  return {};
}

void Executor::dispatch(Execution& execution, Turn& turn) {
  const CompiledNode& node = *execution.node;
  Pretence* const pretence = plan_of(execution).pretence.get();
  turn.cause = execution.cause;
  if (came_from_cache(execution)) return finish(execution, std::move(execution.status), turn);
  Status status = execution.bypass ? execution.status : inputs_status(execution);
  if (node.kind() == NodeKind::kKeep) return keep(execution, std::move(status), turn);
  if (node.kind() == NodeKind::kJoin) return ask(execution, std::move(status), turn);
  if (node.kind() == NodeKind::kRecall) return recall(execution, std::move(status), turn);
  if (!status.ok()) {
    note_loss(execution, status);
    if (node.kind() == NodeKind::kEach) pass(execution, turn);
    return finish(execution, std::move(status), turn);
  }
  if (node.cacheable && found_in_cache(execution, turn)) return;
  execution.of_time = oldest_input(execution);
  if (const Execution* recall = newer_than_inputs(execution))
    return take_over(execution, *recall, turn);
  switch (node.kind()) {
    case NodeKind::kEach:
      return spawn(execution, turn);
    case NodeKind::kGate:
      return finish(execution, pretence ? pretend_gate(execution, *pretence) : run_gate(execution),
                    turn);
    case NodeKind::kGather:
      return finish(execution, pretence ? Status() : run_gather(execution, copied_), turn);
    default:
      break;
  }
  if (turn.time == 0) turn.time = clock_.now();
  execution.ready = turn.time;
  if (node.cheap && turn.lane) {
    execution.started = turn.time;
    execute(execution, 0, *turn.lane);
    return resolve(execution, turn);
  }
  if (node.whereabouts) send(execution);
  execution.patience = patience_of(execution);
  show_waiting(execution);
  // Relaxed: what is weighed is taken away again, whatever this says then.
  if (weighs_.load(std::memory_order_relaxed)) weigh(execution);
  queues_of(execution).submit(site_of(execution).group, &execution);
}

void Executor::run(Work* works, std::uint32_t, int instance, Lane& lane) {
  if (batching_of(*static_cast<Execution*>(works))) return execute_batch(works, instance, lane);
  for (Work* work = works; work; work = work->next) {
    Execution& execution = *static_cast<Execution*>(work);
    unbook(execution);  // who comes now waits for what is left of the run, which nobody knows
    execution.started = clock_.now();
    execute(execution, instance, lane);
    show_no_more(execution);
  }
}

void Executor::settle(Work* work, Lane& lane) {
  Execution& execution = *static_cast<Execution*>(work);
  if (execution.alone && runs_again(execution)) return;
  TurnScope scope(*this, &lane);
  resolve(execution, scope.turn());
}

void Executor::resolve(Execution& execution, Turn& turn) {
  turn.time = execution.ended ? execution.ended : execution.started;
  ranker_.settle(execution, execution.ended ? share_of(execution) : 0);
  if (execution.weighed != 0) unweigh(execution);
  finish(execution, std::move(execution.status), turn);
}

// The bounds of all pipelines that want it have passed, and they were answered so.
bool Executor::given_up(const Execution& execution) const {
  // What is cheap is done before it were asked about, and windows see every frame.
  if (execution.node->cheap || execution.started <= execution.deadline) return false;
  if (execution.attachments.any()) return false;  // a later frame's pipeline waits for it
  Activation& root = *execution.activation->root;
  const auto is_done = [&](int slot) {
    const PipelineWait& wait = root.pipelines[static_cast<std::size_t>(slot)];
    return !wait.due || (wait.answer.load(std::memory_order_acquire) & 1);
  };
  return std::ranges::all_of(execution.node->demanded_by, is_done) && !others_wait_for(execution);
}

// Computes its outputs, or decides not to. Nobody else knows the outcome before resolve().
void Executor::execute(Execution& execution, int instance, Lane& lane) const {
  execution.status = not_begun(execution);
  if (!execution.status.ok()) return note_loss(execution, execution.status);
  if (!execution.node->cheap) show_running(execution, execution.cost);
  if (plan_of(execution).pretence) {
    execution.status = Status();
  } else if (execution.node->kind() == NodeKind::kModel) {
    execution.status = run_model(execution, instance);
  } else if (execution.node->kind() == NodeKind::kJoin) {
    execution.status = run_join(execution);
  } else {
    execution.status = run_transform(execution, lane);
  }
  if (!execution.status.ok()) note_loss(execution, execution.status);
  execution.ended = clock_.now();
  lane.busy_nanos.add(execution.ended - execution.started);
}

void Executor::take_over(Execution& execution, const Execution& recall, Turn& turn) {
  execution.outputs = recall.outputs;
  execution.of_time = recall.of_time;
  execution.recalled = true;
  finish(execution, {}, turn);
}

void Executor::skip(Execution& execution, const Status& status, Turn& turn) {
  if (const Execution* recall = execution.accepted.load(std::memory_order_acquire))
    return take_over(execution, *recall, turn);
  if (!execution.node->sequencer) return finish(execution, status, turn);
  execution.bypass = true;  // its turn must still pass
  execution.status = status;
  became_ready(execution, turn);
}

}  // namespace edgert
