#include "edgert/plan/builder.h"

#include <algorithm>
#include <cmath>

#include "edgert/infer/model_cache.h"
#include "edgert/infer/registry.h"
#include "edgert/plan/compiled.h"
#include "edgert/transform/transform.h"

namespace edgert {
namespace {

std::string quoted(const std::string& name) { return "'" + name + "'"; }

template <class T>
int find_named(const std::vector<T>& things, const std::string& name) {
  for (std::size_t i = 0; i < things.size(); ++i)
    if (things[i].name == name) return static_cast<int>(i);
  return -1;
}

void hash_options(Hasher& hasher, const ModelSpec& spec) {
  hasher.text(spec.backend).number(static_cast<std::uint64_t>(spec.threads));
  hasher.number(static_cast<std::uint64_t>(spec.instances)).hash(spec.content);
  spec.engine.hash_into(hasher);
}

Hash128 model_identity(const ModelSpec& spec) {
  Hasher hasher;
  hash_options(hasher, spec);
  return hasher.digest();
}

}  // namespace

Shape fed_shape(const Shape& wanted, const Shape& given, std::int64_t extent) {
  Shape shape = given;
  for (int axis = 0; axis < shape.rank(); ++axis)
    if (shape[axis] < 0) shape[axis] = wanted[axis] >= 0 ? wanted[axis] : extent;
  return shape;
}

PlanBuilder::PlanBuilder() = default;

Status PlanBuilder::application(const std::string& name, double weight) {
  if (find_named(plan_.applications, name) >= 0)
    return Status::invalid("application " + quoted(name), "is there already", "use another name");
  if (!(weight > 0))
    return Status::invalid("application " + quoted(name), "weight must be above 0");
  plan_.applications.push_back({name, weight});
  return {};
}

Result<ValueRef> PlanBuilder::sensor(const std::string& name, const FrameFormat& format,
                                     const SensorOptions& options) {
  if (find_named(plan_.sensors, name) >= 0)
    return Status::invalid("sensor " + quoted(name), "is there already", "use another name");
  if (options.queue < 1 || options.queue > 65536 || options.in_flight < 1 || options.in_flight > static_cast<int>(kMostRoots))
    return Status::invalid("sensor " + quoted(name), "queue must be 1 to 65536 and in_flight 1 to 64");
  const auto sensor = static_cast<int>(plan_.sensors.size());
  const auto scope = static_cast<int>(plan_.scopes.size());
  NodeSpec source;
  source.kind = NodeKind::kSource;
  source.op = "source";
  source.name = name;
  source.scope = scope;
  const ValueRef value = intern(std::move(source));
  plan_.scopes.push_back({-1, sensor, -1, -1});
  plan_.sensors.push_back(
      {name, format, options.inbox, options.queue, options.in_flight, value.node, scope});
  return value;
}

Result<int> PlanBuilder::model(const ModelSpec& spec) {
  ModelSpec copy = spec;
  const std::string where = "model " + quoted(spec.name);
  EDGERT_ASSIGN_OR_RETURN(copy.content, hash_file(spec.file));
  Backend* backend = nullptr;
  if (spec.backend.empty()) {
    EDGERT_ASSIGN_OR_RETURN(backend, backend_for_file(spec.file));
  } else {
    EDGERT_ASSIGN_OR_RETURN(backend, find_backend(spec.backend));
  }
  copy.backend = std::string(backend->name());
  const Hash128 identity = model_identity(copy);
  for (std::size_t i = 0; i < plan_.models.size(); ++i)
    if (model_identity(plan_.models[i]) == identity) return static_cast<int>(i);
  auto model = load_shared(*backend, spec.file, {spec.threads, spec.engine}, copy.content);
  if (!model.ok()) return model.status().within(where);
  loaded_.push_back(std::move(model).value());
  plan_.models.push_back(std::move(copy));
  return static_cast<int>(plan_.models.size()) - 1;
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
  return &plan_.sensors[static_cast<std::size_t>(plan_.scopes[static_cast<std::size_t>(of.scope)].sensor)].format;
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
      return Status::invalid("node " + quoted(node(input.node).name),
                             "belongs to another sensor or to other regions than the inputs beside it",
                             "gather the regions' results first");
    }
  }
  return deepest;
}

