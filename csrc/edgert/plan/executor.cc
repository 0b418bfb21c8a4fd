#include "edgert/plan/executor.h"

#include <algorithm>

#include "edgert/plan/executor_batch.h"
#include "edgert/plan/executor_turn.h"
#include "edgert/plan/liveness.h"
#include "edgert/plan/node_run.h"

namespace edgert {
namespace {

constexpr std::int32_t kUsesCounted = INT32_MIN / 2;  // in Execution::uses, once it ran

// A transform's operation, too: several of a step may have its name.
std::string step_of(const CompiledNode& node) {
  const NodeSpec& spec = *node.spec;
  const bool said = spec.kind != NodeKind::kTransform || spec.name == spec.op;
  return "step '" + spec.name + (said ? "'" : "' (" + spec.op + ")");
}

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

// An each passes its turn when it spawned, a join and a recall when they asked.
bool passes_early(NodeKind kind) {
  return kind == NodeKind::kEach || kind == NodeKind::kJoin || kind == NodeKind::kRecall;
}

}  // namespace

thread_local Executor::Turn* Executor::TurnScope::current_ = nullptr;

void Executor::start(Activation& root) {
  init(root);
  for (int index : plan_.sensor_pipelines[static_cast<std::size_t>(root.scope->sensor)]) {
    const CompiledPipeline& pipeline = plan_.pipelines[static_cast<std::size_t>(index)];
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
  switch (node.kind()) {
    case NodeKind::kEach:
      return spawn(execution, turn);
    case NodeKind::kGate:
      return finish(execution,
                    plan_.pretence ? pretend_gate(execution, *plan_.pretence) : run_gate(execution),
                    turn);
    case NodeKind::kGather:
      return finish(execution, plan_.pretence ? Status() : run_gather(execution, copied_), turn);
    default:
      break;
  }
  if (turn.time == 0) turn.time = plan_.clock->now();
  execution.ready = turn.time;
  if (node.cheap && turn.lane) {
    execution.started = turn.time;
    execute(execution, 0, *turn.lane);
    return resolve(execution, turn);
  }
  execution.patience = patience_of(execution);
  queues_of(node).submit(node.group, &execution);
}

void Executor::run(Work* works, std::uint32_t, int instance, Lane& lane) {
  if (batching_of(*static_cast<Execution*>(works))) return execute_batch(works, instance, lane);
  for (Work* work = works; work; work = work->next) {
    Execution& execution = *static_cast<Execution*>(work);
    unbook(execution);  // who comes now waits for what is left of the run, which nobody knows
    execution.started = plan_.clock->now();
    execute(execution, instance, lane);
  }
}

void Executor::settle(Work* work, Lane& lane) {
  TurnScope scope(*this, &lane);
  resolve(*static_cast<Execution*>(work), scope.turn());
}

void Executor::resolve(Execution& execution, Turn& turn) {
  turn.time = execution.ended ? execution.ended : execution.started;
  ranker_.settle(execution, execution.ended ? share_of(execution) : 0);
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
  const bool expired = given_up(execution);
  if (expired || hopeless(execution)) {
    execution.status = expired ? Status::deadline() : Status::no_time();
    note_loss(execution, execution.status);
    return;
  }
  if (plan_.pretence) {
    execution.status = Status();
  } else if (execution.node->kind() == NodeKind::kModel) {
    execution.status = run_model(execution, instance);
  } else if (execution.node->kind() == NodeKind::kJoin) {
    execution.status = run_join(execution);
  } else {
    execution.status = run_transform(execution, lane);
  }
  if (!execution.status.ok()) note_loss(execution, execution.status);
  execution.ended = plan_.clock->now();
  lane.busy_nanos.add(execution.ended - execution.started);
}

void Executor::skip(Execution& execution, const Status& status, Turn& turn) {
  if (const Execution* recall = execution.accepted.load(std::memory_order_acquire)) {
    execution.outputs = recall->outputs;
    execution.of_time = recall->of_time;
    execution.recalled = true;
    return finish(execution, {}, turn);
  }
  if (!execution.node->sequencer) return finish(execution, status, turn);
  execution.bypass = true;  // its turn must still pass
  execution.status = status;
  became_ready(execution, turn);
}

// Adds what it took to each pipeline that it was done for, and in equal shares to the
// applications that own them.
void Executor::charge(const Execution& execution) {
  const Nanos took = execution.ended - execution.started;
  const Nanos cost = share_of(execution);
  const std::uint64_t owners = execution.wanted_by.load(std::memory_order_relaxed);
  const Nanos part = cost / std::max(1, count_applications(execution, owners));
  each_application(execution, owners, [&](std::uint32_t application) {
    plan_.ledger.accounts[application]->ran(execution.ended, part);
  });
  const bool model = execution.node->kind() == NodeKind::kModel;
  for (int slot : execution.node->demanded_by) {
    PipelineWait& wait = execution.activation->root->pipelines[static_cast<std::size_t>(slot)];
    // Relaxed: published with the outcome, by the counters that finish() lowers.
    if (wait.due)
      (model ? wait.models : wait.transforms).fetch_add(took, std::memory_order_relaxed);
  }
}

void Executor::count(Execution& execution, const Status& status) {
  NodeMetrics& metrics = *execution.node->metrics;
  unbook(execution);
  if (execution.recalled) return metrics.recalled.add();
  if (came_from_cache(execution)) {
    metrics.cached.add();
    metrics.demanded.add(execution.uses.exchange(kUsesCounted, std::memory_order_relaxed));
    if (status.ok()) return;
  }
  if (execution.ended) {
    execution.node->times->observe(execution.ended - execution.started, execution.batch);
    metrics.executed.add();
    metrics.demanded.add(execution.uses.exchange(kUsesCounted, std::memory_order_relaxed));
    metrics.run.record(share_of(execution));
    metrics.queue.record(execution.started - execution.ready);
    charge(execution);
  } else if (status.ok()) {  // conditions, gathers and rows are worked out on the spot, untimed
    metrics.executed.add();
    metrics.demanded.add(execution.uses.exchange(kUsesCounted, std::memory_order_relaxed));
    execution.node->times->observe(0);
  }
  if (status.ok()) return;
  if (status.code() == Code::kSkipped)
    metrics.skipped.add();
  else if (status.code() == Code::kDeadline)
    metrics.expired.add();
  else
    metrics.failed.add();
}

void Executor::finish(Execution& execution, Status status, Turn& turn) {
  CompiledNode& node = *execution.node;
  Activation& activation = *execution.activation;
  count(execution, status);
  if (activation.content && node.kind() == NodeKind::kGather && status.ok())
    measure_rows(execution);
  if (plan_.trace->on()) note(execution, status, turn);
  if (!status.ok() && node.kind() != NodeKind::kEach)
    for (Tensor& output : execution.outputs) output.reset();
  if (execution.ended && !status.ok()) status = status.within(step_of(node));
  execution.status = std::move(status);
  if (node.kind() == NodeKind::kGate || node.kind() == NodeKind::kRecall)
    open_or_close(execution, turn);
  if (!node.recalls.empty()) keep_result(execution, turn);
  for (int local : node.dependents) {
    Execution& dependent = activation.at(local);
    if (dependent.demanded && !dependent.detached &&
        dependent.pending.fetch_sub(1, std::memory_order_acq_rel) == 1)
      became_ready(dependent, turn);
  }
  let_go_inputs_early(execution);
  for (int local : node.waits_for)
    if (activation.at(local).demanded && !execution.detached) read(activation.at(local));
  if (!activation.parent) {
    for (int slot : node.pipelines) {
      PipelineWait& wait = activation.pipelines[static_cast<std::size_t>(slot)];
      if (wait.due && wait.remaining.fetch_sub(1, std::memory_order_acq_rel) == 1)
        events_.pipeline_ready(activation, slot);
    }
  }
  for (int local : node.recalls)
    if (activation.at(local).demanded) read(activation.at(local));
  if (execution.cache == CacheUse::kLead) complete(execution, turn);
  let_go_outputs_early(execution);
  read(execution);
  if (!passes_early(node.kind())) pass(execution, turn);
  release(activation, turn);
}

// --- ends ---------------------------------------------------------------------------------------

void Executor::read(Execution& execution) {
  // Release: this reader is done. Acquire: who releases the outputs comes after all readers.
  if (execution.readers.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (execution.node->kind() == NodeKind::kEach) recycle_rows(execution);
  for (Tensor& output : execution.outputs) output.reset();
}

void Executor::answered(Activation& root, int slot) {
  const int index = plan_.sensor_pipelines[static_cast<std::size_t>(root.scope->sensor)]
                                          [static_cast<std::size_t>(slot)];
  for (int local : plan_.pipelines[static_cast<std::size_t>(index)].waits_for) read(root.at(local));
  release(root);
}

void Executor::release(Activation& root) {
  TurnScope scope(*this, nullptr);
  release(root, scope.turn());
}

void Executor::release(Activation& activation, Turn& turn) {
  // Acquire and release: the end comes after everything that was done for this activation.
  if (activation.remaining.fetch_sub(1, std::memory_order_acq_rel) == 1) end(activation, turn);
}

void Executor::end(Activation& activation, Turn& turn) {
  if (!activation.parent) return events_.retired(activation);
  row_done(activation.parent->at(activation.scope->each_local), turn);
}

}  // namespace edgert
