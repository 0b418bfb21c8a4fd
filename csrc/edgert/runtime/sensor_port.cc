#include "edgert/runtime/sensor_port.h"

#include <algorithm>
#include <iterator>

#include "edgert/lease/share_server.h"
#include "edgert/runtime/admission.h"
#include "edgert/runtime/pipeline_port.h"

namespace edgert {
namespace {

constexpr std::uint32_t kMostFrames = 4096;

}  // namespace

SensorPort::SensorPort(int index, Plan& plan, std::vector<PipelinePort*> pipelines,
                       Admission& admission, PortEvents& events)
    : spec_(plan.spec.sensors[static_cast<std::size_t>(index)]),
      index_(index),
      plan_(plan),
      slots_(std::move(pipelines)),
      admission_(admission),
      events_(events),
      frames_(kMostFrames),
      inbox_(static_cast<std::size_t>(spec_.inbox == InboxPolicy::kLatest ? 1 : spec_.queue)) {
  std::ranges::copy_if(slots_, std::back_inserter(pipelines_), [](auto* port) { return port; });
}

Status SensorPort::check(const Frame& frame) const {
  if (frame.kind != spec_.format.kind)
    return Status::invalid(where(), "the frame is of another kind than the sensor",
                           "push " + spec_.format.text());
  if (frame.kind == FrameKind::kImage) {
    if (frame.plane_count < 1 || frame.image.width < 1 || frame.image.height < 1)
      return Status::invalid(where(), "the image is empty", "push at least one pixel");
    if (!frame.planes[0].data)
      return Status::invalid(where(), "the image is not mapped for the CPU",
                             "map it before it is pushed, or let its source do so");
    return {};
  }
  const std::int64_t channels = frame.kind == FrameKind::kAudio
                                    ? spec_.format.audio.channels
                                    : static_cast<std::int64_t>(spec_.format.table.columns.size());
  const Shape& shape = frame.samples.shape();
  if (shape.rank() != 2 || shape[1] != channels || shape[0] < 1)
    return Status::invalid(where(), "got an array of shape " + shape.text(),
                           "push [n, " + std::to_string(channels) + "] with n ≥ 1");
  const DType wanted = frame.kind == FrameKind::kAudio ? spec_.format.audio.dtype : DType::kFloat32;
  if (frame.samples.dtype() != wanted)
    return Status::invalid(where(), "got " + std::string(dtype_name(frame.samples.dtype())),
                           "push " + std::string(dtype_name(wanted)));
  const std::int64_t most =
      frame.kind == FrameKind::kAudio ? spec_.format.audio.max_chunk : spec_.format.table.max_rows;
  if (most > 0 && shape[0] > most)
    return Status::invalid(
        where(), "got " + std::to_string(shape[0]) + " samples at once, more than announced",
        "push at most " + std::to_string(most));
  return {};
}

// Returns what the trace calls it, or 0.
std::uint64_t SensorPort::note(const Frame& frame, TraceKind kind, TraceDrop why, Nanos when) {
  TraceRecord record{};
  record.kind = kind;
  record.ready = frame.capture;
  record.start = frame.arrival;
  record.end = when;
  record.frame = frame.sequence;
  record.where = index_;
  record.row = -1;
  record.lane = kNoLane;
  record.end_code = static_cast<std::uint8_t>(why);
  return plan_.trace->add(record);
}

void SensorPort::drop(const Frame& frame, Counter& reason, TraceDrop why) {
  reason.add();
  if (plan_.trace->on()) note(frame, TraceKind::kDropped, why, now());
  for (PipelinePort* pipeline : pipelines_) pipeline->crowded();
  // Relaxed: whoever takes a later frame out of the inbox acquires this with it.
  if (frame.gap_before) lost_gap_.store(frame.sequence + 1, std::memory_order_relaxed);
}

// Frames were lost before this one: by its source, or, of a stream, here. Pictures stand for
// themselves: dropping some, as `latest` does all the time, leaves no hole in what they show.
bool SensorPort::follows_gap(const Frame& frame) {
  bool gap = frame.gap_before;
  const std::uint64_t lost = lost_gap_.load(std::memory_order_relaxed);
  if (lost > gap_taken_ && frame.sequence >= lost) {
    gap_taken_ = lost;
    gap = true;
  }
  return gap || (spec_.format.kind != FrameKind::kImage && frame.sequence > expected_);
}

// Makes room by the sensor's policy. False: no room.
bool SensorPort::insert(FrameRef& frame) {
  if (spec_.inbox == InboxPolicy::kLatest) {
    for (;;) {
      FrameRef oldest;
      while (inbox_.size() >= 1 && inbox_.try_pop(oldest))
        drop(*oldest, replaced_, TraceDrop::kReplaced);
      // NOLINTNEXTLINE(bugprone-use-after-move): a push that fails leaves the frame as it was
      if (inbox_.try_push(std::move(frame))) return true;
    }
  }
  return !full() && inbox_.try_push(std::move(frame));
}

Status SensorPort::wait_for_place(Nanos deadline) {
  while (full()) {
    const EventCount::Ticket ticket = space_.prepare();
    if (closed_.load(std::memory_order_seq_cst)) {
      space_.cancel();
      return stopped();
    }
    if (!full()) {
      space_.cancel();
    } else if (!space_.wait(ticket, deadline)) {
      return {Code::kDeadline, where(), "its inbox stayed full", "read results, or wait longer"};
    }
  }
  return {};
}

Result<bool> SensorPort::push(FrameRef frame, Nanos deadline) {
  EDGERT_RETURN_IF_ERROR(check(*frame));
  if (closed_.load(std::memory_order_acquire)) return stopped();
  if (finished_.load(std::memory_order_acquire))
    return Status::invalid(where(), "is finished", "push before finish()");
  // Before it gets a number: one that is refused leaves no hole, and may be pushed again.
  if (spec_.inbox == InboxPolicy::kBlock) EDGERT_RETURN_IF_ERROR(wait_for_place(deadline));
  frame->sensor = index_;
  frame->sequence = sequence_.fetch_add(1, std::memory_order_relaxed);
  frame->arrival = now();
  if (frame->capture == 0) frame->capture = frame->arrival - frame->decode;
  frames_in_.add();
  decode_.add(frame->decode);
  if (share_) share_->offer(static_cast<std::size_t>(index_), frame);
  while (!insert(frame)) {
    if (spec_.inbox != InboxPolicy::kBlock) {
      drop(*frame, full_, TraceDrop::kFull);
      return false;
    }
    // Another thread's push came between: only then can a numbered frame be lost.
    if (Status waited = wait_for_place(deadline); !waited.ok()) {
      drop(*frame, full_, TraceDrop::kFull);
      return waited;
    }
  }
  admitted_.add();
  pump();
  return true;
}

Status SensorPort::stopped() const {
  return {Code::kCancelled, where(), "the runtime stopped", "start a new one"};
}

void SensorPort::finish() {
  finished_.store(true, std::memory_order_seq_cst);
  if (share_) share_->finish(static_cast<std::size_t>(index_));
  pump();
}

void SensorPort::reopen() {
  told_.store(false);
  finished_.store(false, std::memory_order_seq_cst);
}

void SensorPort::close() {
  closed_.store(true, std::memory_order_seq_cst);
  if (share_) share_->finish(static_cast<std::size_t>(index_));
  space_.notify_all();
}

void SensorPort::pump() {
  claim_.serve([this] { admit_waiting(); });
}

bool SensorPort::credits_left() const {
  for (const PipelinePort* pipeline : pipelines_)
    if (!pipeline->has_credit()) return false;
  return true;
}

// Recordings run as fast as they can: one that another's frames ask for doesn't run away from them.
bool SensorPort::held_back() const {
  return std::ranges::any_of(plan_.keeps[static_cast<std::size_t>(index_)],
                             [](const CompiledNode* keep) { return keep->history->full(); });
}

void SensorPort::admit_waiting() {
  FrameRef frame;
  while (in_flight_.load(std::memory_order_seq_cst) < spec_.in_flight && credits_left() &&
         !held_back()) {
    // Counted before it leaves the inbox: idle() never misses a frame on its way between the two.
    in_flight_.fetch_add(1, std::memory_order_seq_cst);
    const bool found = inbox_.try_pop(frame);
    // Half empty before a waiting source is woken: a wake a frame would cost more than the frame.
    if (found && 2 * inbox_.size() <= static_cast<std::size_t>(spec_.queue)) space_.notify_one();
    if (!found || !begin(std::move(frame))) in_flight_.fetch_sub(1, std::memory_order_seq_cst);
    if (!found) break;
  }
  if (finished() && !told_.exchange(true)) events_.ended();
}

// What joins want kept is wanted of every frame, without a bound.
int SensorPort::mark_fed(Activation& root) {
  int due = 0;
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    if (slots_[slot]) continue;
    PipelineWait& wait = root.pipelines[slot];
    wait.due = true;
    wait.deadline = kNever;
    wait.gaps = 0;
    wait.answer.store(2 * root.number, std::memory_order_relaxed);
    ++due;
  }
  return due;
}

