#include "edgert/runtime/pipeline_port.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace edgert {
namespace {

// Answers that may be on their way besides those in the queue: one an activation, and as many of
// ended ones that wait for an earlier frame's.
constexpr std::uint32_t kMostUnderWay = 2 * kMostRoots;

Nanos oldest(const std::vector<ResultOutput>& outputs) {
  Nanos age = 0;
  for (const ResultOutput& output : outputs) age = std::max(age, output.age);
  return age;
}

}  // namespace

PipelinePort::PipelinePort(const CompiledPipeline& pipeline, const Plan& plan)
    : pipeline_(pipeline),
      plan_(plan),
      pool_(2 * static_cast<std::uint32_t>(pipeline.spec->queue) + 4 + kMostUnderWay),
      exit_(kMostUnderWay),
      answers_(static_cast<std::size_t>(pipeline.spec->queue) + 1),
      credits_(pipeline.spec->queue) {}

std::string PipelinePort::full_name() const {
  return pipeline_.spec->application + "/" + pipeline_.spec->name;
}

bool PipelinePort::has_credit() const {
  if (!exit_.has_room()) return false;
  return pipeline_.spec->when_full != WhenFull::kBlock ||
         !reader_.load(std::memory_order_acquire) || credits_.load(std::memory_order_seq_cst) > 0;
}

// Credits are counted whether or not somebody reads: they may go below zero until a reader comes.
void PipelinePort::take_credit() {
  credits_.fetch_sub(1, std::memory_order_seq_cst);
}
void PipelinePort::give_credit() {
  credits_.fetch_add(1, std::memory_order_seq_cst);
}

bool PipelinePort::due(const Frame& frame, Nanos media_time) {
  const PipelineSpec& spec = *pipeline_.spec;
  if (frame.gap_before) next_due_ = INT64_MIN;
  const bool counted = spec.every > 1 && seen_++ % static_cast<std::uint64_t>(spec.every) != 0;
  if (counted || !by_rate(media_time)) {
    not_due_.add();
    return false;
  }
  const bool admitted = admission_.take(admitted_share_.load(std::memory_order_relaxed));
  if (admitted && (spec.overload != Overload::kSkip || skip_.take())) return true;
  passed_over_.add();
  return false;
}

bool PipelinePort::by_rate(Nanos media_time) {
  const PipelineSpec& spec = *pipeline_.spec;
  if (spec.rate <= 0) return true;
  const auto period = static_cast<Nanos>(std::llround(1e9 / spec.rate));
  // It is due at most a period and an eighth ahead of the last frame: time went back.
  const bool back = next_due_ != INT64_MIN && media_time < next_due_ - 2 * period;
  if (next_due_ == INT64_MIN || back) next_due_ = media_time;
  // A frame that comes a hair early is not put off by a whole frame.
  if (media_time < next_due_ - period / 8) return false;
  next_due_ = std::max(next_due_ + period, media_time - period);
  return true;
}

void PipelinePort::collect(ResultOutput& into, Activation& activation, const CompiledOutput& output,
                           std::size_t depth, int& row) {
  if (output.gate_scope == activation.scope->index) {
    const Execution& gate = activation.at(output.gate_local);
    if (!gate.status.ok() || !gate.open) {
      if (into.status.ok()) into.status = gate.status.ok() ? Status::skipped() : gate.status;
      return;
    }
  }
  if (depth == output.path.size()) {
    Execution& execution = activation.at(output.local);
    if (execution.status.ok()) {
      into.age = std::max(into.age, activation.root->frame->media_time - execution.of_time);
      into.entries.push_back({row, execution.outputs[static_cast<std::size_t>(output.output)]});
    } else if (into.status.ok()) {
      into.status = execution.status;
    }
    return;
  }
  const CompiledScope& inner = plan_.scopes[static_cast<std::size_t>(output.path[depth])];
  Execution& each = activation.at(inner.each_local);
  if (!each.status.ok()) {
    if (into.status.ok()) into.status = each.status;
    return;
  }
  if (depth == 0) into.rows = each.outputs[0];
  for (Activation* child : each.children) {
    if (depth + 1 == output.path.size()) ++row;
    collect(into, *child, output, depth + 1, row);
  }
}

void PipelinePort::count_stages(Answer& answer, Activation& root) {
  Stages& stages = answer.stages;
  stages = {};
  const Frame& frame = *root.frame;
  stages.decode = frame.decode;
  stages.inbox = root.admitted - frame.arrival;
  stages.total = plan_.clock->now() - frame.capture;
  const PipelineWait& wait = root.pipelines[static_cast<std::size_t>(pipeline_.slot)];
  stages.transforms = wait.transforms.load(std::memory_order_relaxed);
  stages.models = wait.models.load(std::memory_order_relaxed);
  stages.waiting = std::max<Nanos>(
      0, stages.total - stages.decode - stages.inbox - stages.transforms - stages.models);
}

bool PipelinePort::is_cached(const Answer& answer, Activation& root) const {
  bool any = false;
  for (std::size_t i = 0; i < answer.outputs.size(); ++i) {
    if (answer.outputs[i].entries.empty()) continue;
    any = true;
    const CompiledOutput& output = pipeline_.outputs[i];
    if (!output.path.empty() || !came_from_cache(root.at(output.local))) return false;
  }
  return any;
}

