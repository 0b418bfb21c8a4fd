#include "edgert/device/sim/sim_device.h"

#include <pthread.h>

#include <algorithm>
#include <cmath>

namespace edgert {

SimDevice::SimDevice(const DeviceTimes& times, const SimOptions& options, const Clock& clock,
                     const AmongTimes& among)
    : options_(options),
      clock_(clock),
      times_(times),
      among_(among),
      random_(options.seed),
      spells_(among.spells, options.streams, options.seed),
      streams_(static_cast<std::size_t>(options.streams)),
      running_(times.models.size()) {
  for (Stream& stream : streams_)
    stream.waiting.reserve(static_cast<std::size_t>(options.in_flight));
}

SimDevice::~SimDevice() {
  stopping_.store(true, std::memory_order_seq_cst);
  changed_.notify_all();
  if (timer_.joinable()) timer_.join();
}

void SimDevice::tell(void (*told)(void*), void* context) {
  told_ = told;
  context_ = context;
  if (clock_.is_virtual() || timer_.joinable()) return;
  timer_ = std::thread([this] { loop(); });
  pthread_setname_np(timer_.native_handle(), "edgert-sim");
}

Status SimDevice::enqueue(int stream, StreamRun& run) {
  Stream& of = streams_[static_cast<std::size_t>(stream)];
  if (of.running.run) {
    of.waiting.push_back(&run);
    return {};
  }
  // What ended meanwhile is handed out first: a run begins beside those that run now.
  const Nanos time = clock_.now();
  pass_to(std::min(time, next()));
  begin(of, &run, time);
  change_speeds();
  schedule();
  return {};
}

bool SimDevice::take(Completion& into) {
  const bool hurried = hurried_.load(std::memory_order_relaxed);
  if (!first_ || (!hurried && first_->running.end > clock_.now())) return false;
  Stream& stream = *first_;
  Run& run = stream.running;
  const Nanos end = hurried ? std::min(run.end, clock_.now()) : run.end;
  pass_to(end);
  if (run.run->model >= 0) --running_[static_cast<std::size_t>(run.run->model)];
  into = {run.run, hurried ? Status(Code::kCancelled, "device", "the runtime stopped") : Status(),
          run.started, end};
  run.run = nullptr;
  stream.ended = end;
  --busy_;
  if (!stream.waiting.empty()) {
    StreamRun* following = stream.waiting.front();
    stream.waiting.erase(stream.waiting.begin());
    begin(stream, following, end);
  }
  change_speeds();
  schedule();
  return true;
}

bool SimDevice::ready() const {
  const Nanos next = next_.load(std::memory_order_seq_cst);
  return next != kNever && (next <= clock_.now() || hurried_.load(std::memory_order_relaxed));
}

void SimDevice::hurry() {
  hurried_.store(true, std::memory_order_relaxed);
}

// What slept wakes first.
void SimDevice::begin(Stream& stream, StreamRun* run, Nanos time) {
  Run& now = stream.running;
  const bool paused = stream.ended != time;
  now.run = run;
  now.started = time;
  now.speed = 1;
  stream.paused |= paused;
  if (run->model >= 0)
    now.at = spells_.draw(static_cast<int>(&stream - streams_.data()), time, random_);
  now.left = length(now, stream.last == run->model, stream.paused);
  if (run->model >= 0) now.left += times_.length(run->node) * run->items;  // what follows at once
  if (paused) now.left += among_.wake(random_.uniform());
  ++busy_;
  if (run->model < 0) return;
  if (paused) now.left += times_.idle(run->model);
  ++running_[static_cast<std::size_t>(run->model)];
  stream.last = run->model;
  stream.paused = false;
}

// A model that follows itself finds the core as it left it, also after a pause. Where that wasn't
// measured, it takes what it takes alone, unless it paused.
double SimDevice::length(Run& run, bool follows, bool paused) const {
  const StreamRun& of = *run.run;
  if (of.model < 0) return times_.length(of.node) * of.items;  // short ones, one after another
  run.again = follows && among_.knows_again(of.model);
  const double alone = times_.length(of.model, of.items, run.at);
  if (!among_.knows(of.model) || (follows && !paused && !run.again)) return alone;
  const double one = times_.length(of.model, 1, 0.5);
  const double items = one > 0 ? times_.length(of.model, of.items, 0.5) / one : 1;
  return among_.length(of.model, run.again, run.at) * items;
}

void SimDevice::interrupt(Nanos work) {
  if (options_.cores == 0 || busy_ == 0 || busy_ < options_.cores) return;
  pass_to(std::min(clock_.now(), next()));
  auto before = static_cast<int>(random_.uniform() * busy_);
  for (Stream& stream : streams_) {
    Run& run = stream.running;
    if (!run.run || before-- > 0) continue;
    run.left += static_cast<double>(work) * run.speed;
    break;
  }
  change_speeds();
  schedule();
}

// All that runs got on until `time`.
void SimDevice::pass_to(Nanos time) {
  const double passed = static_cast<double>(std::max<Nanos>(0, time - time_));
  for (Stream& stream : streams_)
    if (stream.running.run)
      stream.running.left = std::max(0.0, stream.running.left - passed * stream.running.speed);
  time_ = std::max(time_, time);
}

double SimDevice::slowdown(const Run& of) const {
  const StreamRun& run = *of.run;
  if (run.model < 0) return 1;
  if (among_.knows(run.model)) return among_.slowdown(run.model, of.again, busy_, of.at);
  double slower = times_.slowdown(run.model, running_[static_cast<std::size_t>(run.model)]);
  for (const Stream& stream : streams_) {
    const StreamRun* other = stream.running.run;
    if (other && other->model >= 0 && other->model != run.model)
      slower += times_.slowdown_by(run.model, other->model);
  }
  return std::max(slower, 0.1);
}

// Somebody began or ended at time_.
void SimDevice::change_speeds() {
  for (Stream& stream : streams_) {
    Run& run = stream.running;
    if (!run.run) continue;
    const double slower = slowdown(run);
    run.speed = 1 / slower;
    run.end = std::max(time_, run.started) + static_cast<Nanos>(std::ceil(run.left * slower));
  }
}

void SimDevice::schedule() {
  first_ = nullptr;
  for (Stream& stream : streams_)
    if (stream.running.run && (!first_ || stream.running.end < first_->running.end))
      first_ = &stream;
  const Nanos next = first_ ? first_->running.end : kNever;
  next_.store(next, std::memory_order_seq_cst);
  if (timer_.joinable()) changed_.notify_one();
}

// Tells once of each time at which something ends.
void SimDevice::loop() {
  Nanos told_of = kNever;
  for (;;) {
    const EventCount::Ticket ticket = changed_.prepare();
    const Nanos next = next_.load(std::memory_order_seq_cst);
    if (stopping_.load(std::memory_order_seq_cst)) return changed_.cancel();
    if (next <= clock_.now() && next != told_of) {
      changed_.cancel();
      told_of = next;
      told_(context_);
    } else {
      changed_.wait(ticket, next == told_of ? kNever : next);
    }
  }
}

}  // namespace edgert