Hash128 PlanBuilder::identify(const NodeSpec& node_spec) const {
  Hasher hasher;
  hasher.number(static_cast<std::uint64_t>(node_spec.kind)).text(node_spec.op);
  node_spec.params.hash_into(hasher);
  if (node_spec.kind == NodeKind::kSource) hasher.text(node_spec.name);
  if (node_spec.model >= 0)
    hasher.hash(model_identity(plan_.models[static_cast<std::size_t>(node_spec.model)]));
  for (const ModelInput& input : node_spec.model_inputs) {
    hasher.number(static_cast<std::uint64_t>(input.kind)).number(static_cast<std::uint64_t>(input.value));
    hasher.text(input.constant).text(input.constant_shape.text());
    hasher.number(static_cast<std::uint64_t>(input.state_output));
  }
  for (const ValueRef& input : node_spec.inputs)
    hasher.hash(node(input.node).identity).number(static_cast<std::uint64_t>(input.output));
  return hasher.digest();
}

ValueRef PlanBuilder::intern(NodeSpec node_spec) {
  node_spec.identity = identify(node_spec);
  const auto index = static_cast<int>(plan_.nodes.size());
  const auto [it, added] = by_identity_.try_emplace(node_spec.identity, index);
  if (!added) return {it->second, 0};
  if (node_spec.name.empty()) node_spec.name = node_spec.op;
  plan_.nodes.push_back(std::move(node_spec));
  return {index, 0};
}

Result<ValueRef> PlanBuilder::transform(const std::string& op, const Params& params,
                                        const std::vector<ValueRef>& inputs, const std::string& name) {
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
  EDGERT_ASSIGN_OR_RETURN(auto made, make_transform(op, params, formats));
  spec.kind = NodeKind::kTransform;
  spec.op = op;
  spec.name = name;
  spec.params = params;
  spec.inputs = inputs;
  spec.outputs.assign(made->outputs().begin(), made->outputs().end());
  for (const TensorSpec& output : spec.outputs)
    if (output.bytes() == 0) return Status::internal(op, "output " + quoted(output.name) + " has no bounded size");
  return intern(std::move(spec));
}

// One run on zeros of the shapes that the plan feeds; what they leave open is `extent`.
Result<std::vector<Tensor>> PlanBuilder::trial_run(int model, const NodeSpec& spec, std::int64_t extent) const {
  const ModelIo& io = model_io(model);
  std::vector<Tensor> inputs, results(io.outputs.size());
  for (std::size_t i = 0; i < io.inputs.size(); ++i) {
    const ModelInput& feed = spec.model_inputs[i];
    Shape shape = io.inputs[i].shape;
    if (feed.kind == ModelInput::Kind::kValue) {
      const ValueRef ref = spec.inputs[static_cast<std::size_t>(feed.value)];
      shape = fed_shape(shape, node(ref.node).outputs[static_cast<std::size_t>(ref.output)].shape, extent);
    } else if (feed.kind == ModelInput::Kind::kConstant) {
      shape = feed.constant_shape;
    } else {
      shape = fed_shape(shape, shape, 1);
    }
    Tensor tensor = allocate_tensor(io.inputs[i].dtype, shape);
    std::fill_n(tensor.bytes_data(), tensor.bytes(), std::byte{0});
    if (feed.kind == ModelInput::Kind::kConstant)
      std::copy_n(reinterpret_cast<const std::byte*>(feed.constant.data()), tensor.bytes(), tensor.bytes_data());
    inputs.push_back(std::move(tensor));
  }
  EDGERT_ASSIGN_OR_RETURN(auto session, loaded_[static_cast<std::size_t>(model)]->session());
  EDGERT_RETURN_IF_ERROR(session->run(inputs, results));
  return results;
}

// What comes out of trial runs tells the shapes that the file leaves open. Where inputs vary from
// frame to frame, a second run tells which extents vary with them.
Result<std::vector<TensorSpec>> PlanBuilder::model_outputs(int model, const NodeSpec& spec) const {
  std::vector<TensorSpec> outputs = model_io(model).outputs;
  if (std::ranges::all_of(outputs, [](const TensorSpec& o) { return o.shape.is_static(); })) return outputs;
  EDGERT_ASSIGN_OR_RETURN(const auto results, trial_run(model, spec, 1));
  const bool varies = std::ranges::any_of(spec.inputs, [this](const ValueRef& ref) {
    return !node(ref.node).outputs[static_cast<std::size_t>(ref.output)].shape.is_static();
  });
  const auto others = varies ? trial_run(model, spec, 2) : Result<std::vector<Tensor>>(results);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (results[i].elements() <= 0 || !others.ok()) continue;  // as the file says
    Shape shape = results[i].shape();
    const Shape& other = others.value()[i].shape();
    for (int axis = 0; axis < shape.rank() && other.rank() == shape.rank(); ++axis)
      if (shape[axis] != other[axis]) shape[axis] = -1;
    outputs[i].shape = shape;
  }
  return outputs;
}

