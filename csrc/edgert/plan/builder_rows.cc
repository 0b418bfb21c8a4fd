// The builder's scopes and conditions: what runs once a row, what brings rows together, what opens.
#include <algorithm>

#include "edgert/plan/builder.h"
#include "edgert/plan/builder_names.h"
#include "edgert/plan/cycles.h"

namespace edgert {

Result<ValueRef> PlanBuilder::region(ValueRef rows, const std::string& apart) {
  EDGERT_ASSIGN_OR_RETURN(const TensorSpec* spec, tensor_spec(rows));
  if (spec->shape.rank() < 1)
    return Status::invalid("node " + quoted(node(rows.node).name), "has no rows to run for");
  const TensorSpec row{spec->name, spec->dtype, Shape(spec->shape.dims().subspan(1)), 0};
  NodeSpec each;
  each.kind = NodeKind::kEach;
  each.op = "each";
  each.name = "each " + node(rows.node).name;
  if (!apart.empty()) each.params.set("apart", apart);
  each.inputs = {rows};
  each.scope = node(rows.node).scope;
  each.inner = static_cast<int>(plan_.scopes.size());
  const int parent = each.scope;
  const ValueRef made = intern(std::move(each));
  const NodeSpec& each_node = node(made.node);
  if (each_node.inner < static_cast<int>(plan_.scopes.size()))
    return ValueRef{plan_.scopes[static_cast<std::size_t>(each_node.inner)].region_node, 0};
  const int scope = each_node.inner;
  NodeSpec region_node;
  region_node.kind = NodeKind::kRegion;
  region_node.op = "region";
  region_node.inputs = {{made.node, 0}};
  region_node.scope = scope;
  region_node.outputs = {row};
  const ValueRef value = intern(std::move(region_node));
  plan_.scopes.push_back(
      {parent, plan_.scopes[static_cast<std::size_t>(parent)].sensor, value.node, made.node});
  return value;
}

Result<ValueRef> PlanBuilder::gather(ValueRef value, bool stack) {
  EDGERT_ASSIGN_OR_RETURN(const TensorSpec* row, tensor_spec(value));
  const int inner = node(value.node).scope;
  const ScopeSpec& scope = plan_.scopes[static_cast<std::size_t>(inner)];
  const std::string where = "node " + quoted(node(value.node).name);
  if (scope.parent < 0)
    return Status::invalid(where, "does not run by regions, there is nothing to gather");
  const ValueRef rows = node(scope.each_node).inputs[0];
  const TensorSpec& rows_spec = node(rows.node).outputs[static_cast<std::size_t>(rows.output)];
  const std::size_t row_bytes = row->bytes();
  const auto outer = static_cast<std::size_t>(
      std::max<std::int64_t>(1, Shape(rows_spec.shape.dims().subspan(1)).elements()));
  const std::size_t most = rows_spec.bytes() / (outer * dtype_size(rows_spec.dtype));
  if (row_bytes == 0 || most == 0)
    return Status::invalid(where, "its size is not known, so that its rows cannot be gathered");
  TensorSpec output{row->name, row->dtype, {}, row_bytes * most};
  std::vector<std::int64_t> dims{-1};
  const auto inner_dims = row->shape.dims();
  if (!stack && inner_dims.empty()) return Status::invalid(where, "is a scalar; gather it stacked");
  dims.insert(dims.end(), inner_dims.begin() + (stack ? 0 : 1), inner_dims.end());
  if (dims.size() > Shape::kMaxRank) return Status::invalid(where, "has too many axes to stack");
  output.shape = Shape(std::span<const std::int64_t>(dims));
  NodeSpec spec;
  spec.kind = NodeKind::kGather;
  spec.op = "gather";
  spec.name = "gather " + node(value.node).name;
  spec.params.set("stack", stack);
  spec.inputs = {value, {scope.each_node, 0}};
  spec.scope = scope.parent;
  spec.inner = inner;
  spec.outputs = {output};
  return intern(std::move(spec));
}

Result<ValueRef> PlanBuilder::gate(ValueRef value, const GateOptions& options,
                                   const std::string& name) {
  EDGERT_ASSIGN_OR_RETURN(const TensorSpec* spec, tensor_spec(value));
  const std::string where = "condition on " + quoted(node(value.node).name);
  if (spec->dtype != DType::kFloat32 && spec->dtype != DType::kUInt8)
    return Status::invalid(where, "cannot compare " + spec->text(),
                           "dequantise or cast it to float32");
  if (!options.above && !options.below) return Status::invalid(where, "needs 'above' or 'below'");
  if (options.reduce != "any" && options.reduce != "all" && options.reduce != "first")
    return Status::invalid(where, "reduce " + quoted(options.reduce) + " is unknown",
                           "use any, all or first");
  NodeSpec gate_node;
  gate_node.kind = NodeKind::kGate;
  gate_node.op = "gate";
  gate_node.name = name;
  gate_node.params.set("index", options.index);
  if (options.above) gate_node.params.set("above", *options.above);
  if (options.below) gate_node.params.set("below", *options.below);
  gate_node.params.set("reduce", options.reduce);
  gate_node.params.set("hold_ms", options.hold_ms);
  gate_node.inputs = {value};
  if (options.under) {
    EDGERT_RETURN_IF_ERROR(check(*options.under));
    if (node(options.under->node).kind != NodeKind::kGate)
      return Status::invalid(where, "'under' is not a condition");
    gate_node.inputs.push_back(*options.under);
  }
  gate_node.scope = node(value.node).scope;
  gate_node.outputs = {{"open", DType::kUInt8, Shape{1}, 0}};
  return intern(std::move(gate_node));
}

bool PlanBuilder::waits_for_itself(const PipelineSpec& spec) {
  const auto conditional = [](const OutputSpec& output) { return output.gate >= 0; };
  if (std::ranges::none_of(spec.outputs, conditional)) return false;
  Opening fresh, all = opening_;
  plan_.pipelines.push_back(spec);
  const int last = static_cast<int>(plan_.pipelines.size()) - 1;
  add_opening_gates(plan_, last, fresh);
  add_opening_gates(plan_, last, all);
  const bool found = edgert::waits_for_itself(plan_, all, fresh);
  plan_.pipelines.pop_back();
  return found;
}

}  // namespace edgert
