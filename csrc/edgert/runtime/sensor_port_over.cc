// How a sensor's frames go over from one plan to the next.
#include <algorithm>

#include "edgert/runtime/pipeline_port.h"
#include "edgert/runtime/sensor_port.h"

namespace edgert {
namespace {

// The least number of frames that a pipeline of those which want the node lost. Joins' feeds lose
// none.
std::uint64_t least_lost(const SensorView& view, const CompiledNode& node) {
  std::uint64_t least = UINT64_MAX;
  for (int slot : node.demanded_by) {
    const PipelinePort* port = view.slots[static_cast<std::size_t>(slot)].port;
    least = std::min(least, port ? port->lost() : 0);
  }
  return least == UINT64_MAX ? 0 : least;
}

// A node with memory counts the losses of those who want it. Others want it now; what they lost
// before is no gap in what it saw.
void keep_gaps(const SensorView& from, const SensorView& to) {
  for (CompiledScope& scope : to.plan->scopes) {
    if (scope.sensor != to.index) continue;
    for (CompiledNode& node : scope.nodes) {
      if (node.before && node.sequencer)
        node.gaps_shift =
            least_lost(from, *node.before) + node.before->gaps_shift - least_lost(to, node);
    }
  }
}

}  // namespace

void SensorPort::take_over(const SensorView* next) {
  if (!next) close();
  next_.store(next, std::memory_order_release);
  pump();
}

// By the pump. Pictures count no losses of pipelines, so their gaps are equal already.
void SensorPort::go_over(const SensorView* next) {
  const SensorView* before = view_;
  if (before && next && spec_.format.kind != FrameKind::kImage) keep_gaps(*before, *next);
  view_ = next;
  const bool keeps = next && !next->scope().cacheable.empty();
  cache_.store(keeps ? results_ : nullptr, std::memory_order_relaxed);
  used_.store(next, std::memory_order_release);
  if (before) events_.left(*before->generation);
}

}  // namespace edgert
