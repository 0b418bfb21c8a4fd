#include "edgert/runtime/carried_times.h"

#include <algorithm>
#include <utility>

#include "edgert/plan/compiled.h"

namespace edgert {
namespace {

constexpr int kNone = -1;

std::vector<const CompiledNode*> by_number(const Plan& plan) {
  std::vector<const CompiledNode*> nodes(plan.spec.nodes.size());
  for (const CompiledScope& scope : plan.scopes)
    for (const CompiledNode& node : scope.nodes)
      nodes[static_cast<std::size_t>(node.global)] = &node;
  return nodes;
}

bool waits_for_a_lane(const CompiledNode& node) {
  return node.kind() == NodeKind::kModel || (node.kind() == NodeKind::kTransform && !node.cheap);
}

// The last one that it waits for, by itself or through others that run at once.
int carrier_of(const CompiledNode& node, const std::vector<int>& carriers, const PlanSpec& spec) {
  int last = kNone;
  for (const ValueRef& input : node.spec->inputs) {
    const auto index = static_cast<std::size_t>(input.node);
    if (spec.nodes[index].scope == node.spec->scope) last = std::max(last, carriers[index]);
  }
  return last;
}

}  // namespace

void carry_cheap_times(const Plan& plan, std::vector<Nanos>& nodes) {
  nodes.resize(plan.spec.nodes.size());
  const std::vector<const CompiledNode*> by = by_number(plan);
  std::vector<int> carriers(by.size(), kNone);  // itself: it waits for a lane
  for (std::size_t i = 0; i < by.size(); ++i) {
    if (!by[i]) continue;
    const bool waits = waits_for_a_lane(*by[i]);
    carriers[i] = waits ? static_cast<int>(i) : carrier_of(*by[i], carriers, plan.spec);
    if (waits || by[i]->kind() != NodeKind::kTransform || carriers[i] < 0) continue;
    nodes[static_cast<std::size_t>(carriers[i])] += std::exchange(nodes[i], 0);
  }
}

}  // namespace edgert
