#include "edgert/plan/cycles.h"

#include <algorithm>
#include <set>

#include "edgert/plan/lookup.h"

namespace edgert {
namespace {

// The each-nodes beside a condition that opens anything on their rows, however deep.
std::set<int> opened_rows(const PlanSpec& spec, const Opening& opening) {
  std::set<int> found;
  for (std::size_t i = 0; i < opening.size(); ++i)
    for (int gate : opening[i])
      for (int scope = spec.nodes[i].scope; scope != node_of(spec, gate).scope;) {
        const ScopeSpec& of = scope_of(spec, scope);
        if (of.each_node < 0) break;
        if (of.parent == node_of(spec, gate).scope) found.insert(of.each_node);
        scope = of.parent;
      }
  return found;
}

// Of the same scope: what `node` waits for there.
std::vector<int> waits_of(const PlanSpec& spec, const Opening& opening, int node) {
  const NodeSpec& of = node_of(spec, node);
  std::vector<int> found;
  for (std::size_t i = 0; i < real_inputs(of); ++i) found.push_back(of.inputs[i].node);
  if (of.kind == NodeKind::kEach) {
    const auto outer = outer_needs(spec, opening, of.inner);
    found.insert(found.end(), outer.begin(), outer.end());
  }
  std::erase_if(found, [&](int other) { return node_of(spec, other).scope != of.scope; });
  return found;
}

bool reaches(const PlanSpec& spec, const Opening& opening, int from, int to, std::set<int>& seen) {
  return std::ranges::any_of(waits_of(spec, opening, from), [&](int node) {
    return node == to || (seen.insert(node).second && reaches(spec, opening, node, to, seen));
  });
}

}  // namespace

std::size_t real_inputs(const NodeSpec& node) {
  if (node.kind == NodeKind::kRegion) return 0;
  return node.kind == NodeKind::kGate || node.kind == NodeKind::kJoin ? 1 : node.inputs.size();
}

bool waits_for_itself(const PlanSpec& spec, const Opening& opening, const Opening& fresh) {
  const std::set<int> opened = opened_rows(spec, fresh);
  return std::ranges::any_of(opened, [&](int each) {
    std::set<int> seen;
    return reaches(spec, opening, each, each, seen);
  });
}

}  // namespace edgert
