// What a node waits for, and whether nodes would wait for each other.
//
// A step that runs on rows (windows, regions) is one each-node, which waits for all that opens
// anything on its rows. So two pipelines that are fine alone can be at odds together: one has a
// condition on all rows of a step that opens another step's, the other has it the other way round.
#pragma once

#include "edgert/plan/demand.h"

namespace edgert {

// Which inputs a node is computed from: so many, from the first. A gate's second input only opens
// it, a join's only names what it asks; a region's is implied by its activation.
std::size_t real_inputs(const NodeSpec& node);

// Whether an each-node waits for itself where `opening` says what opens what; only of those on
// whose rows conditions of `fresh` open anything.
bool waits_for_itself(const PlanSpec& spec, const Opening& opening, const Opening& fresh);

}  // namespace edgert
