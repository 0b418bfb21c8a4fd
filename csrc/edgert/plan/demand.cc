#include "edgert/plan/demand.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

#include "edgert/plan/knots.h"
#include "edgert/plan/wanting.h"

namespace edgert {
namespace {

const NodeSpec& node_of(const PlanSpec& spec, int node) {
  return spec.nodes[static_cast<std::size_t>(node)];
}
const ScopeSpec& scope_of(const PlanSpec& spec, int scope) {
  return spec.scopes[static_cast<std::size_t>(scope)];
}

bool within(const PlanSpec& spec, int inner, int outer) {
  for (; inner >= 0; inner = scope_of(spec, inner).parent)
    if (inner == outer) return true;
  return false;
}

// What a pipeline wants of one sensor: of its own the outputs, of others what it wants kept.
struct Part {
  int pipeline = -1, sensor = -1;
  bool feeds = false;
  struct Want {
    int node, gate;
  };
  std::vector<Want> wants;
};

// All kept streams that `node` needs, through joins of joins.
void add_keeps(const PlanSpec& spec, int node, std::set<int>& seen, std::set<int>& keeps) {
  if (!seen.insert(node).second) return;
  const NodeSpec& of = node_of(spec, node);
  if (of.kind == NodeKind::kKeep) keeps.insert(node);
  for (const ValueRef& input : of.inputs) add_keeps(spec, input.node, seen, keeps);
  if (of.gate >= 0) add_keeps(spec, of.gate, seen, keeps);
  if (const int each = scope_of(spec, of.scope).each_node; each >= 0)
    add_keeps(spec, each, seen, keeps);
}

// Its own part, then what it wants kept, a part for each sensor.
std::vector<Part> parts_of(const PlanSpec& spec, int pipeline) {
  const PipelineSpec& of = spec.pipelines[static_cast<std::size_t>(pipeline)];
  std::vector<Part> parts{{pipeline, of.sensor, false, {}}};
  std::set<int> seen, keeps;
  for (const OutputSpec& output : of.outputs) {
    parts[0].wants.push_back({output.value.node, output.gate});
    add_keeps(spec, output.value.node, seen, keeps);
    if (output.gate >= 0) add_keeps(spec, output.gate, seen, keeps);
  }
  std::map<int, Part> by_sensor;
  for (int keep : keeps) {
    const int sensor = scope_of(spec, node_of(spec, keep).scope).sensor;
    Part& part = by_sensor.try_emplace(sensor, Part{pipeline, sensor, true, {}}).first->second;
    part.wants.push_back({keep, node_of(spec, keep).gate});
  }
  for (auto& [sensor, part] : by_sensor) parts.push_back(std::move(part));
  return parts;
}

// The pipelines in their order, then what each of them wants kept.
std::vector<Part> parts_of(const PlanSpec& spec) {
  std::vector<Part> parts, feeding;
  for (std::size_t i = 0; i < spec.pipelines.size(); ++i) {
    auto found = parts_of(spec, static_cast<int>(i));
    parts.push_back(std::move(found[0]));
    std::move(found.begin() + 1, found.end(), std::back_inserter(feeding));
  }
  std::ranges::move(feeding, std::back_inserter(parts));
  return parts;
}

// Who takes earlier results; null: what is kept for other sensors' frames is of its own time.
const PipelineSpec* reusing_of(const PlanSpec& spec, const Part& part) {
  return part.feeds ? nullptr : &spec.pipelines[static_cast<std::size_t>(part.pipeline)];
}

Wants nodes_by_gate(const PlanSpec& spec, const Part& part) {
  Wanting wanting(spec, recalls_of(spec, reusing_of(spec, part)));
  for (const Part::Want& want : part.wants) {
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

// How often a pipeline would compute `node` if nothing were shared: a transform once for each
// model or transform that reads it, all else once.
int uses_of(const PlanSpec& spec, const std::set<int>& wanted, int node) {
  if (node_of(spec, node).kind != NodeKind::kTransform) return 1;
  int readers = 0;
  for (int other : wanted) {
    if (node_of(spec, other).kind != NodeKind::kModel) continue;
    for (const ValueRef& input : node_of(spec, other).inputs) readers += input.node == node;
  }
  return std::max(1, readers);
}

// Which outputs of `node` a pipeline reads, a bit each; all where there are more than bits.
std::uint32_t outputs_of(const PlanSpec& spec, const PipelineSpec& pipeline,
                         const std::set<int>& wanted, int node) {
  std::uint32_t read = 0;
  const auto add = [&](const ValueRef& value) {
    if (value.node == node) read |= value.output < 32 ? 1u << value.output : ~0u;
  };
  for (const OutputSpec& output : pipeline.outputs) add(output.value);
  for (int other : wanted)
    for (const ValueRef& input : node_of(spec, other).inputs) add(input);
  return read;
}

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

}  // namespace

void add_opening_gates(const PlanSpec& spec, int pipeline, Opening& opening) {
  opening.resize(std::max(opening.size(), spec.nodes.size()));
  for (const Part& part : parts_of(spec, pipeline)) {
    if (std::ranges::all_of(part.wants, [](const Part::Want& want) { return want.gate < 0; }))
      continue;
    for (const auto& [gate, nodes] : nodes_by_gate(spec, part)) {
      if (gate < 0) continue;
      for (int node : nodes) {
        std::vector<int>& gates = opening[static_cast<std::size_t>(node)];
        if (std::ranges::find(gates, gate) == gates.end()) gates.push_back(gate);
      }
    }
  }
}

Opening opening_gates(const PlanSpec& spec) {
  Opening opening(spec.nodes.size());
  for (std::size_t i = 0; i < spec.pipelines.size(); ++i)
    add_opening_gates(spec, static_cast<int>(i), opening);
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

namespace {

std::set<int> all_of(const Wants& by_gate) {
  std::set<int> all;
  for (const auto& [gate, nodes] : by_gate) all.insert(nodes.begin(), nodes.end());
  return all;
}

// `all`: what the part wants. With `beside` only where one of these slots is due, and then it is no
// use of its own.
void add_demands(Plan& plan, CompiledPipeline& made, const Wants& by_gate, const std::set<int>& all,
                 const std::vector<int>& beside = {}) {
  const PlanSpec& spec = plan.spec;
  for (const auto& [gate, nodes] : by_gate) {
    std::map<int, Demand> by_scope;
    for (int node : nodes) {
      const auto [scope, local] = plan.places[static_cast<std::size_t>(node)];
      if (local == plan.scopes[static_cast<std::size_t>(scope)].entry) continue;
      by_scope[scope].wants.push_back({local, beside.empty() ? uses_of(spec, all, node) : 0,
                                       outputs_of(spec, *made.spec, all, node)});
    }
    for (auto& [scope, demand] : by_scope) {
      demand.beside = beside;
      if (gate >= 0)
        std::tie(demand.gate_scope, demand.gate_local) =
            plan.places[static_cast<std::size_t>(gate)];
      made.demands[static_cast<std::size_t>(scope)].push_back(std::move(demand));
    }
  }
}

void compile_wants(Plan& plan, CompiledPipeline& made, const Wants& by_gate) {
  const std::set<int> all = all_of(by_gate);
  add_demands(plan, made, by_gate, all);
  for (int node : all) plan.node_at(node).demanded_by.push_back(made.slot);
}

void compile_early(Plan& plan, const Early& early, const Wants& by_gate) {
  CompiledPipeline& made = plan.pipelines[early.part];
  std::vector<int> beside;
  for (std::size_t part : early.beside) beside.push_back(plan.pipelines[part].slot);
  add_demands(plan, made, early.by_gate, all_of(by_gate), beside);
  for (int node : all_of(early.by_gate)) {
    std::vector<int>& slots = plan.node_at(node).demanded_by;
    if (std::ranges::find(slots, made.slot) == slots.end()) slots.push_back(made.slot);
  }
}

void compile_part(Plan& plan, const Part& part, const Wants& by_gate) {
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
  compile_wants(plan, made, by_gate);
  if (part.feeds) {
    for (const Part::Want& want : part.wants) add_wait(plan, made, want.node);
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

Status compile_demands(Plan& plan) {
  for (const NodeSpec& node : plan.spec.nodes)
    if (node.kind == NodeKind::kGather || (node.kind == NodeKind::kKeep && node.inner >= 0))
      plan.node_at(node.inputs[0].node).kept = true;
  plan.sensor_pipelines.resize(plan.spec.sensors.size());
  const std::vector<Part> parts = parts_of(plan.spec);
  std::vector<PartWants> wants;
  for (const Part& part : parts)
    wants.push_back({reusing_of(plan.spec, part), nodes_by_gate(plan.spec, part)});
  for (std::size_t i = 0; i < parts.size(); ++i) compile_part(plan, parts[i], wants[i].by_gate);
  for (const Early& early : untie(plan, wants))
    compile_early(plan, early, wants[early.part].by_gate);
  return {};
}

}  // namespace edgert
