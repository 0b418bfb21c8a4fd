// Which of the frames that wait become activations, and for which pipelines.
#include "edgert/runtime/admission.h"
#include "edgert/runtime/pipeline_port.h"
#include "edgert/runtime/sensor_port.h"

namespace edgert {

void SensorPort::pump() {
  claim_.serve([this] { admit_waiting(); });
}

bool SensorPort::credits_left() const {
  return std::ranges::all_of(view_->read, [](const auto& slot) { return slot.port->has_credit(); });
}

// Recordings run as fast as they can: one that another's frames ask for doesn't run away from them.
bool SensorPort::held_back() const {
  return std::ranges::any_of(view_->plan->keeps[static_cast<std::size_t>(view_->index)],
                             [](const CompiledNode* keep) { return keep->history->full(); });
}

void SensorPort::drop_waiting() {
  FrameRef frame;
  while (inbox_.try_pop(frame)) drop(*frame, left_over_, TraceDrop::kLeftOver);
}

void SensorPort::admit_waiting() {
  // Relaxed: the claim's serve() orders it after abandon().
  if (abandoned_.load(std::memory_order_relaxed)) return drop_waiting();
  const SensorView* next = next_.load(std::memory_order_acquire);
  if (next != view_) go_over(next);
  if (!view_) return;
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
  if (finished() && !told_.exchange(true)) events_.ended(*view_);
}

// What joins want kept is wanted of every frame, without a bound.
int SensorPort::mark_fed(Activation& root) {
  int due = 0;
  for (std::size_t slot = 0; slot < view_->slots.size(); ++slot) {
    if (view_->slots[slot].port) continue;
    PipelineWait& wait = root.pipelines[slot];
    wait.due = true;
    wait.deadline = wait.needed_until = kNever;
    wait.gaps = 0;
    wait.answer.store(2 * root.number, std::memory_order_relaxed);
    ++due;
  }
  return due;
}

// Whether a frame that is due can be worked on. When there is no time left for it, it is answered
// here and now.
bool SensorPort::take(Activation& root, const SensorView::Slot& slot, PipelineWait& wait) {
  PipelinePort& port = *slot.port;
  const Refusal refusal =
      admission_.ask(*view_->plan, *slot.pipeline, port.gate, wait.deadline, root.admitted);
  if (refusal == Refusal::kAdmitted) return true;
  port.lose();
  if (refusal != Refusal::kNoTime) return false;
  port.take_credit();
  wait.ticket = port.take_ticket();
  wait.transforms.store(0, std::memory_order_relaxed);
  wait.models.store(0, std::memory_order_relaxed);
  port.deliver(root, *slot.pipeline, Status::no_time());
  return false;
}

int SensorPort::mark_due(Activation& root) {
  int due = mark_fed(root);
  bool late = false, refused = false;
  const Frame& frame = *root.frame;
  const bool crowded = crowded_.exchange(false, std::memory_order_relaxed);
  for (const auto& slot : view_->read) {
    PipelinePort* port = slot.port;
    PipelineWait& wait = root.pipelines[static_cast<std::size_t>(slot.pipeline->slot)];
    const PipelineSpec& spec = *slot.pipeline->spec;
    if (crowded) port->crowded();
    wait.due = port->due(spec, frame, frame.media_time);
    wait.deadline = spec.latency > 0 ? frame.capture + spec.latency : kNever;
    wait.needed_until = spec.on_miss == OnMiss::kLate ? kNever : wait.deadline;
    if (wait.due && spec.on_miss == OnMiss::kDrop && wait.deadline < root.admitted) {
      wait.due = false;
      late = true;
      port->refused_at_admission.add();
      port->lose();
      port->crowded();
    }
    if (wait.due && !take(root, slot, wait)) {
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
  if (due == 0 && (late || refused) && trace_.on())
    note(frame, TraceKind::kDropped, late ? TraceDrop::kLate : TraceDrop::kNotAdmitted,
         root.admitted);
  return due;
}

// False: it did not become an activation.
bool SensorPort::begin(FrameRef frame) {
  if (follows_gap(*frame)) ++gaps_;
  CompiledScope& scope = view_->scope();
  Activation* root =
      scope.pool->take([&] { return std::make_unique<Activation>(scope, view_->slots.size()); });
  if (!root) {
    no_memory_.add();  // and a hole in the stream: expected_ stays
    return false;
  }
  expected_ = frame->sequence + 1;
  root->root = root;
  root->number = ++number_;
  root->gaps = gaps_;
  root->frame = std::move(frame);
  root->admitted = clock_.now();
  root->content = std::move(root->frame->content);
  if (mark_due(*root) == 0) {
    root->content.reset();
    root->frame.reset();
    scope.pool->give(root);
    return false;
  }
  activations_.add();
  view_->generation->hold();
  root->cause =
      trace_.on() ? note(*root->frame, TraceKind::kAdmitted, TraceDrop::kFull, root->admitted) : 0;
  events_.admit(*root);
  return true;
}

void SensorPort::retire(Activation& root) {
  root.frame.reset();
  root.content.reset();
  root.scope->pool->give(&root);
  in_flight_.fetch_sub(1, std::memory_order_seq_cst);
  pump();
}

}  // namespace edgert