namespace {

Status check_feed(const TensorSpec& wanted, const TensorSpec& given, const std::string& where) {
  if (given.dtype != wanted.dtype)
    return Status::invalid(where, "wants " + wanted.text() + ", and is fed " + given.text(),
                           "set the input's dtype in the model document");
  bool fits = given.shape.rank() == wanted.shape.rank();
  for (int i = 0; fits && i < wanted.shape.rank(); ++i)
    fits = wanted.shape[i] < 0 || given.shape[i] < 0 || wanted.shape[i] == given.shape[i];
  if (fits) return {};
  return Status::invalid(where, "wants " + wanted.text() + ", and is fed " + given.text(),
                         "set the input's size and layout in the model document");
}

Result<ModelInput> constant_input(const TensorSpec& wanted, const Tensor& constant, const std::string& where) {
  TensorSpec given{"constant", constant.dtype(), constant.shape(), 0};
  EDGERT_RETURN_IF_ERROR(check_feed(wanted, given, where));
  ModelInput input;
  input.kind = ModelInput::Kind::kConstant;
  input.constant.assign(reinterpret_cast<const char*>(constant.bytes_data()), constant.bytes());
  input.constant_shape = constant.shape();
  return input;
}

Result<ModelInput> state_input(const ModelIo& io, const TensorSpec& wanted, const std::string& output,
                               const std::string& where) {
  const int index = find_named(io.outputs, output);
  if (index < 0) return Status::invalid(where, "there is no output " + quoted(output) + " to carry over");
  EDGERT_RETURN_IF_ERROR(check_feed(wanted, io.outputs[static_cast<std::size_t>(index)], where));
  ModelInput input;
  input.kind = ModelInput::Kind::kState;
  input.state_output = index;
  return input;
}

}  // namespace

Result<ValueRef> PlanBuilder::run_model(int model, const std::map<std::string, ModelFeed>& feeds,
                                        const std::string& name) {
  if (model < 0 || model >= static_cast<int>(plan_.models.size()))
    return Status::invalid("model", "is not of this plan");
  const ModelSpec& model_spec = plan_.models[static_cast<std::size_t>(model)];
  const ModelIo& io = model_io(model);
  const std::string where = "model " + quoted(model_spec.name);
  NodeSpec spec;
  spec.kind = NodeKind::kModel;
  spec.op = "model";
  spec.name = name.empty() ? model_spec.name : name;
  spec.model = model;
  for (const TensorSpec& wanted : io.inputs) {
    const std::string at = where + ": input " + quoted(wanted.name);
    const auto feed = feeds.find(wanted.name);
    if (feed == feeds.end()) return Status::invalid(at, "is not fed", "name a step, a constant or a state for it");
    ModelInput input;
    if (feed->second.value) {
      EDGERT_ASSIGN_OR_RETURN(const TensorSpec* given, tensor_spec(*feed->second.value));
      EDGERT_RETURN_IF_ERROR(check_feed(wanted, *given, at));
      input.value = static_cast<int>(spec.inputs.size());
      spec.inputs.push_back(*feed->second.value);
    } else if (!feed->second.state_of.empty()) {
      EDGERT_ASSIGN_OR_RETURN(input, state_input(io, wanted, feed->second.state_of, at));
    } else {
      EDGERT_ASSIGN_OR_RETURN(input, constant_input(wanted, feed->second.constant, at));
    }
    spec.model_inputs.push_back(std::move(input));
  }
  for (const auto& [input, feed] : feeds)
    if (find_named(io.inputs, input) < 0)
      return Status::invalid(where, "has no input " + quoted(input));
  EDGERT_ASSIGN_OR_RETURN(spec.scope, common_scope(spec.inputs));
  if (spec.scope < 0) return Status::invalid(where, "no input comes from a sensor");
  const auto same = by_identity_.find(identify(spec));
  if (same != by_identity_.end()) return ValueRef{same->second, 0};
  auto outputs = model_outputs(model, spec);
  if (!outputs.ok()) return outputs.status().within(where + ": trial run");
  spec.outputs = std::move(outputs).value();
  return intern(std::move(spec));
}

