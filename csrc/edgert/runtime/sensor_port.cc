#include "edgert/runtime/sensor_port.h"

#include <algorithm>
#include <span>

#include "edgert/cache/result_cache.h"
#include "edgert/lease/share_server.h"
#include "edgert/runtime/pipeline_port.h"

namespace edgert {
namespace {

constexpr std::uint32_t kMostFrames = 4096;

}  // namespace

SensorPort::SensorPort(const SensorSpec& spec, int number, const Admission& admission,
                       PortEvents& events, const Clock& clock, Trace& trace)
    : spec_(spec),
      number_in_plans_(number),
      admission_(admission),
      events_(events),
      clock_(clock),
      trace_(trace),
      frames_(kMostFrames),
      inbox_(static_cast<std::size_t>(spec_.inbox == InboxPolicy::kLatest ? 1 : spec_.queue)) {}

Status SensorPort::check(const Frame& frame) const {
  if (frame.kind != spec_.format.kind)
    return Status::invalid(where(), "the frame is of another kind than the sensor",
                           "push " + spec_.format.text());
  if (frame.kind == FrameKind::kImage) {
    if (frame.plane_count < 1 || frame.image.width < 1 || frame.image.height < 1)
      return Status::invalid(where(), "the image is empty", "push at least one pixel");
    const auto count = static_cast<std::size_t>(frame.plane_count);
    if (count > frame.planes.size())
      return Status::invalid(where(), "the image has " + std::to_string(count) + " planes",
                             "push 1 to 3");
    for (const Plane& plane : std::span(frame.planes).first(count))
      if (!plane.data)
        return Status::invalid(
            where(), "the image is not mapped for the CPU",
            "map all of its planes before it is pushed, or let its source do so");
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
  record.where = number_in_plans_;
  record.row = -1;
  record.lane = kNoLane;
  record.end_code = static_cast<std::uint8_t>(why);
  return trace_.add(record);
}

void SensorPort::drop(const Frame& frame, Counter& reason, TraceDrop why) {
  reason.add();
  if (trace_.on()) note(frame, TraceKind::kDropped, why, clock_.now());
  crowded_.store(true, std::memory_order_relaxed);
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
  if (!frame)
    return Status::invalid(where(), "got no frame", "blank() gives none when too many are held");
  EDGERT_RETURN_IF_ERROR(check(*frame));
  if (closed_.load(std::memory_order_acquire)) return stopped();
  if (finished_.load(std::memory_order_acquire))
    return Status::invalid(where(), "is finished", "push before finish()");
  // On the pushing thread: the lanes have other work, and pushes of several threads go on at once.
  if (ResultCache* cache = cache_.load(std::memory_order_relaxed))
    frame->content = cache->retain(*frame);
  // Before it gets a number: one that is refused leaves no hole, and may be pushed again.
  if (spec_.inbox == InboxPolicy::kBlock) EDGERT_RETURN_IF_ERROR(wait_for_place(deadline));
  frame->sensor = number_in_plans_;
  frame->sequence = sequence_.fetch_add(1, std::memory_order_relaxed);
  frame->arrival = clock_.now();
  if (frame->capture == 0) frame->capture = frame->arrival - frame->decode;
  frames_in_.add();
  decode_.add(frame->decode);
  if (share_) share_->offer(static_cast<std::size_t>(number_in_plans_), frame);
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
  return {Code::kCancelled, where(), "the runtime stopped, or needs it no longer",
          "start a new one, or deploy a pipeline that reads it"};
}

void SensorPort::finish() {
  finished_.store(true, std::memory_order_seq_cst);
  if (share_) share_->finish(static_cast<std::size_t>(number_in_plans_));
  pump();
}

void SensorPort::reopen() {
  told_.store(false);
  finished_.store(false, std::memory_order_seq_cst);
}

void SensorPort::close() {
  closed_.store(true, std::memory_order_seq_cst);
  if (share_) share_->finish(static_cast<std::size_t>(number_in_plans_));
  space_.notify_all();
}

void SensorPort::abandon() {
  abandoned_.store(true, std::memory_order_seq_cst);
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
  s.dropped_left_over = left_over_.value();
  s.decode = decode_.value();
  s.ended = finished();
  return s;
}

}  // namespace edgert
