#include "edgert/plan/validate.h"

#include <algorithm>

#include "edgert/plan/memory_limit.h"

namespace edgert {
namespace {

template <class T>
bool has(const std::vector<T>& things, int index) {
  return index >= 0 && index < static_cast<int>(things.size());
}

Status broken(const std::string& where, const std::string& what) {
  return Status::invalid("plan: " + where, what, "write the plan again with 'edgert compile'");
}

bool value_exists(const PlanSpec& plan, const ValueRef& value) {
  if (!has(plan.nodes, value.node)) return false;
  const NodeSpec& node = plan.nodes[static_cast<std::size_t>(value.node)];
  if (node.kind == NodeKind::kSource || node.kind == NodeKind::kEach) return value.output == 0;
  return has(node.outputs, value.output);
}

// How many inputs a kind of node has at least, and how many of them it computes from.
std::size_t least_inputs(NodeKind kind) {
  switch (kind) {
    case NodeKind::kSource:
    case NodeKind::kModel:
    case NodeKind::kRecall:
      return 0;
    case NodeKind::kGather:
    case NodeKind::kJoin:
      return 2;
    default:
      return 1;
  }
}

bool feeds_exist(const PlanSpec& plan, const NodeSpec& node) {
  if (!has(plan.models, node.model)) return false;
  for (const ModelInput& feed : node.model_inputs) {
    if (feed.kind == ModelInput::Kind::kValue && !has(node.inputs, feed.value)) return false;
    if (feed.kind == ModelInput::Kind::kState && !has(node.outputs, feed.state_output))
      return false;
  }
  return true;
}

bool is(const PlanSpec& plan, int node, NodeKind kind) {
  return plan.nodes[static_cast<std::size_t>(node)].kind == kind;
}

// What is kept stands in a sensor's own scope, and only joins in another sensor's ask for it.
bool joins_well(const PlanSpec& plan, const NodeSpec& node) {
  const auto scope_of = [&](int of) {
    return plan.scopes[static_cast<std::size_t>(plan.nodes[static_cast<std::size_t>(of)].scope)];
  };
  const ScopeSpec& scope = plan.scopes[static_cast<std::size_t>(node.scope)];
  for (std::size_t i = 0; i < node.inputs.size(); ++i)
    if (is(plan, node.inputs[i].node, NodeKind::kKeep) && (node.kind != NodeKind::kJoin || i != 1))
      return false;
  if (node.kind == NodeKind::kJoin)
    return scope.parent < 0 && node.inputs.size() == 2 && node.outputs.size() == 1 &&
           is(plan, node.inputs[0].node, NodeKind::kSource) &&
           is(plan, node.inputs[1].node, NodeKind::kKeep) &&
           scope_of(node.inputs[1].node).sensor != scope.sensor;
  if (node.kind != NodeKind::kKeep) return true;
  if (node.gate >= 0 && (!has(plan.nodes, node.gate) || !is(plan, node.gate, NodeKind::kGate)))
    return false;
  const bool windows = node.inner >= 0;
  if (windows ? node.inputs.size() != 2 || !is(plan, node.inputs[1].node, NodeKind::kEach)
              : node.inputs.size() != 1)
    return false;
  const auto& last = plan.nodes[static_cast<std::size_t>(node.inputs.back().node)];
  if (last.scope != node.scope || (windows && last.inner != node.inner)) return false;
  return scope.parent < 0 && node.outputs.size() == 1;
}

// A recall stands beside a node that comes before it, behind a condition of the same scope.
bool recalls_well(const PlanSpec& plan, const NodeSpec& node, int index) {
  if (node.kind != NodeKind::kRecall) return node.of < 0;
  if (!has(plan.nodes, node.of) || node.of >= index || node.gate >= index) return false;
  const NodeSpec& of = plan.nodes[static_cast<std::size_t>(node.of)];
  const bool computed = of.kind == NodeKind::kTransform || of.kind == NodeKind::kModel ||
                        of.kind == NodeKind::kGather;
  if (!computed || of.stateful || of.scope != node.scope ||
      of.outputs.size() != node.outputs.size() || node.inputs.size() > 1)
    return false;
  if (plan.scopes[static_cast<std::size_t>(node.scope)].parent >= 0) return false;
  for (const ValueRef& input : node.inputs)
    if (plan.nodes[static_cast<std::size_t>(input.node)].scope != node.scope) return false;
  return node.gate < 0 || is(plan, node.gate, NodeKind::kGate) ||
         is(plan, node.gate, NodeKind::kRecall);
}

// Where a scene is compared: the cells are those that the recall's parameters name.
bool looks_well(const PlanSpec& plan, const NodeSpec& node) {
  if (node.kind != NodeKind::kRecall || node.inputs.empty()) return true;
  const ValueRef& input = node.inputs[0];
  const NodeSpec& from = plan.nodes[static_cast<std::size_t>(input.node)];
  if (from.kind == NodeKind::kSource || from.kind == NodeKind::kEach) return false;
  const TensorSpec& cells = from.outputs[static_cast<std::size_t>(input.output)];
  const auto rows = node.params.integer("rows", -1), columns = node.params.integer("columns", -1);
  return cells.dtype == DType::kFloat32 && cells.shape.rank() == 2 && rows.ok() && columns.ok() &&
         cells.shape[0] == *rows && cells.shape[1] == *columns;
}

Status check_node(const PlanSpec& plan, int index) {
  const NodeSpec& node = plan.nodes[static_cast<std::size_t>(index)];
  const std::string where = "node " + std::to_string(index) + " '" + node.name + "'";
  if (!has(plan.scopes, node.scope)) return broken(where, "is in a scope that is not there");
  if (node.inputs.size() < least_inputs(node.kind)) return broken(where, "lacks inputs");
  for (const ValueRef& input : node.inputs)
    if (input.node >= index || !value_exists(plan, input))
      return broken(where, "reads a value that is not there");
  if ((node.kind == NodeKind::kEach || node.kind == NodeKind::kGather) &&
      !has(plan.scopes, node.inner))
    return broken(where, "runs a scope that is not there");
  if (!recalls_well(plan, node, index) || !looks_well(plan, node))
    return broken(where, "looks for results that can't be reused");
  if (!joins_well(plan, node)) return broken(where, "joins what can't be joined");
  if (node.kind == NodeKind::kModel && !feeds_exist(plan, node))
    return broken(where, "its model or one of its feeds is not there");
  return {};
}

Status check_scope(const PlanSpec& plan, int index) {
  const ScopeSpec& scope = plan.scopes[static_cast<std::size_t>(index)];
  const std::string where = "scope " + std::to_string(index);
  if (!has(plan.sensors, scope.sensor))
    return broken(where, "belongs to a sensor that is not there");
  if (scope.parent >= index) return broken(where, "is its own ancestor");
  if (scope.parent < 0) return {};
  if (!has(plan.nodes, scope.region_node) || !has(plan.nodes, scope.each_node))
    return broken(where, "lacks the nodes that open it");
  if (plan.nodes[static_cast<std::size_t>(scope.each_node)].scope != scope.parent ||
      plan.nodes[static_cast<std::size_t>(scope.region_node)].scope != index)
    return broken(where, "the nodes that open it are elsewhere");
  return {};
}

Status check_pipeline(const PlanSpec& plan, const PipelineSpec& pipeline) {
  const std::string where = "pipeline '" + pipeline.application + "/" + pipeline.name + "'";
  if (!has(plan.sensors, pipeline.sensor)) return broken(where, "its sensor is not there");
  if (std::ranges::none_of(plan.applications, [&](const ApplicationSpec& application) {
        return application.name == pipeline.application;
      }))
    return broken(where, "its application is not there");
  if (pipeline.queue < 1 || pipeline.queue > 65536 || pipeline.every < 1)
    return broken(where, "its bounds are out of range");
  for (const OutputSpec& output : pipeline.outputs)
    if (!value_exists(plan, output.value) || (output.gate >= 0 && !has(plan.nodes, output.gate)))
      return broken(where, "its output '" + output.name + "' is not there");
  for (const ReuseSpec& reuse : pipeline.reuse) {
    if (!has(plan.nodes, reuse.recall) || !is(plan, reuse.recall, NodeKind::kRecall) ||
        plan.nodes[static_cast<std::size_t>(reuse.recall)].of != reuse.node ||
        plan.nodes[static_cast<std::size_t>(reuse.recall)].gate != reuse.gate)
      return broken(where, "what it reuses is not there");
  }
  return {};
}

bool is_share(double share) {
  return share >= 0 && share <= 1;
}

Status check_application(const PlanSpec& plan, const ApplicationSpec& application) {
  const std::string where = "application '" + application.name + "'";
  if (!(application.weight > 0) || !(application.rate_limit >= 0) || application.queue_limit < 0 ||
      !is_share(application.device_share) ||
      !std::ranges::all_of(application.device_shares, is_share, &DeviceShare::share))
    return broken(where, "its weight or limits are out of range");
  return check_memory_limit(plan, application);
}

bool in_range(const ModelTimes& times, const PlanSpec& plan) {
  return times.idle >= 0 && times.idle < 1e18 &&
         std::ranges::all_of(times.points,
                             [](const RunPoint& p) {
                               return p.instances >= 1 && p.threads >= 1 && p.batch >= 1 &&
                                      p.p50 >= 0 && p.p90 >= p.p50 && p.p99 >= p.p90 &&
                                      p.p99 < 1e18 && p.spread >= 0;
                             }) &&
         std::ranges::all_of(times.beside, [&](const BesideOther& other) {
           return has(plan.models, other.model) && other.slowdown > 0 && other.slowdown < 1e6;
         });
}

Status check_device(const PlanSpec& plan, const DeviceSpec& device) {
  const std::string where = "device '" + device.name + "'";
  if ((device.type != "sim" && device.type != "cuda") || device.gpu < 0 || device.gpu > 255 ||
      device.streams < 1 || device.streams > 64 || device.in_flight < 1 ||
      device.in_flight > 64 / device.streams)
    return broken(where, "its type or bounds are out of range");
  if (device.times.models.size() > plan.models.size() ||
      !std::ranges::all_of(device.times.models,
                           [&](const ModelTimes& times) { return in_range(times, plan); }))
    return broken(where, "its run times are out of range");
  return {};
}

bool has_places(const PlanSpec& plan, const ModelSpec& model) {
  for (std::size_t i = 0; i < model.devices.size(); ++i) {
    const auto at = model.devices.begin() + static_cast<std::ptrdiff_t>(i);
    if (*at != -1 && !has(plan.devices, *at)) return false;
    if (std::find(model.devices.begin(), at, *at) != at) return false;
  }
  return !model.devices.empty();
}

}  // namespace

Status validate_plan(const PlanSpec& plan) {
  for (const DeviceSpec& device : plan.devices) EDGERT_RETURN_IF_ERROR(check_device(plan, device));
  for (const ModelSpec& model : plan.models)
    if (!has_places(plan, model))
      return broken("model '" + model.name + "'", "its devices are not there, or there twice");
  for (std::size_t i = 0; i < plan.scopes.size(); ++i)
    EDGERT_RETURN_IF_ERROR(check_scope(plan, static_cast<int>(i)));
  for (std::size_t i = 0; i < plan.nodes.size(); ++i)
    EDGERT_RETURN_IF_ERROR(check_node(plan, static_cast<int>(i)));
  for (const SensorSpec& sensor : plan.sensors)
    if (!has(plan.nodes, sensor.node) || !has(plan.scopes, sensor.scope) || sensor.queue < 1 ||
        sensor.in_flight < 1)
      return broken("sensor '" + sensor.name + "'", "its node, scope or bounds are not there");
  for (const PipelineSpec& pipeline : plan.pipelines)
    EDGERT_RETURN_IF_ERROR(check_pipeline(plan, pipeline));
  for (const ApplicationSpec& application : plan.applications)
    EDGERT_RETURN_IF_ERROR(check_application(plan, application));
  return {};
}

}  // namespace edgert
