// The builder's models: opening them, feeding their inputs, learning their outputs.
#include <algorithm>
#include <filesystem>

#include "edgert/infer/model_cache.h"
#include "edgert/infer/registry.h"
#include "edgert/plan/batching.h"
#include "edgert/plan/builder.h"
#include "edgert/plan/builder_names.h"

namespace edgert {
namespace {

Status batch_of_state(const std::string& where) {
  return Status::invalid(where, "keeps state from run to run, so its runs can't be made as one",
                         "leave batch out");
}

}  // namespace

// What a device of a model can't do, while the document's line is still known.
Status PlanBuilder::check_device(const ModelSpec& spec, int on, const Backend& backend) const {
  const std::string model = "model " + quoted(spec.name);
  if (on < -1 || on >= static_cast<int>(plan_.devices.size()))
    return Status::invalid(model, "its device is not of this plan");
  if (std::ranges::count(spec.devices, on) > 1)
    return Status::invalid(model, "has a device twice", "name each once");
  if (on < 0) return {};
  const DeviceSpec& device = plan_.devices[static_cast<std::size_t>(on)];
  if (device.type != "cuda") return {};
  const std::string where = model + " on device " + quoted(device.name);
  if (!backend.runs_on(DeviceKind::kCuda))
    return Status::invalid(where,
                           "backend " + std::string(backend.name()) + " doesn't run models on GPUs",
                           "leave device out, or give an ONNX model");
  return {};
}

Result<int> PlanBuilder::model(const ModelSpec& spec) {
  ModelSpec copy = spec;
  const std::string where = "model " + quoted(spec.name);
  if (spec.devices.empty()) return Status::invalid(where, "has no device to run on");
  EDGERT_ASSIGN_OR_RETURN(copy.content, hash_file(spec.file));
  std::error_code unreadable;
  const auto bytes = std::filesystem::file_size(spec.file, unreadable);
  copy.bytes = unreadable ? 0 : bytes;
  Backend* backend = nullptr;
  if (spec.backend.empty()) {
    EDGERT_ASSIGN_OR_RETURN(backend, backend_for_file(spec.file));
  } else {
    EDGERT_ASSIGN_OR_RETURN(backend, find_backend(spec.backend));
  }
  copy.backend = std::string(backend->name());
  for (const int device : spec.devices)
    EDGERT_RETURN_IF_ERROR(check_device(spec, device, *backend));
  copy.private_to = private_to_;
  auto model = load_shared(*backend, spec.file, {spec.threads, spec.engine}, copy.content);
  if (!model.ok()) return model.status().within(where);
  if (spec.devices.size() > 1 && (*model)->keeps_state())
    return Status::invalid(where, "keeps state in the engine, which can't be moved",
                           "give it one device");
  if (spec.batch != 1) {
    if ((*model)->keeps_state()) return batch_of_state(where);
    EDGERT_ASSIGN_OR_RETURN(copy.fixed, check_batch(spec, (*model)->io()));
  }
  const Hash128 identity = model_identity(copy);
  for (std::size_t i = 0; i < plan_.models.size(); ++i) {
    if (model_identity(plan_.models[i]) != identity) continue;
    plan_.models[i].batch = std::max(plan_.models[i].batch, copy.batch);
    return static_cast<int>(i);
  }
  ios_.push_back(io_of_items((*model)->io(), copy.fixed));
  loaded_.push_back(std::move(model).value());
  plan_.models.push_back(std::move(copy));
  return static_cast<int>(plan_.models.size()) - 1;
}

Shape fed_shape(const Shape& wanted, const Shape& given, std::int64_t extent) {
  Shape shape = given;
  for (int axis = 0; axis < shape.rank(); ++axis)
    if (shape[axis] < 0) shape[axis] = wanted[axis] >= 0 ? wanted[axis] : extent;
  return shape;
}

// One run on zeros of the shapes that the plan feeds; what they leave open is `extent`.
Result<std::vector<Tensor>> PlanBuilder::trial_run(int model, const NodeSpec& spec,
                                                   std::int64_t extent) const {
  const ModelIo& io = loaded_[static_cast<std::size_t>(model)]->io();
  const int fixed = plan_.models[static_cast<std::size_t>(model)].fixed;
  std::vector<Tensor> inputs, results(io.outputs.size());
  for (std::size_t i = 0; i < io.inputs.size(); ++i) {
    const ModelInput& feed = spec.model_inputs[i];
    Shape shape = io.inputs[i].shape;
    if (feed.kind == ModelInput::Kind::kValue) {
      const ValueRef ref = spec.inputs[static_cast<std::size_t>(feed.value)];
      shape = fed_shape(shape, node(ref.node).outputs[static_cast<std::size_t>(ref.output)].shape,
                        extent);
    } else if (feed.kind == ModelInput::Kind::kConstant) {
      shape = feed.constant_shape;
    } else {
      shape = fed_shape(shape, shape, 1);
    }
    if (fixed > 0) shape = with_items(shape, fixed);
    Tensor tensor = allocate_tensor(io.inputs[i].dtype, shape);
    std::fill_n(tensor.bytes_data(), tensor.bytes(), std::byte{0});
    if (feed.kind == ModelInput::Kind::kConstant)
      std::copy_n(reinterpret_cast<const std::byte*>(feed.constant.data()), feed.constant.size(),
                  tensor.bytes_data());
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
  if (std::ranges::all_of(outputs, [](const TensorSpec& o) { return o.shape.is_static(); }))
    return outputs;
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
    if (plan_.models[static_cast<std::size_t>(model)].fixed > 0) shape = with_items(shape, 1);
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

Result<ModelInput> constant_input(const TensorSpec& wanted, const Tensor& constant,
                                  const std::string& where) {
  TensorSpec given{"constant", constant.dtype(), constant.shape(), 0};
  EDGERT_RETURN_IF_ERROR(check_feed(wanted, given, where));
  ModelInput input;
  input.kind = ModelInput::Kind::kConstant;
  input.constant.assign(reinterpret_cast<const char*>(constant.bytes_data()), constant.bytes());
  input.constant_shape = constant.shape();
  return input;
}

Result<ModelInput> state_input(const ModelIo& io, const TensorSpec& wanted,
                               const std::string& output, const std::string& where) {
  const int index = find_named(io.outputs, output);
  if (index < 0)
    return Status::invalid(where, "there is no output " + quoted(output) + " to carry over");
  EDGERT_RETURN_IF_ERROR(check_feed(wanted, io.outputs[static_cast<std::size_t>(index)], where));
  ModelInput input;
  input.kind = ModelInput::Kind::kState;
  input.state_output = index;
  return input;
}

}  // namespace

Result<ValueRef> PlanBuilder::run_model(int model, const std::map<std::string, ModelFeed>& feeds,
                                        const std::string& name, OnGap on_gap) {
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
  if (on_gap == OnGap::kCarry) spec.params.set("on_gap", std::string("carry"));
  for (const TensorSpec& wanted : io.inputs) {
    const std::string at = where + ": input " + quoted(wanted.name);
    const auto feed = feeds.find(wanted.name);
    if (feed == feeds.end())
      return Status::invalid(at, "is not fed", "name a step, a constant or a state for it");
    ModelInput input;
    if (feed->second.value) {
      EDGERT_ASSIGN_OR_RETURN(const TensorSpec* given, tensor_spec(*feed->second.value));
      EDGERT_RETURN_IF_ERROR(check_feed(wanted, *given, at));
      input.value = static_cast<int>(spec.inputs.size());
      spec.inputs.push_back(*feed->second.value);
    } else if (!feed->second.state_of.empty()) {
      if (model_spec.batch > 1) return batch_of_state(where);
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
  if (same != by_identity_.end()) return same->second;
  const auto carried = [](const ModelInput& input) {
    return input.kind == ModelInput::Kind::kState;
  };
  spec.stateful = loaded_[static_cast<std::size_t>(model)]->keeps_state() ||
                  std::ranges::any_of(spec.model_inputs, carried);
  auto outputs = model_outputs(model, spec);
  if (!outputs.ok()) return outputs.status().within(where + ": trial run");
  spec.outputs = std::move(outputs).value();
  return intern(std::move(spec));
}

}  // namespace edgert
