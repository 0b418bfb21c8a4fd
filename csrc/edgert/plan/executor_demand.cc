// What an activation wants: the marks of its pipelines, and what conditions open or close.
#include <algorithm>

#include "edgert/plan/executor.h"
#include "edgert/plan/liveness.h"

namespace edgert {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

// Shorter work is not worth booking: counting it would cost a part of it.
constexpr Nanos kLeastBooked = 20'000;

std::uint64_t owner_bit(const Demand::Want& want) {
  return std::uint64_t{1} << want.owner;
}

// The bounds of one more owner of work that is not submitted yet. `elsewhere`: what follows may
// wait for others than the lanes.
void bound(Execution& execution, const Demand::Want& want, Nanos deadline, bool elsewhere) {
  if (deadline == kNever) return;
  const Nanos rest = execution.node->times->rest(static_cast<std::size_t>(want.owner));
  execution.deadline = std::min(execution.deadline, deadline);
  if (deadline - rest >= execution.latest_start) return;
  execution.latest_start = deadline - rest;
  execution.need = elsewhere ? std::min(rest, execution.cost) : rest;
}

// Of several that accepted a result the newest serves all. Release and acquire: what it found, for
// who accepts another one; who takes it over acquires it with the demands that are given back.
void accept(Execution& execution, Execution& recall) {
  Execution* other = execution.accepted.load(std::memory_order_acquire);
  while ((!other || other->of_time < recall.of_time) &&
         !execution.accepted.compare_exchange_weak(other, &recall, std::memory_order_acq_rel,
                                                   std::memory_order_acquire)) {
  }
}

// Where it will be sent, as far as that is known by now.
const Site& first_guess(const CompiledNode& node) {
  const int now = node.whereabouts ? std::max(0, node.whereabouts->now()) : 0;
  return node.sites[static_cast<std::size_t>(now)];
}

bool applies(const Demand& demand, const Activation& root) {
  return demand.beside.empty() || std::ranges::any_of(demand.beside, [&](int slot) {
           return root.pipelines[static_cast<std::size_t>(slot)].due;
         });
}

}  // namespace

void Executor::mark(Activation& activation, const CompiledPipeline& pipeline,
                    const PipelineWait& wait) {
  constexpr auto relaxed = std::memory_order_relaxed;
  for (const Demand& demand : pipeline.demands[static_cast<std::size_t>(activation.scope->index)]) {
    if (!applies(demand, *activation.root)) continue;
    bool always = demand.gate_local < 0;
    if (!always && demand.gate_scope != activation.scope->index) {
      // The condition is further out and was resolved before this scope's rows were run.
      Activation* outer = activation.parent;
      while (outer->scope->index != demand.gate_scope) outer = outer->parent;
      const Execution& gate = outer->at(demand.gate_local);
      if (!gate.status.ok() || !gate.open) continue;
      always = true;
    }
    for (const Demand::Want& want : demand.wants) {
      Execution& execution = activation.at(want.local);
      execution.demanded = true;
      execution.wanted_outputs |= want.outputs;
      execution.demands.fetch_add(1, relaxed);
      if (execution.node->cacheable) {
        execution.space = common_space(execution.space, pipeline.space);
        execution.may_want |= owner_bit(want);
      }
      if (!always) continue;
      execution.initial = true;
      execution.wanted.store(true, relaxed);
      execution.uses.fetch_add(want.uses, relaxed);
      execution.wanted_by.store(execution.wanted_by.load(relaxed) | owner_bit(want), relaxed);
      bound(execution, want, wait.deadline, has_devices());
    }
  }
}