void PipelinePort::fill(Answer& answer, Activation& root) {
  answer.outputs.resize(pipeline_.outputs.size());
  for (std::size_t i = 0; i < pipeline_.outputs.size(); ++i) {
    const CompiledOutput& output = pipeline_.outputs[i];
    if (!answer.status.ok()) {
      answer.outputs[i].status = answer.status;
      continue;
    }
    int row = -1;
    collect(answer.outputs[i], root, output, 0, row);
  }
  answer.cached = root.content && is_cached(answer, root);
}

void PipelinePort::deliver(Activation& root, Status status) {
  const PipelineWait& wait = root.pipelines[static_cast<std::size_t>(pipeline_.slot)];
  Pooled* answer = pool_.take([] { return std::make_unique<Pooled>(); });
  if (!answer) std::abort();  // the pool holds one for each that can be under way
  const bool missed = wait.deadline != kNever && plan_.clock->now() > wait.deadline;
  // The work may end between the bound and the timer: what is late is a miss then, too.
  const bool over = missed && pipeline_.spec->on_miss != OnMiss::kLate && status.ok();
  if (over) status = Status::deadline();
  answer->missed = missed;
  answer->pipeline = pipeline_.index;
  answer->status = std::move(status);
  answer->frame = root.frame;
  fill(*answer, root);
  count_stages(*answer, root);
  answer->outcome = outcome_of(*answer);
  answer->age = oldest(answer->outputs);
  exit_.leave(wait.ticket, answer, [this](Pooled* turn) { send(turn); });
  if (over && pipeline_.spec->on_miss == OnMiss::kLast) remember(root);
}

void PipelinePort::remember(Activation& root) {
  Pooled* answer = pool_.take([] { return std::make_unique<Pooled>(); });
  if (!answer) return;
  fill(*answer, root);
  if (outcome_of(*answer) == Outcome::kOk) last_.keep(answer->outputs, root.frame->capture);
  answer->clear();
  pool_.give(answer);
}

// The last word on an answer whose turn it is: one that missed its bound may be an earlier one's.
void PipelinePort::finish(Pooled& answer) {
  if (pipeline_.spec->on_miss == OnMiss::kLast) {
    Nanos capture = 0;
    if (answer.outcome == Outcome::kOk) {
      last_.keep(answer.outputs, answer.frame->capture);
    } else if (answer.status.code() == Code::kDeadline && last_.give(answer.outputs, capture)) {
      answer.status = Status();
      answer.outcome = Outcome::kStale;
      answer.cached = false;
      answer.age = answer.frame->capture + answer.stages.total - capture + oldest(answer.outputs);
    }
  }
  outcomes_.add(answer.outcome);
  if (plan_.trace->on()) note(answer);
  const bool late = answer.outcome == Outcome::kLate;
  if (late || answer.outcome == Outcome::kDropped || answer.outcome == Outcome::kStale)
    skip_.trouble();
  // Of answers only: how long it took to give up says nothing of how long the work takes.
  if (late || answer.outcome == Outcome::kOk) latency_.record(answer.stages.total);
}

void PipelinePort::note(const Pooled& answer) const {
  TraceRecord record{};
  record.kind = TraceKind::kAnswered;
  record.ready = answer.frame->capture;
  record.start = answer.frame->arrival;
  record.end = answer.frame->capture + answer.stages.total;
  record.frame = answer.frame->sequence;
  record.where = pipeline_.index;
  record.row = -1;
  record.lane = kNoLane;
  record.end_code = static_cast<std::uint8_t>(answer.outcome);
  plan_.trace->add(record);
}

void PipelinePort::send(Pooled* answer) {
  finish(*answer);
  if (!callback_) return enqueue(answer);
  callback_(*answer);
  answer->clear();
  pool_.give(answer);
  give_credit();
}

void PipelinePort::enqueue(Pooled* answer) {
  const auto most = static_cast<std::size_t>(pipeline_.spec->queue);
  while (answers_.size() >= most || !answers_.try_push(static_cast<Pooled*>(answer))) {
    Pooled* oldest = nullptr;
    if (!answers_.try_pop(oldest)) continue;
    oldest->clear();
    pool_.give(oldest);
    unread_.add();
    give_credit();
  }
  arrived_.notify_one();
}

bool PipelinePort::next(Answer& into, Nanos deadline) {
  for (;;) {
    Pooled* answer = nullptr;
    if (answers_.try_pop(answer)) {
      std::swap(into, static_cast<Answer&>(*answer));
      answer->clear();
      pool_.give(answer);
      give_credit();
      return true;
    }
    if (over_.load(std::memory_order_acquire) && empty()) return false;
    const EventCount::Ticket ticket = arrived_.prepare();
    if (!empty() || over_.load(std::memory_order_seq_cst)) {
      arrived_.cancel();
      continue;
    }
    if (!arrived_.wait(ticket, deadline) && empty()) return false;
  }
}

PipelineSnapshot PipelinePort::snapshot() const {
  PipelineSnapshot s;
  s.name = full_name();
  s.outcomes = outcomes_.counts();
  s.refused = refused_at_admission.value();
  s.unread = unread_.value();
  s.not_due = not_due_.value();
  s.passed_over = passed_over_.value();
  s.share = share();
  s.latency = {latency_.count(), latency_.mean(), latency_.quantile(0.5), latency_.quantile(0.99)};
  return s;
}

}  // namespace edgert