// Whether a frame that is due can be worked on. When there is no time left for it, it is answered
// here and now.
bool SensorPort::take(Activation& root, PipelinePort& port, PipelineWait& wait) {
  const Refusal refusal = admission_.ask(port.pipeline(), wait.deadline, root.admitted);
  if (refusal == Refusal::kAdmitted) return true;
  port.lose();
  if (refusal != Refusal::kNoTime) return false;
  port.take_credit();
  wait.ticket = port.take_ticket();
  wait.transforms.store(0, std::memory_order_relaxed);
  wait.models.store(0, std::memory_order_relaxed);
  port.deliver(root, Status::no_time());
  return false;
}

int SensorPort::mark_due(Activation& root) {
  int due = mark_fed(root);
  bool late = false, refused = false;
  const Frame& frame = *root.frame;
  for (PipelinePort* port : pipelines_) {
    PipelineWait& wait = root.pipelines[static_cast<std::size_t>(port->pipeline().slot)];
    const PipelineSpec& spec = *port->pipeline().spec;
    wait.due = port->due(frame, frame.media_time);
    wait.deadline = spec.latency > 0 ? frame.capture + spec.latency : kNever;
    if (wait.due && spec.on_miss == OnMiss::kDrop && wait.deadline < root.admitted) {
      wait.due = false;
      late = true;
      port->refused_at_admission.add();
      port->lose();
      port->crowded();
    }
    if (wait.due && !take(root, *port, wait)) {
      wait.due = false;
      refused = true;
    }
    wait.gaps = spec_.format.kind == FrameKind::kImage ? 0 : port->lost();
    wait.answer.store(2 * root.number, std::memory_order_relaxed);
    wait.parts.store(2, std::memory_order_relaxed);
    if (!wait.due) continue;
    port->take_credit();
    wait.ticket = port->take_ticket();
    ++due;
  }
  if (due == 0) (late ? late_ : refused ? not_admitted_ : unwanted_).add();
  if (due == 0 && (late || refused) && plan_.trace->on())
    note(frame, TraceKind::kDropped, late ? TraceDrop::kLate : TraceDrop::kNotAdmitted,
         root.admitted);
  return due;
}

