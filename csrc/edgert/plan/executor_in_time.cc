// Work that was drawn, and isn't begun: mostly since it can't be done in time any more.
#include <algorithm>

#include "edgert/plan/executor.h"

namespace edgert {
namespace {

std::size_t place_of(const CompiledNode& node, int pipeline) {
  const auto found = std::ranges::find(node.owners, static_cast<std::uint32_t>(pipeline),
                                       [](const Owner& owner) { return owner.pipeline; });
  return std::min(static_cast<std::size_t>(found - node.owners.begin()), node.owners.size() - 1);
}

}  // namespace

// Even a quick run of it, and of what follows, would end after the bound of everybody who wants it,
// and nobody wants it late. A lane that began it would make others late for nothing.
bool Executor::hopeless(const Execution& execution) const {
  if (execution.started <= execution.latest_start) return false;
  return std::ranges::all_of(execution.node->demanded_by,
                             [&](int slot) { return hopeless_for(execution, slot); });
}

// Under Order::kMooreHodgson: it could be in time, but not together with others, and they are more.
bool Executor::left_out(const Execution& execution) const {
  if (!ranker_.judges() || execution.need <= 0) return false;
  if (!std::ranges::all_of(execution.node->demanded_by,
                           [&](int slot) { return wants_in_time_only(execution, slot); }))
    return false;
  Queues& queues = queues_of(execution);
  return queues.triage().leaves_out(execution.place, execution.latest_start + execution.need,
                                    execution.need, static_cast<int>(queues.lanes().size()),
                                    execution.started);
}

bool Executor::has_no_time(const Execution& execution) const {
  if (execution.node->cheap) return false;
  if (execution.attachments.any()) return false;  // a later frame's pipeline waits for it
  return (hopeless(execution) || left_out(execution)) &&
         !execution.node->times->try_all_the_same() && !others_wait_for(execution);
}

// Why it is not begun, or ok.
Status Executor::not_begun(const Execution& execution) const {
  // Relaxed: publishes nothing; what is begun at that moment is what runs.
  if (closed_.load(std::memory_order_relaxed)) return Status::cancelled();
  if (given_up(execution)) return Status::deadline();
  return has_no_time(execution) ? Status::no_time() : Status();
}

bool Executor::wants_in_time_only(const Execution& execution, int slot) const {
  const Activation& root = *execution.activation->root;
  const PipelineWait& wait = root.pipelines[static_cast<std::size_t>(slot)];
  if (!wait.due) return true;
  const CompiledPipeline& pipeline = plan_of(root).pipeline_at(root.scope->sensor, slot);
  return !pipeline.feeds && wait.deadline != kNever && pipeline.spec->on_miss == OnMiss::kDrop;
}

bool Executor::hopeless_for(const Execution& execution, int slot) const {
  if (!wants_in_time_only(execution, slot)) return false;
  const Activation& root = *execution.activation->root;
  const PipelineWait& wait = root.pipelines[static_cast<std::size_t>(slot)];
  if (!wait.due) return true;
  const CompiledPipeline& pipeline = plan_of(root).pipeline_at(root.scope->sensor, slot);
  const NodeTimes& times = *execution.node->times;
  const Nanos least = times.least_rest(place_of(*execution.node, pipeline.of));
  return least > 0 && execution.started + least > wait.deadline;
}

}  // namespace edgert
