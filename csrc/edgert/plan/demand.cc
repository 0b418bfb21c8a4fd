#include "edgert/plan/demand.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "edgert/plan/lookup.h"
#include "edgert/plan/wanting.h"

namespace edgert {
namespace {

bool within(const PlanSpec& spec, int inner, int outer) {
  for (; inner >= 0; inner = scope_of(spec, inner).parent)
    if (inner == outer) return true;
  return false;
}

// Which nodes a walk has met; the next walk needs no clearing.
class Met {
 public:
  explicit Met(const PlanSpec& spec) : walks_(spec.nodes.size(), 0) {}
  void begin() { ++walk_; }
  bool first_time(int node) {
    return std::exchange(walks_[static_cast<std::size_t>(node)], walk_) != walk_;
  }

 private:
  std::vector<std::uint32_t> walks_;
  std::uint32_t walk_ = 0;
};

// All kept streams that `node` needs, through joins of joins.
void add_keeps(const PlanSpec& spec, int node, Met& met, NodeSet& keeps) {
  if (!met.first_time(node)) return;
  const NodeSpec& of = node_of(spec, node);
  if (of.kind == NodeKind::kKeep) keeps.insert(node);
  for (const ValueRef& input : of.inputs) add_keeps(spec, input.node, met, keeps);
  if (of.gate >= 0) add_keeps(spec, of.gate, met, keeps);
  if (const int each = scope_of(spec, of.scope).each_node; each >= 0)
    add_keeps(spec, each, met, keeps);
}

// For one part: nodes by the condition that opens them (-1: always wanted).
NodesByGate nodes_by_gate(const PlanSpec& spec, const PlanPart& part) {
  Wanting wanting(spec, recalls_of(spec, reusing_of(spec, part)));
  for (const PlanPart::Want& want : part.wants) {
    if (node_of(spec, want.node).kind == NodeKind::kKeep) {
      // It sees every frame, closed or not: how far its stream has come is what others wait for.
      wanting.keep(want.node, want.gate);
    } else {
      wanting.want(want.node, want.gate);
    }
    wanting.ask(want.gate);
  }
  return wanting.finish();
}

// Its own part, then what it wants kept, a part for each sensor; without their nodes.
std::vector<PlanPart> parts_of(const PlanSpec& spec, int pipeline, Met& met) {
  const PipelineSpec& of = spec.pipelines[static_cast<std::size_t>(pipeline)];
  std::vector<PlanPart> parts{{pipeline, of.sensor, false, {}, {}}};
  NodeSet keeps;
  met.begin();
  for (const OutputSpec& output : of.outputs) {
    parts[0].wants.push_back({output.value.node, output.gate});
    add_keeps(spec, output.value.node, met, keeps);
    if (output.gate >= 0) add_keeps(spec, output.gate, met, keeps);
  }
  std::map<int, PlanPart> by_sensor;
  for (int keep : keeps) {
    const int sensor = scope_of(spec, node_of(spec, keep).scope).sensor;
    PlanPart& part =
        by_sensor.try_emplace(sensor, PlanPart{pipeline, sensor, true, {}, {}}).first->second;
    part.wants.push_back({keep, node_of(spec, keep).gate});
  }
  for (auto& [sensor, part] : by_sensor) parts.push_back(std::move(part));
  return parts;
}

// A recall is one, too.
bool has_conditions(const PlanSpec& spec, const PlanPart& part) {
  const PipelineSpec* reusing = reusing_of(spec, part);
  return (reusing && !reusing->reuse.empty()) ||
         std::ranges::any_of(part.wants, [](const PlanPart::Want& want) { return want.gate >= 0; });
}

// Behind a recall also the condition behind which that is asked: it is known no earlier.
void add_opening(const PlanSpec& spec, const PlanPart& part, Opening& opening) {
  for (const auto& [gate, nodes] : part.nodes) {
    for (int at = gate; at >= 0;) {
      for (int node : nodes) {
        std::vector<int>& gates = opening[static_cast<std::size_t>(node)];
        if (std::ranges::find(gates, at) == gates.end()) gates.push_back(at);
      }
      at = node_of(spec, at).kind == NodeKind::kRecall ? gate_above(spec, at) : -1;
    }
  }
}

}  // namespace

const PipelineSpec* reusing_of(const PlanSpec& spec, const PlanPart& part) {
  return part.feeds ? nullptr : &spec.pipelines[static_cast<std::size_t>(part.pipeline)];
}

std::vector<PlanPart> parts_of(const PlanSpec& spec) {
  std::vector<PlanPart> parts, feeding;
  parts.reserve(spec.pipelines.size());
  Met met(spec);
  for (std::size_t i = 0; i < spec.pipelines.size(); ++i) {
    auto found = parts_of(spec, static_cast<int>(i), met);
    parts.push_back(std::move(found[0]));
    std::move(found.begin() + 1, found.end(), std::back_inserter(feeding));
  }
  std::ranges::move(feeding, std::back_inserter(parts));
  for (PlanPart& part : parts) part.nodes = nodes_by_gate(spec, part);
  return parts;
}

void add_opening_gates(const PlanSpec& spec, int pipeline, Opening& opening) {
  opening.resize(std::max(opening.size(), spec.nodes.size()));
  Met met(spec);
  for (PlanPart& part : parts_of(spec, pipeline, met)) {
    if (!has_conditions(spec, part)) continue;
    part.nodes = nodes_by_gate(spec, part);
    add_opening(spec, part, opening);
  }
}

Opening opening_gates(const PlanSpec& spec, const std::vector<PlanPart>& parts) {
  Opening opening(spec.nodes.size());
  for (const PlanPart& part : parts)
    if (has_conditions(spec, part)) add_opening(spec, part, opening);
  return opening;
}

std::vector<int> outer_needs(const PlanSpec& spec, const Opening& opening, int scope) {
  std::set<int> needs;
  const auto need = [&](int node) {
    if (!within(spec, node_of(spec, node).scope, scope)) needs.insert(node);
  };
  for (std::size_t i = 0; i < spec.nodes.size(); ++i) {
    const NodeSpec& node = spec.nodes[i];
    if (!within(spec, node.scope, scope)) continue;
    for (int gate : opening[i]) need(gate);
    if (node.kind == NodeKind::kRegion) continue;
    for (const ValueRef& input : node.inputs) need(input.node);
  }
  return {needs.begin(), needs.end()};
}

}  // namespace edgert
