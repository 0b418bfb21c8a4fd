#include "edgert/transform/answer/nms.h"

namespace edgert {

int group_overlapping(std::span<Candidate> candidates, const NmsRule& rule) {
  int groups = 0;
  for (std::size_t i = 0; i < candidates.size() && groups < rule.max_groups; ++i) {
    Candidate& leader = candidates[i];
    if (leader.group >= 0) continue;
    leader.group = groups++;
    if (rule.mode == Nms::kNone) continue;
    for (Candidate& other : candidates.subspan(i + 1)) {
      if (other.group >= 0 || (rule.class_aware && other.label != leader.label)) continue;
      if (overlap(leader.box, other.box) > rule.iou) other.group = leader.group;
    }
  }
  return groups;
}

}  // namespace edgert
