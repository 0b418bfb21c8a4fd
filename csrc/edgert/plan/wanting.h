// Which nodes a pipeline wants, by the condition behind which it wants them: the walk from its
// outputs to the sensor.
//
// A recall node is a condition, too: open, when no earlier result of its node serves. What the
// pipeline wants only for that node is wanted behind it.
#pragma once

#include <functional>

#include "edgert/plan/node_set.h"
#include "edgert/plan/spec.h"

namespace edgert {

// The condition that opens condition or recall `gate`, or -1.
int gate_above(const PlanSpec& spec, int gate);

// Itself, or the condition behind which a recall is asked.
int without_recalls(const PlanSpec& spec, int gate);

// Where order matters: it sees every frame, whatever conditions say.
bool keeps_order(const NodeSpec& node);

class Wanting {
 public:
  // The recall that stands before `node`, wanted behind `gate`, or -1. It may add nodes to the
  // plan.
  using RecallOf = std::function<int(int node, int gate)>;

  Wanting(const PlanSpec& spec, RecallOf recall_of)
      : spec_(spec), recall_of_(std::move(recall_of)) {}

  // `node` and everything that it is computed from, the each-nodes of its scopes included. What a
  // join asks for is another sensor's.
  void want(int node, int gate);
  // `node` always, what it reads behind `gate`.
  void keep(int node, int gate);
  // A condition in use, with those above it.
  void ask(int gate);
  // By condition, -1 for what is always wanted; to be called once, at the end.
  NodesByGate finish();

 private:
  int behind_recall(int node, int gate);
  void want_conditions();
  void want_what_keeps_state();
  void drop_what_is_wanted_further_out();

  void want_inputs(int node, int gate, bool kept);

  const PlanSpec& spec_;
  RecallOf recall_of_;
  bool fresh_ = false;  // on the way from what a recall compares
  NodesByGate by_gate_{{-1, {}}};
  NodeSet gates_;
};

// The recall that the pipeline has there, or further out; none if `pipeline` is null.
Wanting::RecallOf recalls_of(const PlanSpec& spec, const PipelineSpec* pipeline);

}  // namespace edgert
