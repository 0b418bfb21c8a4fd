#include "edgert/plan/builder.h"

#include <algorithm>
#include <cmath>

#include "edgert/base/param_reads.h"
#include "edgert/plan/builder_names.h"
#include "edgert/plan/demand.h"
#include "edgert/plan/memory_limit.h"
#include "edgert/transform/transform.h"

namespace edgert {

PlanBuilder::PlanBuilder() = default;

Status PlanBuilder::application(const ApplicationSpec& spec) {
  const std::string where = "application " + quoted(spec.name);
  if (find_named(plan_.applications, spec.name) >= 0)
    return Status::invalid(where, "is there already", "use another name");
  if (!(spec.weight > 0 && spec.weight <= 1e6))
    return Status::invalid(where, "weight must be above 0, to 1000000");
  if (spec.priority < -1000 || spec.priority > 1000)
    return Status::invalid(where, "priority must be -1000 to 1000");
  if (!(spec.rate_limit >= 0 && std::isfinite(spec.rate_limit)) || spec.queue_limit < 0)
    return Status::invalid(where, "rate_limit and queue_limit must be at least 0 (no limit)");
  if (!(spec.device_share >= 0 && spec.device_share <= 1))
    return Status::invalid(where, "share must be above 0, to 1 (0: no limit)");
  for (const DeviceShare& of : spec.device_shares)
    if (!(of.share > 0 && of.share <= 1))
      return Status::invalid(where,
                             "share of device " + quoted(of.device) + " must be above 0, to 1");
  plan_.applications.push_back(spec);
  return {};
}

Result<ValueRef> PlanBuilder::sensor(const std::string& name, const FrameFormat& format,
                                     const SensorOptions& options) {
  if (find_named(plan_.sensors, name) >= 0)
    return Status::invalid("sensor " + quoted(name), "is there already", "use another name");
  if (options.queue < 1 || options.queue > 65536 || options.in_flight < 1 ||
      options.in_flight > static_cast<int>(kMostRoots))
    return Status::invalid("sensor " + quoted(name),
                           "queue must be 1 to 65536 and in_flight 1 to 64");
  const auto sensor = static_cast<int>(plan_.sensors.size());
  const auto scope = static_cast<int>(plan_.scopes.size());
  NodeSpec source;
  source.kind = NodeKind::kSource;
  source.op = "source";
  source.name = name;
  source.scope = scope;
  const ValueRef value = intern(std::move(source));
  plan_.scopes.push_back({-1, sensor, -1, -1});
  plan_.sensors.push_back({name, format, options.inbox, options.queue, options.in_flight,
                           value.node, scope, options.cache});
  return value;
}

Status PlanBuilder::check(ValueRef value) const {
  if (value.node < 0 || value.node >= static_cast<int>(plan_.nodes.size()))
    return Status::invalid("value", "is not of this plan");
  const NodeSpec& of = node(value.node);
  if (of.kind == NodeKind::kEach || of.kind == NodeKind::kSource) return {};
  if (value.output < 0 || value.output >= static_cast<int>(of.outputs.size()))
    return Status::invalid("node " + quoted(of.name), "has " + std::to_string(of.outputs.size()) +
                                                          " outputs, there is none with index " +
                                                          std::to_string(value.output));
  return {};
}

const FrameFormat* PlanBuilder::frame_format(ValueRef value) const {
  const NodeSpec& of = node(value.node);
  if (of.kind != NodeKind::kSource) return nullptr;
  return &plan_
              .sensors[static_cast<std::size_t>(
                  plan_.scopes[static_cast<std::size_t>(of.scope)].sensor)]
              .format;
}

Result<const TensorSpec*> PlanBuilder::tensor_spec(ValueRef value) const {
  EDGERT_RETURN_IF_ERROR(check(value));
  const NodeSpec& of = node(value.node);
  if (of.outputs.empty())
    return Status::invalid("node " + quoted(of.name), "gives frames, not tensors",
                           "put a transform between");
  return &of.outputs[static_cast<std::size_t>(value.output)];
}

bool PlanBuilder::scope_within(int inner, int outer) const {
  for (int scope = inner; scope >= 0; scope = plan_.scopes[static_cast<std::size_t>(scope)].parent)
    if (scope == outer) return true;
  return false;
}

Result<int> PlanBuilder::common_scope(const std::vector<ValueRef>& inputs) const {
  int deepest = -1;
  for (const ValueRef& input : inputs) {
    EDGERT_RETURN_IF_ERROR(check(input));
    const int scope = node(input.node).scope;
    if (deepest < 0 || scope_within(scope, deepest)) {
      deepest = scope;
    } else if (!scope_within(deepest, scope)) {
      return Status::invalid(
          "node " + quoted(node(input.node).name),
          "belongs to another sensor or to other regions than the inputs beside it",
          "gather the regions' results first, or join the other sensor's stream");
    }
  }
  return deepest;
}

Hash128 PlanBuilder::identify(const NodeSpec& node_spec, const Params& meant) const {
  Hasher hasher;
  hasher.number(static_cast<std::uint64_t>(node_spec.kind)).text(node_spec.op);
  meant.hash_into(hasher);
  if (node_spec.kind == NodeKind::kSource)
    hasher.text(node_spec.name);
  else if (!private_to_.empty())
    hasher.text(private_to_);
  if (node_spec.model >= 0)
    hasher.hash(model_identity(plan_.models[static_cast<std::size_t>(node_spec.model)]));
  for (const ModelInput& input : node_spec.model_inputs) {
    hasher.number(static_cast<std::uint64_t>(input.kind))
        .number(static_cast<std::uint64_t>(input.value));
    hasher.text(input.constant).text(input.constant_shape.text());
    hasher.number(static_cast<std::uint64_t>(input.state_output));
  }
  if (node_spec.gate >= 0) hasher.hash(node(node_spec.gate).identity);
  if (node_spec.of >= 0) hasher.hash(node(node_spec.of).identity);
  for (const ValueRef& input : node_spec.inputs) {
    const bool joined = joined_.contains({input.node, input.output});
    hasher.hash(identity(input)).number(joined ? 0 : static_cast<std::uint64_t>(input.output));
  }
  return hasher.digest();
}

const Hash128& PlanBuilder::identity(ValueRef value) const {
  const auto joined = joined_.find({value.node, value.output});
  return joined == joined_.end() ? node(value.node).identity : joined->second;
}

ValueRef PlanBuilder::intern(NodeSpec node_spec, const Hash128& identity) {
  node_spec.identity = identity;
  const auto index = static_cast<int>(plan_.nodes.size());
  const auto [it, added] = by_identity_.try_emplace(node_spec.identity, ValueRef{index, 0});
  if (!added) return it->second;
  if (node_spec.name.empty()) node_spec.name = node_spec.op;
  if (node_spec.kind != NodeKind::kSource) node_spec.private_to = private_to_;
  plan_.nodes.push_back(std::move(node_spec));
  return {index, 0};
}

Result<ValueRef> PlanBuilder::transform(const std::string& op, const Params& params,
                                        const std::vector<ValueRef>& inputs,
                                        const std::string& name) {
  NodeSpec spec;
  EDGERT_ASSIGN_OR_RETURN(spec.scope, common_scope(inputs));
  if (spec.scope < 0) return Status::invalid(op, "needs at least one input");
  std::vector<InputFormat> formats;
  for (const ValueRef& input : inputs) {
    InputFormat format;
    format.frame = frame_format(input);
    if (!format.frame) {
      EDGERT_ASSIGN_OR_RETURN(format.tensor, tensor_spec(input));
    }
    formats.push_back(format);
  }
  const ParamReads reads(params);
  EDGERT_ASSIGN_OR_RETURN(auto made, make_transform(op, params, formats));
  spec.kind = NodeKind::kTransform;
  spec.op = op;
  spec.name = name;
  spec.params = params;
  spec.inputs = inputs;
  spec.outputs.assign(made->outputs().begin(), made->outputs().end());
  spec.stateful = made->stateful();
  for (const TensorSpec& output : spec.outputs)
    if (output.bytes() == 0)
      return Status::internal(op, "output " + quoted(output.name) + " has no bounded size");
  const Hash128 identity = identify(spec, reads.meant());
  if (const auto joined = join(spec, identity, formats)) return *joined;
  return intern(std::move(spec), identity);
}

std::optional<ValueRef> PlanBuilder::join(const NodeSpec& transform, const Hash128& identity,
                                          const std::vector<InputFormat>& formats) {
  if (!fuse_ || by_identity_.contains(identity)) return {};
  for (std::size_t i = 0; i < plan_.nodes.size(); ++i) {
    NodeSpec& there = plan_.nodes[i];
    if (there.kind != NodeKind::kTransform || there.op != transform.op ||
        there.inputs != transform.inputs || there.private_to != private_to_)
      continue;
    auto params = join_transforms(there.op, there.params, transform.params);
    if (!params) continue;
    auto made = make_transform(there.op, *params, formats);
    if (!made.ok() || (*made)->outputs().size() != there.outputs.size() + 1) continue;
    const ValueRef value{static_cast<int>(i), static_cast<int>(there.outputs.size())};
    there.params = std::move(*params);
    there.outputs.assign((*made)->outputs().begin(), (*made)->outputs().end());
    by_identity_.emplace(identity, value);
    joined_.emplace(std::pair(value.node, value.output), identity);
    return value;
  }
  return {};
}

Result<int> PlanBuilder::pipeline(const PipelineSpec& wanted, const std::vector<ReuseRule>& rules) {
  PipelineSpec spec = wanted;
  const std::string where = "pipeline " + quoted(spec.application + "/" + spec.name);
  for (const PipelineSpec& other : plan_.pipelines)
    if (other.name == spec.name && other.application == spec.application)
      return Status::invalid(where, "is there already", "use another name");
  if (spec.outputs.empty())
    return Status::invalid(where, "has no outputs", "name at least one step");
  if (spec.sensor < 0 || spec.sensor >= static_cast<int>(plan_.sensors.size()))
    return Status::invalid(where, "its sensor is not of this plan");
  if (spec.every < 1 || spec.rate < 0 || !std::isfinite(spec.rate) || spec.latency < 0 ||
      spec.queue < 1 || spec.queue > 65536)
    return Status::invalid(
        where, "every must be at least 1, queue 1 to 65536, rate and latency at least 0");
  for (const OutputSpec& output : spec.outputs) {
    const auto tensor = tensor_spec(output.value);
    if (!tensor.ok()) return tensor.status().within(where + ": output " + quoted(output.name));
    const int scope = node(output.value.node).scope;
    if (plan_.scopes[static_cast<std::size_t>(scope)].sensor != spec.sensor)
      return Status::invalid(where, "output " + quoted(output.name) + " is of another sensor");
    if (output.gate < 0) continue;
    EDGERT_RETURN_IF_ERROR(check({output.gate, 0}));
    if (node(output.gate).kind != NodeKind::kGate || !scope_within(scope, node(output.gate).scope))
      return Status::invalid(
          where, "output " + quoted(output.name) + " has no condition that it could wait for");
  }
  const std::size_t nodes_before = plan_.nodes.size();
  EDGERT_RETURN_IF_ERROR(add_reuse(spec, rules));
  if (find_named(plan_.applications, spec.application) < 0)
    EDGERT_RETURN_IF_ERROR(application(spec.application));
  plan_.pipelines.push_back(spec);
  const int owner = find_named(plan_.applications, spec.application);
  Status fits = check_memory_limit(plan_, plan_.applications[static_cast<std::size_t>(owner)]);
  if (!fits.ok()) {
    plan_.pipelines.pop_back();
    drop_nodes_from(nodes_before);
    return fits;
  }
  add_opening_gates(plan_, static_cast<int>(plan_.pipelines.size()) - 1, opening_);
  return static_cast<int>(plan_.pipelines.size()) - 1;
}

Result<PlanSpec> PlanBuilder::finish() {
  if (plan_.pipelines.empty())
    return Status::invalid("plan", "no pipeline wants anything", "add a Pipeline document");
  // A node may have got more outputs since.
  for (NodeSpec& spec : plan_.nodes)
    if (spec.kind == NodeKind::kRecall) spec.outputs = node(spec.of).outputs;
  return plan_;
}

}  // namespace edgert