void Executor::count_inputs(Activation& activation) {
  constexpr auto relaxed = std::memory_order_relaxed;
  std::int32_t demanded = 0;
  for (CompiledNode& node : activation.scope->nodes) {
    Execution& execution = activation.at(node.local);
    if (!execution.demanded) continue;
    ++demanded;
    if (!activation.parent)
      for (int slot : node.pipelines)
        if (activation.pipelines[static_cast<std::size_t>(slot)].due)
          execution.readers.fetch_add(1, relaxed);
    if (execution.initial && !execution.detached) book(execution, first_guess(node));
    if (execution.initial && !node.recalls.empty()) announce(execution);
    for (int local : node.recalls)  // it takes over what they found
      if (activation.at(local).demanded) activation.at(local).readers.fetch_add(1, relaxed);
    if (execution.detached) continue;  // it was told what it waits for, and reads no inputs
    std::int32_t unresolved = 1;
    for (int local : node.waits_for) {
      if (!activation.at(local).demanded) continue;
      ++unresolved;
      activation.at(local).readers.fetch_add(1, relaxed);
    }
    count_early_readers(activation, node);
    execution.pending.store(unresolved, relaxed);
  }
  activation.remaining.store(demanded + 1, relaxed);
}

// All stores are plain or relaxed: nobody else knows this activation yet. The first execution that
// is handed to another thread (through a queue, or a counter's release) publishes all of it.
void Executor::init(Activation& activation) {
  constexpr auto relaxed = std::memory_order_relaxed;
  CompiledScope& scope = *activation.scope;
  for (CompiledNode& node : scope.nodes) {
    Execution& execution = activation.at(node.local);
    execution.demanded = execution.initial = execution.bypass = execution.open = false;
    execution.alone = false;
    execution.recalled = false;
    execution.of_time = activation.root->frame->media_time;
    if (!node.recalls.empty()) {
      execution.accepted.store(nullptr, relaxed);
      execution.flight_time.store(execution.of_time, relaxed);
      execution.attachments.open(activation.number);
    }
    execution.wanted_outputs = 0;
    execution.demands.store(0, relaxed);
    execution.wanted.store(false, relaxed);
    execution.uses.store(0, relaxed);
    execution.readers.store(node.kept && activation.parent ? 2 : 1, relaxed);
    reset_early_readers(execution);
    execution.deadline = execution.latest_start = kNever;
    execution.cost = node.times->cost();
    execution.need = 0;
    execution.owners = node.owners.data();
    execution.wanted_by.store(0, relaxed);
    execution.raised.store(INT64_MAX, relaxed);
    execution.booked = 0;
    execution.batch = 1;
    execution.space = kUndecided;
    execution.may_want = 0;
    execution.cache.store(CacheUse::kNone, relaxed);
    execution.detached = false;
    execution.rows_time = 0;
    execution.order = static_cast<std::uint64_t>(activation.root->admitted);
    execution.status = Status();
    execution.ready = execution.started = execution.ended = 0;
  }
  const Plan& plan = plan_of(activation);
  for (int index : plan.sensor_pipelines[static_cast<std::size_t>(scope.sensor)]) {
    const CompiledPipeline& pipeline = plan.pipelines[static_cast<std::size_t>(index)];
    const PipelineWait& wait = activation.root->pipelines[static_cast<std::size_t>(pipeline.slot)];
    if (wait.due) mark(activation, pipeline, wait);
  }
  if (activation.content) look_up(activation);
  count_inputs(activation);
  for (int local : scope.sequenced) {
    Execution& execution = activation.at(local);
    if (execution.demanded) execution.ticket = execution.node->sequencer->assign();
  }
}

void Executor::want(Execution& execution, const Demand::Want& want, Nanos deadline, Turn& turn) {
  // Below zero: it ran for others already and was counted.
  if (execution.uses.fetch_add(want.uses, std::memory_order_relaxed) < 0)
    execution.node->metrics->demanded.add(want.uses);
  const std::uint64_t owners = execution.wanted_by.fetch_or(owner_bit(want), kRelaxed);
  if (execution.wanted.exchange(true, std::memory_order_acq_rel)) {
    if ((owners & owner_bit(want)) == 0) raise(execution, want, deadline, turn.time);
    return;
  }
  bound(execution, want, deadline, has_devices());
  book(execution, first_guess(*execution.node));
  if (!execution.node->recalls.empty()) announce(execution);
  if (execution.pending.fetch_sub(1, std::memory_order_acq_rel) == 1) became_ready(execution, turn);
}

