// Nodes and scopes of a plan by their number, which specs hold as int (-1 for none).
#pragma once

#include "edgert/plan/spec.h"

namespace edgert {

inline const NodeSpec& node_of(const PlanSpec& spec, int node) {
  return spec.nodes[static_cast<std::size_t>(node)];
}

inline const ScopeSpec& scope_of(const PlanSpec& spec, int scope) {
  return spec.scopes[static_cast<std::size_t>(scope)];
}

}  // namespace edgert
