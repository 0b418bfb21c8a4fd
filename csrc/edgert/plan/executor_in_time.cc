// Work that was drawn, and that can't be done in time any more: it isn't begun.
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
  if (execution.node->cheap || execution.started <= execution.latest_start) return false;
  if (execution.attachments.any()) return false;  // a later frame's pipeline waits for it
  return std::ranges::all_of(execution.node->demanded_by,
                             [&](int slot) { return hopeless_for(execution, slot); }) &&
         !execution.node->times->try_all_the_same() && !others_wait_for(execution);
}

bool Executor::hopeless_for(const Execution& execution, int slot) const {
  const Activation& root = *execution.activation->root;
  const PipelineWait& wait = root.pipelines[static_cast<std::size_t>(slot)];
  if (!wait.due) return true;
  const CompiledPipeline& pipeline = plan_of(root).pipeline_at(root.scope->sensor, slot);
  if (pipeline.feeds || wait.deadline == kNever) return false;
  if (pipeline.spec->on_miss != OnMiss::kDrop) return false;
  const NodeTimes& times = *execution.node->times;
  const Nanos least = times.least_rest(place_of(*execution.node, pipeline.of));
  return least > 0 && execution.started + least > wait.deadline;
}

}  // namespace edgert
