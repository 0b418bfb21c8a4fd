// What an execution leaves in a trace.
#include "edgert/plan/executor.h"

namespace edgert {
namespace {

TraceEnd end_of(const Status& status) {
  if (status.ok()) return TraceEnd::kOk;
  if (status.code() == Code::kSkipped) return TraceEnd::kSkipped;
  return status.code() == Code::kDeadline ? TraceEnd::kExpired : TraceEnd::kFailed;
}

// Sources and regions only stand for what comes in; what was skipped did not happen.
bool leaves_no_record(const Execution& execution, const Status& status) {
  const NodeKind kind = execution.node->kind();
  return kind == NodeKind::kSource || kind == NodeKind::kRegion ||
         (execution.ended == 0 && status.code() == Code::kSkipped);
}

// A device's streams are numbered behind the lanes apart, so many for each device.
constexpr int kFirstStream = 2000, kStreamsEach = 256;

std::int16_t number_of(const Lane* lane, const std::vector<Queues*>& queues) {
  if (!lane) return kNoLane;
  const auto index = static_cast<std::size_t>(lane->index);
  for (std::size_t queue = queues.size(); queue-- > kAside;) {
    const auto& lanes = queues[queue]->lanes();
    if (index >= lanes.size() || lanes[index].get() != lane) continue;
    const auto device = static_cast<int>(queue) - kFirstDevice;
    const int first = device < 0 ? kFirstAside : kFirstStream + kStreamsEach * device;
    return static_cast<std::int16_t>(first + lane->index);
  }
  return static_cast<std::int16_t>(lane->index);
}

}  // namespace

void Executor::note(const Execution& execution, const Status& status, Turn& turn) {
  if (leaves_no_record(execution, status)) return;
  const bool ran = execution.ended != 0;
  // What has no time of its own happens at that of the turn, so it stands where the lane was.
  const Nanos point = turn.time != 0 ? turn.time : clock_.now();
  TraceRecord record{};
  record.kind = ran ? TraceKind::kRan : TraceKind::kPoint;
  record.ready = ran ? execution.ready : point;
  record.start = ran ? execution.started : point;
  record.end = ran ? execution.ended : point;
  record.frame = execution.activation->root->frame->sequence;
  record.cause = execution.cause;
  record.wanted_by = execution.wanted_by.load(std::memory_order_relaxed);
  record.where = execution.node->global;
  record.row = execution.activation->row;
  record.lane = number_of(turn.lane, queues_);
  record.batch = execution.batch;
  record.end_code = static_cast<std::uint8_t>(end_of(status));
  turn.cause = trace_.add(record);
}

}  // namespace edgert
