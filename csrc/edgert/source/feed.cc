#include "edgert/source/feed.h"

namespace edgert {
namespace {

constexpr Nanos kTurn = 250 * kMillisecond;  // for a place, before looking whether to stop

Status push(const FrameRef& frame, SensorPort& port, const std::atomic<bool>& stop) {
  while (!stop.load()) {
    auto taken = port.push(frame, now() + kTurn);
    if (taken.ok()) return {};
    if (taken.status().code() != Code::kDeadline) return taken.status();
  }
  return {};
}

}  // namespace

Status feed(Source& source, SensorPort& port, const std::atomic<bool>& stop,
            std::atomic<std::uint64_t>& held) {
  EDGERT_RETURN_IF_ERROR(source.open());
  bool lost = false;
  while (!stop.load()) {
    FrameRef frame = port.blank();
    const bool room = static_cast<bool>(frame);
    if (!room) frame = make_frame();  // the sample must be taken all the same
    EDGERT_ASSIGN_OR_RETURN(const bool more, source.next(*frame));
    if (!more) break;
    if (!room) {
      held.fetch_add(1);
      lost = true;
      continue;
    }
    frame->gap_before = frame->gap_before || std::exchange(lost, false);
    EDGERT_RETURN_IF_ERROR(push(frame, port, stop));
  }
  return {};
}

SourceThread::SourceThread(std::unique_ptr<Source> source, SensorPort& port)
    : source_(std::move(source)), thread_([this, &port] { run(port); }) {}

SourceThread::~SourceThread() {
  (void)stop();  // whoever wants the reason joins
}

void SourceThread::run(SensorPort& port) {
  status_ = feed(*source_, port, stop_, held_);
  if (stop_.load() && status_.code() == Code::kCancelled) status_ = {};
  port.finish();
}

Status SourceThread::join() {
  if (thread_.joinable()) thread_.join();
  return status_;
}

Status SourceThread::stop() {
  stop_.store(true);
  source_->interrupt();
  return join();
}

}  // namespace edgert