// False: it did not become an activation.
bool SensorPort::begin(FrameRef frame) {
  if (follows_gap(*frame)) ++gaps_;
  CompiledScope& scope = plan_.scopes[static_cast<std::size_t>(spec_.scope)];
  Activation* root =
      scope.pool->take([&] { return std::make_unique<Activation>(scope, slots_.size()); });
  if (!root) {
    no_memory_.add();  // and a hole in the stream: expected_ stays
    return false;
  }
  expected_ = frame->sequence + 1;
  root->root = root;
  root->number = ++number_;
  root->gaps = gaps_;
  root->frame = std::move(frame);
  root->admitted = now();
  if (mark_due(*root) == 0) {
    root->frame.reset();
    scope.pool->give(root);
    return false;
  }
  activations_.add();
  root->cause = plan_.trace->on()
                    ? note(*root->frame, TraceKind::kAdmitted, TraceDrop::kFull, root->admitted)
                    : 0;
  events_.admit(*root);
  return true;
}

void SensorPort::retire(Activation& root) {
  root.frame.reset();
  root.scope->pool->give(&root);
  in_flight_.fetch_sub(1, std::memory_order_seq_cst);
  pump();
}

bool SensorPort::idle() const {
  return inbox_.size() == 0 && in_flight_.load(std::memory_order_seq_cst) == 0;
}

bool SensorPort::finished() const {
  return finished_.load(std::memory_order_seq_cst) && idle();
}

SensorSnapshot SensorPort::snapshot() const {
  SensorSnapshot s;
  s.name = spec_.name;
  s.frames = frames_in_.value();
  s.admitted = admitted_.value();
  s.activations = activations_.value();
  s.in_flight = in_flight_.load(std::memory_order_relaxed);
  s.waiting = static_cast<std::int64_t>(inbox_.size());
  s.dropped_full = full_.value();
  s.dropped_replaced = replaced_.value();
  s.dropped_late = late_.value();
  s.dropped_unwanted = unwanted_.value();
  s.dropped_no_memory = no_memory_.value();
  s.dropped_not_admitted = not_admitted_.value();
  s.decode = decode_.value();
  s.ended = finished();
  return s;
}

}  // namespace edgert
