// Where nodes stand in their scopes, and what each of them waits for.
#pragma once

#include "edgert/base/status.h"
#include "edgert/plan/compiled.h"
#include "edgert/plan/demand.h"

namespace edgert {

// Makes the scopes and their nodes.
void place_nodes(Plan& plan);
// Finds the inputs of each node and who depends on whom; refuses cycles.
Status link_nodes(Plan& plan, const Opening& opening);

inline std::string node_place(const NodeSpec& node) {
  return "node '" + node.name + "' (" + node.op + ")";
}

}  // namespace edgert
