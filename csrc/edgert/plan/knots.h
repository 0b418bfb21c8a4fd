// Conditions and recalls that would wait for each other, found when a plan is compiled.
//
// A node whose earlier result was accepted takes it over when nobody can want it fresh any more:
// when each condition behind which it is wanted is decided. Such a condition may itself be computed
// from the node, by way of a step that somebody else wants, and then a frame would wait for ever.
// An old result may not open the knot: who wants the node behind the condition did not accept it.
// A new one may, since it serves everybody. So there the node is wanted early, before the condition
// is known.
#pragma once

#include <vector>

#include "edgert/plan/demand.h"

namespace edgert {

// What a part wants besides.
struct Early {
  std::size_t part = 0;
  NodesByGate nodes;
  std::vector<std::size_t> beside;  // in frames that one of these parts is due in
};

// The nodes of `plan` must be linked and have their recalls.
std::vector<Early> untie(Plan& plan, const std::vector<PlanPart>& parts);

}  // namespace edgert
