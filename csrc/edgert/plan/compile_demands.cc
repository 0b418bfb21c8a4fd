// What plans demand, from the parts of their pipelines (demand.h).
#include <algorithm>
#include <memory>
#include <span>
#include <tuple>
#include <utility>

#include "edgert/plan/demand.h"
#include "edgert/plan/knots.h"
#include "edgert/plan/lookup.h"

namespace edgert {
namespace {

// Who reads what among the nodes that a pipeline wants.
class Reading {
 public:
  Reading(const PlanSpec& spec, const PipelineSpec& pipeline, const NodeSet& wanted) : spec_(spec) {
    for (const OutputSpec& output : pipeline.outputs) note(output.value, false);
    for (int other : wanted)
      for (const ValueRef& input : node_of(spec, other).inputs)
        note(input, node_of(spec, other).kind == NodeKind::kModel);
    std::ranges::sort(found_, {}, &Read::node);
  }

  // How often the pipeline would compute `node` if nothing were shared: a transform once for each
  // input of a model that it is, all else once.
  int uses_of(int node) const {
    if (node_of(spec_, node).kind != NodeKind::kTransform) return 1;
    int readers = 0;
    for (const Read& read : of(node)) readers += read.by_model;
    return std::max(1, readers);
  }

  // Which outputs of `node` it reads, a bit each; all where there are more than bits.
  std::uint32_t outputs_of(int node) const {
    std::uint32_t bits = 0;
    for (const Read& read : of(node)) bits |= read.bit;
    return bits;
  }

 private:
  struct Read {
    int node;
    std::uint32_t bit;
    bool by_model;
  };
  void note(const ValueRef& value, bool by_model) {
    found_.push_back({value.node, value.output < 32 ? 1u << value.output : ~0u, by_model});
  }
  std::span<const Read> of(int node) const {
    const auto first = std::ranges::lower_bound(found_, node, {}, &Read::node);
    const auto last = std::ranges::upper_bound(found_, node, {}, &Read::node);
    return {std::to_address(first), static_cast<std::size_t>(last - first)};
  }

