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

std::int16_t number_of(const Lane* lane, const Queues& aside) {
  if (!lane) return kNoLane;
  const auto index = static_cast<std::size_t>(lane->index);
  const bool apart = index < aside.lanes().size() && aside.lanes()[index].get() == lane;
  return static_cast<std::int16_t>(lane->index + (apart ? kFirstAside : 0));
}

}  // namespace

void Executor::note(const Execution& execution, const Status& status, Turn& turn) {
  if (leaves_no_record(execution, status)) return;
  const bool ran = execution.ended != 0;
  // What has no time of its own happens at that of the turn, so it stands where the lane was.
  const Nanos point = turn.time != 0 ? turn.time : plan_.clock->now();
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
  record.lane = number_of(turn.lane, *queues_[kAside]);
  record.batch = execution.batch;
  record.end_code = static_cast<std::uint8_t>(end_of(status));
  turn.cause = plan_.trace->add(record);
}

}  // namespace edgert
