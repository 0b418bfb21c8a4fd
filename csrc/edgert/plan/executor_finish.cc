// What follows from an execution that was resolved, up to the end of its activation.
#include <algorithm>

#include "edgert/plan/executor_batch.h"
#include "edgert/plan/executor_turn.h"
#include "edgert/plan/liveness.h"
#include "edgert/plan/told_as.h"

namespace edgert {
namespace {

constexpr std::int32_t kUsesCounted = INT32_MIN / 2;  // in Execution::uses, once it ran

// An each passes its turn when it spawned, a join and a recall when they asked.
bool passes_early(NodeKind kind) {
  return kind == NodeKind::kEach || kind == NodeKind::kJoin || kind == NodeKind::kRecall;
}

}  // namespace

// Adds what it took to each pipeline that it was done for, and in equal shares to the
// applications that own them.
void Executor::charge(const Execution& execution) {
  const Nanos took = execution.ended - execution.started;
  const Nanos cost = share_of(execution);
  const std::uint64_t owners = execution.wanted_by.load(std::memory_order_relaxed);
  const Nanos part = cost / std::max(1, count_applications(execution, owners));
  const std::size_t device = device_of(site_of(execution).queue);
  each_application(execution, owners, [&](std::uint32_t application) {
    plan_of(execution).ledger.accounts[application]->ran(device, execution.ended, part);
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
    if (status.ok()) return note_saved(execution, execution.seeker->took);
  }
  if (execution.ended) {
    execution.node->times->observe(execution.ended - execution.started, execution.batch);
    metrics.executed.add();
    metrics.demanded.add(execution.uses.exchange(kUsesCounted, std::memory_order_relaxed));
    metrics.run.record(share_of(execution));
    metrics.queue.record(execution.started - execution.ready);
    if (SiteRecord* const record = site_of(execution).record.get()) {
      record->times.observe(execution.ended - execution.started, execution.batch);
      record->executed.add();
      record->run.record(share_of(execution));
      record->queue.record(execution.started - execution.ready);
    }
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
  if (trace_.on()) note(execution, status, turn);
  if (!status.ok() && node.kind() != NodeKind::kEach)
    for (Tensor& output : execution.outputs) output.reset();
  if (execution.ended && !status.ok()) status = status.within(told_as(execution));
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

void Executor::read(Execution& execution) {
  // Release: this reader is done. Acquire: who releases the outputs comes after all readers.
  if (execution.readers.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (execution.node->kind() == NodeKind::kEach) recycle_rows(execution);
  for (Tensor& output : execution.outputs) output.reset();
}

void Executor::answered(Activation& root, int slot) {
  for (int local : plan_of(root).pipeline_at(root.scope->sensor, slot).waits_for)
    read(root.at(local));
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
