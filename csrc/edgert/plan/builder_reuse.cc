// The builder's recalls: where a pipeline takes an earlier result.
#include <algorithm>

#include "edgert/plan/builder.h"
#include "edgert/plan/builder_names.h"
#include "edgert/plan/wanting.h"

namespace edgert {
namespace {

constexpr Nanos kLongest = 3600 * kSecond;

// Whether `node` is computed from `from`.
bool reads(const PlanSpec& plan, int node, int from, std::set<int>& seen) {
  if (node == from) return true;
  if (!seen.insert(node).second) return false;
  return std::ranges::any_of(
      plan.nodes[static_cast<std::size_t>(node)].inputs,
      [&](const ValueRef& input) { return reads(plan, input.node, from, seen); });
}

}  // namespace

Status PlanBuilder::check_rule(const ReuseRule& rule, int sensor) const {
  EDGERT_RETURN_IF_ERROR(check(rule.value));
  const NodeSpec& of = node(rule.value.node);
  const std::string where = "reuse of " + quoted(of.name);
  if (rule.max_age <= 0 || rule.max_age > kLongest)
    return Status::invalid(where, "its greatest age must be above 0 and at most an hour");
  if (of.stateful)
    return Status::invalid(where, "it keeps state, and must see every frame",
                           "reuse what is computed before or after it");
  if (of.kind != NodeKind::kTransform && of.kind != NodeKind::kModel &&
      of.kind != NodeKind::kGather)
    return Status::invalid(where, "there is nothing to reuse: it computes nothing",
                           "reuse a model's answer");
  const ScopeSpec& scope = plan_.scopes[static_cast<std::size_t>(of.scope)];
  if (scope.parent >= 0)
    return Status::invalid(where, "it runs once a region, and those change from frame to frame",
                           "reuse the step that finds the regions");
  if (scope.sensor != sensor) return Status::invalid(where, "it is of another sensor");
  if (!rule.cells) return {};
  EDGERT_ASSIGN_OR_RETURN(const TensorSpec* cells, tensor_spec(*rule.cells));
  const bool grid = cells->dtype == DType::kFloat32 && cells->shape.rank() == 2 &&
                    cells->shape.is_static() && node(rule.cells->node).scope == of.scope;
  if (!grid) return Status::invalid(where, "a scene is compared by cells", "give it image.cells");
  if (!(rule.threshold >= 0 && rule.threshold <= 255))
    return Status::invalid(where, "its threshold is out of range", "it must be 0 to 255 levels");
  return {};
}

// The recall node of `rule`, asked behind `gate`.
int PlanBuilder::recall(const ReuseRule& rule, int gate) {
  const NodeSpec& of = node(rule.value.node);
  NodeSpec spec;
  spec.kind = NodeKind::kRecall;
  spec.op = "recall";
  spec.name = "recall " + of.name;
  spec.scope = of.scope;
  spec.outputs = of.outputs;
  spec.of = rule.value.node;
  spec.gate = gate;
  spec.params.set("max_age_ns", rule.max_age);
  if (rule.cells) {
    const Shape& shape =
        node(rule.cells->node).outputs[static_cast<std::size_t>(rule.cells->output)].shape;
    spec.inputs = {*rule.cells};
    spec.params.set("threshold", rule.threshold);
    spec.params.set("rows", shape[0]);
    spec.params.set("columns", shape[1]);
    spec.params.set("cells", rule.range.empty()
                                 ? std::vector<std::int64_t>{0, 0, shape[1], shape[0]}
                                 : rule.range);
  }
  return intern(std::move(spec)).node;
}

// What it wants if nothing is reused, by condition.
NodesByGate PlanBuilder::wanted_by(const PipelineSpec& spec) const {
  Wanting wanting(plan_, recalls_of(plan_, nullptr));
  for (const OutputSpec& output : spec.outputs) {
    wanting.want(output.value.node, output.gate);
    wanting.ask(output.gate);
  }
  return wanting.finish();
}

// Where the recall of `wanted` is asked: behind `gate`, or behind a condition further out that it
// is wanted behind, too. That one may depend on it: a recall behind each would wait for itself.
int PlanBuilder::asked_behind(const NodesByGate& by_gate, int wanted, int gate) const {
  const auto wants = [&](int outer) {
    const auto found = by_gate.find(outer);
    return found != by_gate.end() && found->second.contains(wanted);
  };
  int outer = without_recalls(plan_, gate);
  while (outer >= 0) {
    outer = gate_above(plan_, outer);
    if (wants(outer)) return outer;
  }
  return gate;
}

// Nodes that keep state may not read what is reused: they would see other things than those of
// another pipeline that they are shared with.
Status PlanBuilder::check_reads(const std::vector<ReuseRule>& rules, const NodeSet& wanted) {
  for (const ReuseRule& rule : rules) {
    const auto reads_it = [&](int reader) {
      std::set<int> seen;
      return reads(plan_, reader, rule.value.node, seen);
    };
    const std::string where = "reuse of " + quoted(node(rule.value.node).name);
    for (int reader : wanted)
      if (node(reader).stateful && reads_it(reader))
        return Status::invalid(
            where,
            "step " + quoted(node(reader).name) +
                " reads it, keeps state and must see every frame's own",
            "reuse another step, or run both less often: give the pipeline a rate");
    for (const ReuseRule& other : rules)
      if (other.cells && reads_it(other.cells->node))
        return Status::invalid(where, "a scene is compared by what is computed from it",
                               "compare by what every frame shows");
  }
  return {};
}

void PlanBuilder::drop_nodes_from(std::size_t count) {
  std::erase_if(by_identity_,
                [=](const auto& entry) { return entry.second.node >= static_cast<int>(count); });
  plan_.nodes.erase(plan_.nodes.begin() + static_cast<std::ptrdiff_t>(count), plan_.nodes.end());
}

Status PlanBuilder::add_reuse(PipelineSpec& spec, const std::vector<ReuseRule>& rules) {
  if (rules.empty()) return {};
  for (const ReuseRule& rule : rules) EDGERT_RETURN_IF_ERROR(check_rule(rule, spec.sensor));
  const auto by_gate = wanted_by(spec);
  NodeSet all;
  for (const auto& [gate, nodes] : by_gate) all.insert(nodes);
  EDGERT_RETURN_IF_ERROR(check_reads(rules, all));
  Wanting wanting(plan_, [&](int wanted, int gate) {
    const auto rule =
        std::ranges::find(rules, wanted, [](const ReuseRule& r) { return r.value.node; });
    if (rule == rules.end()) return -1;
    gate = asked_behind(by_gate, wanted, gate);
    for (const ReuseSpec& there : spec.reuse)
      if (there.node == wanted && there.gate == gate) return there.recall;
    spec.reuse.push_back({wanted, gate, recall(*rule, gate)});
    return spec.reuse.back().recall;
  });
  for (const OutputSpec& output : spec.outputs) {
    wanting.want(output.value.node, output.gate);
    wanting.ask(output.gate);
  }
  wanting.finish();
  return {};
}

}  // namespace edgert
