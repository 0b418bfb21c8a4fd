// What each pipeline demands: the nodes behind its outputs, by scope and by the condition that
// opens them.
#pragma once

#include "edgert/plan/compiled.h"

namespace edgert {

// Fills plan.pipelines from plan.spec; nodes and scopes must be placed already.
Status compile_demands(Plan& plan);

// By node, the conditions that open it for some pipeline.
using Opening = std::vector<std::vector<int>>;
Opening opening_gates(const PlanSpec& spec);
// Adds those of one pipeline.
void add_opening_gates(const PlanSpec& spec, int pipeline, Opening& opening);

// All nodes whose completion an each-node must see besides its rows: what its scope reads from
// outside, and the conditions outside that open nodes in it. As global indices.
std::vector<int> outer_needs(const PlanSpec& spec, const Opening& opening, int scope);

}  // namespace edgert