// Somebody else wants it already, and it may wait in its group's queue, run, or be done.
void Executor::raise(Execution& execution, const Demand::Want& want, Nanos deadline, Nanos time) {
  const CompiledNode& node = *execution.node;
  if (node.cheap || ranker_.order() == Order::kFifo) return;
  if (node.kind() != NodeKind::kModel && node.kind() != NodeKind::kTransform) return;
  Work newcomer;
  newcomer.ready = time != 0 ? time : clock_.now();
  newcomer.deadline = deadline;
  if (deadline < kNever)
    newcomer.latest_start = deadline - node.times->rest(static_cast<std::size_t>(want.owner));
  newcomer.order = execution.order;
  newcomer.owners = execution.owners;
  newcomer.wanted_by.store(owner_bit(want), kRelaxed);
  raise(execution, newcomer);
}

// A model's execution may be sent to one of several sites meanwhile. Sequentially consistent, as
// send() and Group::submit(): either this sees where it was sent, or who submits it there sees the
// rank.
void Executor::raise(Execution& execution, const Work& newcomer) {
  const Site* site = execution.site.load(std::memory_order_seq_cst);
  for (;;) {
    queues_of(*site).raise(site->group, &execution, newcomer);
    const Site* now = execution.site.load(std::memory_order_seq_cst);
    if (now == site) return;
    site = now;
  }
}

namespace {

Backlog& backlog_of(const Execution& execution) {
  return *plan_of(execution).ledger.devices[execution.booked_on].backlog;
}

}  // namespace

void Executor::book(Execution& execution, const Site& site) {
  if (execution.cost < kLeastBooked) return;
  execution.booked = execution.cost;
  execution.booked_slot =
      Backlog::slot_of(execution.deadline, execution.activation->root->admitted);
  execution.booked_on = device_of(site.queue);
  backlog_of(execution).add(execution.booked_slot, execution.booked);
}

void Executor::unbook(Execution& execution) const {
  if (execution.booked == 0) return;
  backlog_of(execution).remove(execution.booked_slot, execution.booked);
  execution.booked = 0;
}

void Executor::open_or_close(Execution& gate, Turn& turn) {
  Activation& activation = *gate.activation;
  const bool open = gate.status.ok() && gate.open;
  const Status closed = gate.status.ok() ? Status::skipped() : gate.status;
  if (gate.node->kind() == NodeKind::kRecall && gate.status.ok() && !open)
    accept(activation.at(gate.node->recalls_of), gate);
  for (int slot : gate.node->demanded_by) {
    const PipelineWait& wait = activation.root->pipelines[static_cast<std::size_t>(slot)];
    if (!wait.due) continue;
    const CompiledPipeline& pipeline =
        plan_of(activation).pipeline_at(activation.scope->sensor, slot);
    for (const Demand& demand :
         pipeline.demands[static_cast<std::size_t>(activation.scope->index)]) {
      if (demand.gate_scope != activation.scope->index || demand.gate_local != gate.node->local ||
          !applies(demand, *activation.root))
        continue;
      for (const Demand::Want& wanted : demand.wants) {
        Execution& execution = activation.at(wanted.local);
        // The cache has it, or what it was for.
        if (!execution.demanded || execution.detached) continue;
        if (open) {
          want(execution, wanted, wait.deadline, turn);
        } else if (execution.demands.fetch_sub(1, std::memory_order_acq_rel) == 1) {
          skip(execution, closed, turn);  // an open demand is never given back, so nobody wants it
        }
      }
    }
  }
}

}  // namespace edgert
