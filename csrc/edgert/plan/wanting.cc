#include "edgert/plan/wanting.h"

#include <vector>

#include "edgert/plan/lookup.h"

namespace edgert {

int gate_above(const PlanSpec& spec, int gate) {
  if (gate < 0) return -1;
  const NodeSpec& of = node_of(spec, gate);
  if (of.kind == NodeKind::kRecall) return of.gate;
  return of.inputs.size() > 1 ? of.inputs[1].node : -1;
}

int without_recalls(const PlanSpec& spec, int gate) {
  while (gate >= 0 && node_of(spec, gate).kind == NodeKind::kRecall) gate = gate_above(spec, gate);
  return gate;
}

bool keeps_order(const NodeSpec& node) {
  return node.op == "audio.window" || node.op == "table.window" || node.op == "audio.convert";
}

Wanting::RecallOf recalls_of(const PlanSpec& spec, const PipelineSpec* pipeline) {
  return [&spec, pipeline](int node, int gate) {
    while (pipeline) {
      for (const ReuseSpec& reuse : pipeline->reuse)
        if (reuse.node == node && reuse.gate == gate) return reuse.recall;
      if (gate < 0) break;
      gate = gate_above(spec, gate);
    }
    return -1;
  };
}

// The condition behind which `node` is wanted: its recall, if it has one there.
int Wanting::behind_recall(int node, int gate) {
  if (fresh_) return gate;
  int outer = gate;  // an inner condition can't hold what runs once a frame
  while (outer >= 0 && node_of(spec_, outer).scope != node_of(spec_, node).scope)
    outer = gate_above(spec_, outer);
  const int recall = recall_of_(node, outer);
  if (recall < 0) return gate;
  const int asked = gate_above(spec_, recall);
  if (by_gate_[asked].insert(recall)) {
    fresh_ = true;  // what it compares
    want_inputs(recall, asked, true);
    fresh_ = false;
  }
  return recall;
}

// By index: recalls may be added to the plan's nodes meanwhile.
void Wanting::want_inputs(int node, int gate, bool kept) {
  for (std::size_t i = 0; i < node_of(spec_, node).inputs.size(); ++i) {
    const int input = node_of(spec_, node).inputs[i].node;
    if (kept || node_of(spec_, input).kind != NodeKind::kKeep) want(input, gate);
  }
}

void Wanting::want(int node, int gate) {
  const int behind = behind_recall(node, gate);
  if (!by_gate_[behind].insert(node)) return;
  want_inputs(node, behind, false);
  const ScopeSpec& scope = scope_of(spec_, node_of(spec_, node).scope);
  if (scope.each_node < 0) return;
  want(scope.each_node, behind);
  by_gate_[behind].insert(scope.region_node);
}

void Wanting::keep(int node, int gate) {
  by_gate_[-1].insert(node);
  want_inputs(node, gate, true);
}

void Wanting::ask(int gate) {
  for (; gate >= 0; gate = gate_above(spec_, gate)) gates_.insert(gate);
}

// A condition is asked always, or when the one above it is open; it does not wait for the one
// above as for an input, so that only its own value is added.
void Wanting::want_conditions() {
  for (int gate : gates_) {
    const int above = gate_above(spec_, gate);
    by_gate_[above].insert(gate);
    want(node_of(spec_, gate).inputs[0].node, above);
    const ScopeSpec& scope = scope_of(spec_, node_of(spec_, gate).scope);
    if (scope.each_node >= 0) want(scope.each_node, above);
  }
}

// Windows see every frame, open or not, so that their streams have no holes. What else keeps state
// sees what it would see if nothing were reused.
void Wanting::want_what_keeps_state() {
  if (by_gate_.size() == 1) return;
  const auto found = by_gate_;
  for (const auto& [gate, nodes] : found) {
    if (gate < 0) continue;
    const int open = without_recalls(spec_, gate);
    for (int node : nodes) {
      if (keeps_order(node_of(spec_, node)))
        want(node, -1);
      else if (open != gate && node_of(spec_, node).stateful)
        want(node, open);
    }
  }
}

// What an outer condition opens, an inner one need not.
void Wanting::drop_what_is_wanted_further_out() {
  for (auto& [gate, nodes] : by_gate_)
    for (int above = gate; above >= 0;) {
      above = gate_above(spec_, above);
      nodes.remove(by_gate_[above]);
    }
}

NodesByGate Wanting::finish() {
  want_conditions();
  want_what_keeps_state();
  drop_what_is_wanted_further_out();
  return std::move(by_gate_);
}

}  // namespace edgert
