// What each pipeline demands: the nodes behind its outputs, by scope and by the condition that
// opens them.
#pragma once

#include <vector>

#include "edgert/plan/compiled.h"
#include "edgert/plan/node_set.h"

namespace edgert {

// What a pipeline wants of one sensor: of its own the outputs, of others what it wants kept.
struct PlanPart {
  int pipeline = -1, sensor = -1;
  bool feeds = false;
  struct Want {
    int node, gate;
  };
  std::vector<Want> wants;
  NodesByGate nodes;  // and everything that these are computed from
};

// Who takes earlier results; null: what is kept for other sensors' frames is of its own time.
const PipelineSpec* reusing_of(const PlanSpec& spec, const PlanPart& part);

// The pipelines in their order, then what each of them wants kept.
std::vector<PlanPart> parts_of(const PlanSpec& spec);

// Fills plan.pipelines from the parts of plan.spec; nodes and scopes must be placed already.
Status compile_demands(Plan& plan, const std::vector<PlanPart>& parts);

// By node, the conditions that open it for some pipeline.
using Opening = std::vector<std::vector<int>>;
Opening opening_gates(const PlanSpec& spec, const std::vector<PlanPart>& parts);
// Adds those of one pipeline.
void add_opening_gates(const PlanSpec& spec, int pipeline, Opening& opening);

// All nodes whose completion an each-node must see besides its rows: what its scope reads from
// outside, and the conditions outside that open nodes in it. As global indices.
std::vector<int> outer_needs(const PlanSpec& spec, const Opening& opening, int scope);

}  // namespace edgert