  const PlanSpec& spec_;
  std::vector<Read> found_;
};

// The node of the root that has run when `node` has: itself, or the each-node that it runs under.
int root_node(const PlanSpec& spec, int node) {
  const ScopeSpec& scope = scope_of(spec, node_of(spec, node).scope);
  return scope.each_node < 0 ? node : root_node(spec, scope.each_node);
}

void add_wait(const Plan& plan, CompiledPipeline& pipeline, int node) {
  const int local = plan.places[static_cast<std::size_t>(root_node(plan.spec, node))].second;
  if (std::ranges::find(pipeline.waits_for, local) == pipeline.waits_for.end())
    pipeline.waits_for.push_back(local);
}

void compile_outputs(Plan& plan, CompiledPipeline& pipeline) {
  pipeline.outputs.reserve(pipeline.spec->outputs.size());
  for (const OutputSpec& output : pipeline.spec->outputs) {
    CompiledOutput made;
    made.name = output.name;
    made.output = output.value.output;
    const auto [scope, local] = plan.places[static_cast<std::size_t>(output.value.node)];
    made.local = made.root_local = local;
    for (int inner = scope; scope_of(plan.spec, inner).parent >= 0;
         inner = scope_of(plan.spec, inner).parent) {
      made.path.insert(made.path.begin(), inner);
      made.root_local =
          plan.places[static_cast<std::size_t>(scope_of(plan.spec, inner).each_node)].second;
    }
    // Others may want the node when this pipeline's condition is closed: the condition is asked
    // too.
    if (output.gate >= 0) {
      std::tie(made.gate_scope, made.gate_local) =
          plan.places[static_cast<std::size_t>(output.gate)];
      add_wait(plan, pipeline, output.gate);
    }
    pipeline.outputs.push_back(std::move(made));
    add_wait(plan, pipeline, output.value.node);
  }
}

// Results read a row's outputs after the row is done, through every each-node above it.
void keep_until_answered(Plan& plan, int node) {
  plan.node_at(node).kept = true;
  const ScopeSpec& scope = scope_of(plan.spec, node_of(plan.spec, node).scope);
  if (scope.each_node >= 0) keep_until_answered(plan, scope.each_node);
}

NodeSet all_of(const NodesByGate& by_gate) {
  NodeSet all;
  for (const auto& [gate, nodes] : by_gate) all.insert(nodes);
  return all;
}

// `all`: what the part wants. With `beside` only where one of these slots is due, and then it is no
// use of its own.
void add_demands(Plan& plan, CompiledPipeline& made, const NodesByGate& by_gate, const NodeSet& all,
                 const std::vector<int>& beside = {}) {
  const Reading reading(plan.spec, *made.spec, all);
  const auto belongs = [&](const Demand& demand, std::pair<int, int> gate_place) {
    return std::pair(demand.gate_scope, demand.gate_local) == gate_place && demand.beside == beside;
  };
  for (const auto& [gate, nodes] : by_gate) {
    std::pair<int, int> gate_place{-1, -1};
    if (gate >= 0) gate_place = plan.places[static_cast<std::size_t>(gate)];
    for (int node : nodes) {
      const auto [scope, local] = plan.places[static_cast<std::size_t>(node)];
      if (local == plan.scopes[static_cast<std::size_t>(scope)].entry) continue;
      auto& demands = made.demands[static_cast<std::size_t>(scope)];
      if (demands.empty() || !belongs(demands.back(), gate_place)) {
        demands.push_back({gate_place.first, gate_place.second, {}, beside});
        demands.back().wants.reserve(nodes.size());
      }
      demands.back().wants.push_back(
          {local, beside.empty() ? reading.uses_of(node) : 0, reading.outputs_of(node)});
    }
  }
}

void compile_wants(Plan& plan, CompiledPipeline& made, const PlanPart& part) {
  const NodeSet all = all_of(part.nodes);
  add_demands(plan, made, part.nodes, all);
  for (int node : all) plan.node_at(node).demanded_by.push_back(made.slot);
}

void compile_early(Plan& plan, const Early& early, const PlanPart& part) {
  CompiledPipeline& made = plan.pipelines[early.part];
  std::vector<int> beside;
  for (std::size_t other : early.beside) beside.push_back(plan.pipelines[other].slot);
  add_demands(plan, made, early.nodes, all_of(part.nodes), beside);
  for (int node : all_of(early.nodes)) {
    std::vector<int>& slots = plan.node_at(node).demanded_by;
    if (std::ranges::find(slots, made.slot) == slots.end()) slots.push_back(made.slot);
  }
}

void compile_part(Plan& plan, const PlanPart& part) {
  const PlanSpec& spec = plan.spec;
  CompiledPipeline& made = plan.pipelines.emplace_back();
  made.spec = &spec.pipelines[static_cast<std::size_t>(part.pipeline)];
  made.index = static_cast<int>(plan.pipelines.size()) - 1;
  made.sensor = part.sensor;
  made.feeds = part.feeds;
  made.of = part.pipeline;
  auto& siblings = plan.sensor_pipelines[static_cast<std::size_t>(part.sensor)];
  made.slot = static_cast<int>(siblings.size());
  siblings.push_back(made.index);
  made.demands.resize(plan.scopes.size());
  compile_wants(plan, made, part);
  if (part.feeds) {
    for (const PlanPart::Want& want : part.wants) add_wait(plan, made, want.node);
  } else {
    compile_outputs(plan, made);
    for (const OutputSpec& output : made.spec->outputs)
      keep_until_answered(plan, output.value.node);
  }
  CompiledScope& root = plan.scopes[static_cast<std::size_t>(
      spec.sensors[static_cast<std::size_t>(part.sensor)].scope)];
  for (int local : made.waits_for)
    root.nodes[static_cast<std::size_t>(local)].pipelines.push_back(made.slot);
}

}  // namespace

Status compile_demands(Plan& plan, const std::vector<PlanPart>& parts) {
  for (const NodeSpec& node : plan.spec.nodes)
    if (node.kind == NodeKind::kGather || (node.kind == NodeKind::kKeep && node.inner >= 0))
      plan.node_at(node.inputs[0].node).kept = true;
  plan.sensor_pipelines.resize(plan.spec.sensors.size());
  plan.pipelines.reserve(parts.size());
  for (const PlanPart& part : parts) compile_part(plan, part);
  for (const Early& early : untie(plan, parts)) compile_early(plan, early, parts[early.part]);
  return {};
}

}  // namespace edgert