Result<ValueRef> PlanBuilder::region(ValueRef rows) {
  EDGERT_ASSIGN_OR_RETURN(const TensorSpec* spec, tensor_spec(rows));
  if (spec->shape.rank() < 1)
    return Status::invalid("node " + quoted(node(rows.node).name), "has no rows to run for");
  const TensorSpec row{spec->name, spec->dtype, Shape(spec->shape.dims().subspan(1)), 0};
  NodeSpec each;
  each.kind = NodeKind::kEach;
  each.op = "each";
  each.name = "each " + node(rows.node).name;
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
  plan_.scopes.push_back({parent, plan_.scopes[static_cast<std::size_t>(parent)].sensor, value.node, made.node});
  return value;
}

Result<ValueRef> PlanBuilder::gather(ValueRef value, bool stack) {
  EDGERT_ASSIGN_OR_RETURN(const TensorSpec* row, tensor_spec(value));
  const int inner = node(value.node).scope;
  const ScopeSpec& scope = plan_.scopes[static_cast<std::size_t>(inner)];
  const std::string where = "node " + quoted(node(value.node).name);
  if (scope.parent < 0) return Status::invalid(where, "does not run by regions, there is nothing to gather");
  const ValueRef rows = node(scope.each_node).inputs[0];
  const TensorSpec& rows_spec = node(rows.node).outputs[static_cast<std::size_t>(rows.output)];
  const std::size_t row_bytes = row->bytes();
  const auto outer = static_cast<std::size_t>(std::max<std::int64_t>(1, Shape(rows_spec.shape.dims().subspan(1)).elements()));
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

Result<ValueRef> PlanBuilder::gate(ValueRef value, const GateOptions& options, const std::string& name) {
  EDGERT_ASSIGN_OR_RETURN(const TensorSpec* spec, tensor_spec(value));
  const std::string where = "condition on " + quoted(node(value.node).name);
  if (spec->dtype != DType::kFloat32 && spec->dtype != DType::kUInt8)
    return Status::invalid(where, "cannot compare " + spec->text(), "dequantise or cast it to float32");
  if (!options.above && !options.below)
    return Status::invalid(where, "needs 'above' or 'below'");
  if (options.reduce != "any" && options.reduce != "all" && options.reduce != "first")
    return Status::invalid(where, "reduce " + quoted(options.reduce) + " is unknown", "use any, all or first");
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

Result<int> PlanBuilder::pipeline(const PipelineSpec& spec) {
  const std::string where = "pipeline " + quoted(spec.application + "/" + spec.name);
  for (const PipelineSpec& other : plan_.pipelines)
    if (other.name == spec.name && other.application == spec.application)
      return Status::invalid(where, "is there already", "use another name");
  if (spec.outputs.empty()) return Status::invalid(where, "has no outputs", "name at least one step");
  if (spec.sensor < 0 || spec.sensor >= static_cast<int>(plan_.sensors.size()))
    return Status::invalid(where, "its sensor is not of this plan");
  if (spec.every < 1 || spec.rate < 0 || !std::isfinite(spec.rate) || spec.latency < 0 || spec.queue < 1 || spec.queue > 65536)
    return Status::invalid(where, "every must be at least 1, queue 1 to 65536, rate and latency at least 0");
  for (const OutputSpec& output : spec.outputs) {
    const auto tensor = tensor_spec(output.value);
    if (!tensor.ok()) return tensor.status().within(where + ": output " + quoted(output.name));
    const int scope = node(output.value.node).scope;
    if (plan_.scopes[static_cast<std::size_t>(scope)].sensor != spec.sensor)
      return Status::invalid(where, "output " + quoted(output.name) + " is of another sensor");
    if (output.gate < 0) continue;
    EDGERT_RETURN_IF_ERROR(check({output.gate, 0}));
    if (node(output.gate).kind != NodeKind::kGate || !scope_within(scope, node(output.gate).scope))
      return Status::invalid(where, "output " + quoted(output.name) + " has no condition that it could wait for");
  }
  if (find_named(plan_.applications, spec.application) < 0)
    EDGERT_RETURN_IF_ERROR(application(spec.application));
  plan_.pipelines.push_back(spec);
  return static_cast<int>(plan_.pipelines.size()) - 1;
}

Result<PlanSpec> PlanBuilder::finish() {
  if (plan_.pipelines.empty())
    return Status::invalid("plan", "no pipeline wants anything", "add a Pipeline document");
  return plan_;
}

}  // namespace edgert
