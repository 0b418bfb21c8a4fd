#include "edgert/plan/compile_links.h"

#include <algorithm>

#include "edgert/plan/activation.h"
#include "edgert/plan/cycles.h"
#include "edgert/plan/lookup.h"

namespace edgert {

void place_nodes(Plan& plan) {
  plan.scopes.resize(plan.spec.scopes.size());
  for (std::size_t i = 0; i < plan.scopes.size(); ++i) {
    plan.scopes[i].plan = &plan;
    plan.scopes[i].index = static_cast<int>(i);
    plan.scopes[i].parent = plan.spec.scopes[i].parent;
    plan.scopes[i].sensor = plan.spec.scopes[i].sensor;
  }
  std::vector<std::size_t> counts(plan.scopes.size(), 0);
  for (const NodeSpec& spec : plan.spec.nodes) ++counts[static_cast<std::size_t>(spec.scope)];
  for (std::size_t i = 0; i < counts.size(); ++i) plan.scopes[i].nodes.reserve(counts[i]);
  for (std::size_t i = 0; i < plan.spec.nodes.size(); ++i) {
    const NodeSpec& spec = plan.spec.nodes[i];
    CompiledScope& scope = plan.scopes[static_cast<std::size_t>(spec.scope)];
    CompiledNode node;
    node.spec = &spec;
    node.global = static_cast<int>(i);
    node.local = static_cast<int>(scope.nodes.size());
    plan.places.emplace_back(spec.scope, node.local);
    if (spec.kind == NodeKind::kSource || spec.kind == NodeKind::kRegion) scope.entry = node.local;
    scope.nodes.push_back(std::move(node));
  }
  for (CompiledScope& scope : plan.scopes) {
    const int each = scope_of(plan.spec, scope.index).each_node;
    if (each >= 0) scope.each_local = plan.places[static_cast<std::size_t>(each)].second;
  }
}

namespace {

void locate_inputs(Plan& plan, CompiledNode& node, const Opening& opening) {
  const int scope = node.spec->scope;
  const auto wait_for = [&](int global) {
    const auto [input_scope, local] = plan.places[static_cast<std::size_t>(global)];
    if (input_scope != scope || local == plan.scopes[static_cast<std::size_t>(scope)].entry) return;
    if (std::ranges::find(node.waits_for, local) == node.waits_for.end())
      node.waits_for.push_back(local);
  };
  for (std::size_t i = 0; i < real_inputs(*node.spec); ++i) {
    const ValueRef& ref = node.spec->inputs[i];
    const auto [input_scope, local] = plan.places[static_cast<std::size_t>(ref.node)];
    InputLocation location{0, local, ref.output};
    for (int at = scope; at >= 0 && at != input_scope;
         at = plan.scopes[static_cast<std::size_t>(at)].parent)
      ++location.up;
    node.inputs.push_back(location);  // of a gather's first input, only `local` counts
    wait_for(ref.node);
  }
  if (node.kind() != NodeKind::kEach) return;
  for (int need : outer_needs(plan.spec, opening, node.spec->inner)) wait_for(need);
}

Status check_cycles(const CompiledScope& scope) {
  std::vector<int> unresolved;
  for (const CompiledNode& node : scope.nodes)
    unresolved.push_back(static_cast<int>(node.waits_for.size()));
  std::vector<int> ready;
  for (std::size_t i = 0; i < unresolved.size(); ++i)
    if (unresolved[i] == 0) ready.push_back(static_cast<int>(i));
  std::size_t done = 0;
  while (!ready.empty()) {
    const int local = ready.back();
    ready.pop_back();
    ++done;
    for (int dependent : scope.nodes[static_cast<std::size_t>(local)].dependents)
      if (--unresolved[static_cast<std::size_t>(dependent)] == 0) ready.push_back(dependent);
  }
  if (done == scope.nodes.size()) return {};
  for (const CompiledNode& node : scope.nodes)
    if (unresolved[static_cast<std::size_t>(node.local)] > 0)
      return Status::invalid(node_place(*node.spec),
                             "waits for itself: a condition reads all rows of a step and opens "
                             "another step on the same rows",
                             "put the condition on the single row, or window the stream apart");
  return {};
}

}  // namespace

Status link_nodes(Plan& plan, const Opening& opening) {
  for (CompiledScope& scope : plan.scopes) {
    for (CompiledNode& node : scope.nodes) locate_inputs(plan, node, opening);
    for (CompiledNode& node : scope.nodes)
      for (int local : node.waits_for)
        scope.nodes[static_cast<std::size_t>(local)].dependents.push_back(node.local);
    EDGERT_RETURN_IF_ERROR(check_cycles(scope));
  }
  return {};
}

}  // namespace edgert
