#include "edgert/plan/stream_gaps.h"

#include <algorithm>
#include <utility>

#include "edgert/plan/node_run.h"

namespace edgert {
namespace {

// Gaps of the stream, as this node sees it: the sensor's, and what came too late for all pipelines
// that want it. (The least of their counts grows whenever all of them miss a frame.)
std::uint64_t gaps_before(const Execution& execution) {
  const Activation& root = *execution.activation->root;
  std::uint64_t late = UINT64_MAX;
  for (int slot : execution.node->demanded_by)
    late = std::min(late, root.pipelines[static_cast<std::size_t>(slot)].gaps);
  return root.gaps + (late == UINT64_MAX ? 0 : late) + execution.node->gaps_shift;
}

}  // namespace

bool starts_after_gap(Execution& execution) {
  CompiledNode& node = *execution.node;
  const std::uint64_t gaps = gaps_before(execution);
  const bool lost_one = std::exchange(node.memory->lost_one, false);
  return std::exchange(node.memory->gaps_seen, gaps) != gaps || lost_one;
}

void note_loss(Execution& execution, const Status& why) {
  if (!execution.node->sequencer || why.code() == Code::kSkipped) return;
  // A picture stands for itself: one that is missing leaves no hole in a stream.
  if (execution.activation->root->frame->kind != FrameKind::kImage)
    execution.node->memory->lost_one = true;
}

}  // namespace edgert
