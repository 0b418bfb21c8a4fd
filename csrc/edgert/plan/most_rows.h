// How many rows a scope's each-node can have at most.
#pragma once

#include <algorithm>
#include <cstdint>

#include "edgert/plan/spec.h"

namespace edgert {

// What the rows' buffer can hold. `scope` is one that runs once a row.
inline std::uint32_t most_rows(const PlanSpec& plan, const ScopeSpec& scope) {
  const NodeSpec& each = plan.nodes[static_cast<std::size_t>(scope.each_node)];
  const ValueRef rows = each.inputs[0];
  const TensorSpec& spec = plan.nodes[static_cast<std::size_t>(rows.node)]
                               .outputs[static_cast<std::size_t>(rows.output)];
  const auto row = static_cast<std::size_t>(
                       std::max<std::int64_t>(1, Shape(spec.shape.dims().subspan(1)).elements())) *
                   dtype_size(spec.dtype);
  return static_cast<std::uint32_t>(std::max<std::size_t>(1, spec.bytes() / row));
}

}  // namespace edgert
