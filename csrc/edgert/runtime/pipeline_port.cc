#include "edgert/runtime/pipeline_port.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "edgert/runtime/pipeline_answer.h"

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

PipelinePort::PipelinePort(const PipelineSpec& spec, std::shared_ptr<SensorPort> sensor,
                           const Clock& clock, Trace& trace)
    : spec_(spec),
      name_(spec.application + "/" + spec.name),
      sensor_(std::move(sensor)),
      clock_(clock),
      trace_(trace),
      pool_(2 * static_cast<std::uint32_t>(spec.queue) + 4 + kMostUnderWay),
      exit_(kMostUnderWay),
      answers_(static_cast<std::size_t>(spec.queue) + 1),
      credits_(spec.queue) {}

// What stands for a missed result must have the outputs of a present one.
bool PipelinePort::serves(const PipelineSpec& spec, const SensorPort& sensor) const {
  const auto same = [](const OutputSpec& a, const OutputSpec& b) { return a.name == b.name; };
  return spec.application == spec_.application && spec.name == spec_.name &&
         sensor_.get() == &sensor && spec.queue == spec_.queue &&
         spec.when_full == spec_.when_full &&
         (spec.on_miss != OnMiss::kLast || std::ranges::equal(spec.outputs, spec_.outputs, same));
}

bool PipelinePort::has_credit() const {
  if (!exit_.has_room()) return false;
  return spec_.when_full != WhenFull::kBlock || !reader_.load(std::memory_order_acquire) ||
         credits_.load(std::memory_order_seq_cst) > 0;
}

// Credits are counted whether or not somebody reads: they may go below zero until a reader comes.
void PipelinePort::take_credit() {
  credits_.fetch_sub(1, std::memory_order_seq_cst);
}
void PipelinePort::give_credit() {
  credits_.fetch_add(1, std::memory_order_seq_cst);
}

bool PipelinePort::due(const PipelineSpec& spec, const Frame& frame, Nanos media_time) {
  if (frame.gap_before) next_due_ = INT64_MIN;
  const bool counted = spec.every > 1 && seen_++ % static_cast<std::uint64_t>(spec.every) != 0;
  if (counted || !by_rate(spec, media_time)) {
    not_due_.add();
    return false;
  }
  const bool admitted = admission_.take(admitted_share_.load(std::memory_order_relaxed));
  if (admitted && (spec.overload != Overload::kSkip || skip_.take())) return true;
  passed_over_.add();
  return false;
}

bool PipelinePort::by_rate(const PipelineSpec& spec, Nanos media_time) {
  if (spec.rate <= 0) return true;
  constexpr double kLongest = 1e17;  // three years: a rate may be next to nothing
  const auto period = static_cast<Nanos>(std::llround(std::min(1e9 / spec.rate, kLongest)));
  // It is due at most a period and an eighth ahead of the last frame: time went back.
  const bool back = next_due_ != INT64_MIN && media_time < next_due_ - 2 * period;
  if (next_due_ == INT64_MIN || back) next_due_ = media_time;
  // A frame that comes a hair early is not put off by a whole frame.
  if (media_time < next_due_ - period / 8) return false;
  next_due_ = std::max(next_due_ + period, media_time - period);
  return true;
}

void PipelinePort::count_stages(Answer& answer, Activation& root, int slot) const {
  Stages& stages = answer.stages;
  stages = {};
  const Frame& frame = *root.frame;
  stages.decode = frame.decode;
  stages.inbox = root.admitted - frame.arrival;
  stages.total = clock_.now() - frame.capture;
  const PipelineWait& wait = root.pipelines[static_cast<std::size_t>(slot)];
  stages.transforms = wait.transforms.load(std::memory_order_relaxed);
  stages.models = wait.models.load(std::memory_order_relaxed);
  stages.waiting = std::max<Nanos>(
      0, stages.total - stages.decode - stages.inbox - stages.transforms - stages.models);
}

void PipelinePort::deliver(Activation& root, const CompiledPipeline& pipeline, Status status) {
  const PipelineWait& wait = root.pipelines[static_cast<std::size_t>(pipeline.slot)];
  Pooled* answer = pool_.take([] { return std::make_unique<Pooled>(); });
  if (!answer) std::abort();  // the pool holds one for each that can be under way
  const bool missed = wait.deadline != kNever && clock_.now() > wait.deadline;
  // The work may end between the bound and the timer: what is late is a miss then, too.
  const bool over = missed && pipeline.spec->on_miss != OnMiss::kLate && status.ok();
  if (over) status = Status::deadline();
  answer->missed = missed;
  answer->outline = pipeline.outline;
  answer->status = std::move(status);
  answer->frame = root.frame;
  fill_answer(*answer, root, pipeline);
  count_stages(*answer, root, pipeline.slot);
  answer->outcome = outcome_of(*answer);
  answer->age = oldest(answer->outputs);
  exit_.leave(wait.ticket, answer, [this](Pooled* turn) { send(turn); });
  if (over && pipeline.spec->on_miss == OnMiss::kLast) remember(root, pipeline);
}

void PipelinePort::remember(Activation& root, const CompiledPipeline& pipeline) {
  Pooled* answer = pool_.take([] { return std::make_unique<Pooled>(); });
  if (!answer) return;
  fill_answer(*answer, root, pipeline);
  if (outcome_of(*answer) == Outcome::kOk) last_.keep(answer->outputs, root.frame->capture);
  answer->clear();
  pool_.give(answer);
}

// The last word on an answer whose turn it is: one that missed its bound may be an earlier one's.
void PipelinePort::finish(Pooled& answer) {
  if (answer.outline->on_miss == OnMiss::kLast) {
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
  if (trace_.on()) note(answer);
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
  record.where = answer.outline->index;
  record.row = -1;
  record.lane = kNoLane;
  record.end_code = static_cast<std::uint8_t>(answer.outcome);
  trace_.add(record);
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
  const auto most = static_cast<std::size_t>(spec_.queue);
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

RefusalCounts PipelinePort::refusals() const {
  RefusalCounts counts{};
  for (std::size_t i = 0; i < kRefusals; ++i) counts[i] = gate.refused[i].value();
  return counts;
}

PipelineSnapshot PipelinePort::snapshot() const {
  PipelineSnapshot s;
  s.name = name_;
  s.outcomes = outcomes_.counts();
  s.refused = refused_at_admission.value();
  s.unread = unread_.value();
  s.not_due = not_due_.value();
  s.passed_over = passed_over_.value();
  s.share = share();
  s.not_admitted = refusals();
  s.latency = {latency_.count(), latency_.mean(), latency_.quantile(0.5), latency_.quantile(0.99)};
  return s;
}

}  // namespace edgert
