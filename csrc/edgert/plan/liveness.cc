#include "edgert/plan/liveness.h"

#include <algorithm>
#include <set>

#include "edgert/plan/lookup.h"

namespace edgert {
namespace {

// Who looks at outputs that it names (others, as rows and joins, look at more).
bool reads_what_it_names(NodeKind kind) {
  return kind == NodeKind::kTransform || kind == NodeKind::kModel || kind == NodeKind::kGate;
}

// Some outputs of a plan.
class Outputs {
 public:
  explicit Outputs(const PlanSpec& spec) {
    for (const NodeSpec& node : spec.nodes) found_.emplace_back(node.outputs.size(), false);
  }
  void add(int node, int output) {
    auto& of = found_[static_cast<std::size_t>(node)];
    if (static_cast<std::size_t>(output) < of.size()) of[static_cast<std::size_t>(output)] = true;
  }
  bool contains(int node, int output) const {
    const auto& of = found_[static_cast<std::size_t>(node)];
    return static_cast<std::size_t>(output) < of.size() && of[static_cast<std::size_t>(output)];
  }

 private:
  std::vector<std::vector<bool>> found_;  // by node
};

// What is read by others than nodes beside it: results, other scopes, rows and joins.
Outputs read_elsewhere(const PlanSpec& spec) {
  Outputs found(spec);
  const auto all_of = [&](int node) {
    const auto count = node_of(spec, node).outputs.size();
    for (std::size_t i = 0; i < count; ++i) found.add(node, static_cast<int>(i));
  };
  for (const PipelineSpec& pipeline : spec.pipelines)
    for (const OutputSpec& output : pipeline.outputs)
      found.add(output.value.node, output.value.output);
  for (const NodeSpec& node : spec.nodes) {
    for (const ValueRef& input : node.inputs) {
      const NodeSpec& maker = node_of(spec, input.node);
      if (!reads_what_it_names(node.kind))
        all_of(input.node);
      else if (maker.scope != node.scope)
        found.add(input.node, input.output);
    }
  }
  return found;
}

bool has_early(const NodeSpec& node) {
  return node.outputs.size() > 1 &&
         (node.kind == NodeKind::kTransform || node.kind == NodeKind::kModel);
}

}  // namespace

void compile_early_outputs(Plan& plan) {
  const Outputs elsewhere = read_elsewhere(plan.spec);
  const auto early = [&](int node, int output) {
    return has_early(node_of(plan.spec, node)) && !elsewhere.contains(node, output);
  };
  for (CompiledScope& scope : plan.scopes) {
    for (CompiledNode& node : scope.nodes) {
      const auto outputs = static_cast<int>(node.spec->outputs.size());
      for (int i = 0; i < outputs; ++i)
        if (early(node.global, i)) node.early_outputs.push_back(i);
      if (!reads_what_it_names(node.kind())) continue;
      std::set<std::pair<int, int>> seen;
      for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        const ValueRef& ref = node.spec->inputs[i];
        if (early(ref.node, ref.output) && seen.emplace(ref.node, ref.output).second)
          node.early_inputs.push_back(node.inputs[i]);
      }
    }
  }
}

std::vector<std::vector<int>> last_readers(const PlanSpec& spec) {
  const auto count = static_cast<int>(spec.nodes.size());
  std::vector<std::vector<int>> until(spec.nodes.size());
  for (int i = 0; i < count; ++i)
    until[static_cast<std::size_t>(i)].assign(node_of(spec, i).outputs.size(), i);
  const auto extend = [&](const ValueRef& value, int to) {
    auto& of = until[static_cast<std::size_t>(value.node)];
    const auto at = static_cast<std::size_t>(value.output);
    if (at < of.size()) of[at] = std::max(of[at], to);
  };
  for (int i = 0; i < count; ++i)
    for (const ValueRef& input : node_of(spec, i).inputs) extend(input, i);
  const Outputs elsewhere = read_elsewhere(spec);
  for (int i = 0; i < count; ++i)
    for (std::size_t at = 0; at < until[static_cast<std::size_t>(i)].size(); ++at)
      if (elsewhere.contains(i, static_cast<int>(at))) extend({i, static_cast<int>(at)}, count);
  return until;
}

}  // namespace edgert
