#include "bindings/plan_description.h"

#include <pybind11/stl.h>

#include <set>

#include "bindings/convert.h"
#include "edgert/plan/node_run.h"
#include "edgert/plan/room_plan.h"

namespace py = pybind11;
using namespace py::literals;

namespace edgert::python {
namespace {

// Stands for what a transform does, or a join that lanes have work with, whoever it is done for:
// its operation, parameters and the tensors that it reads. What was measured of one holds for all
// that have the same.
std::string work_of(const PlanSpec& plan, const NodeSpec& node) {
  Hasher hasher;
  if (interpolates_much(node)) {
    hasher.text("interpolate");
    hasher.text(node.outputs[0].shape.text());
    return hasher.digest().hex().substr(0, 16);
  }
  if (node.kind != NodeKind::kTransform) return {};
  hasher.text(node.op);
  node.params.hash_into(hasher);
  for (const ValueRef& input : node.inputs) {
    const auto& outputs = plan.nodes[static_cast<std::size_t>(input.node)].outputs;
    const auto index = static_cast<std::size_t>(input.output);
    if (index >= outputs.size()) continue;  // a frame
    hasher.number(static_cast<std::uint64_t>(outputs[index].dtype));
    hasher.text(outputs[index].shape.text());
  }
  return hasher.digest().hex().substr(0, 16);
}

py::list describe_nodes(const PlanSpec& plan, const std::vector<std::set<std::size_t>>& wanted_by) {
  py::list nodes;
  for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
    const NodeSpec& node = plan.nodes[i];
    py::list inputs;
    for (const ValueRef& input : node.inputs)
      inputs.append(py::make_tuple(input.node, input.output));
    std::set<std::string> applications;
    py::list pipelines;
    for (std::size_t p : wanted_by[i]) {
      applications.insert(plan.pipelines[p].application);
      pipelines.append(plan.pipelines[p].application + "/" + plan.pipelines[p].name);
    }
    nodes.append(py::dict(
        "id"_a = i, "op"_a = node.op, "name"_a = node.name, "scope"_a = node.scope,
        "inner"_a = node.inner, "inputs"_a = inputs, "identity"_a = node.identity.hex(),
        "model"_a = node.model, "work"_a = work_of(plan, node), "outputs"_a = node.outputs.size(),
        "private_to"_a = node.private_to, "recalls"_a = node.of, "stateful"_a = node.stateful,
        "applications"_a = std::vector<std::string>(applications.begin(), applications.end()),
        "pipelines"_a = pipelines));
  }
  return nodes;
}

void mark_wanted(const PlanSpec& plan, int node, std::size_t pipeline,
                 std::vector<std::set<std::size_t>>& wanted_by) {
  if (!wanted_by[static_cast<std::size_t>(node)].insert(pipeline).second) return;
  for (const ValueRef& input : plan.nodes[static_cast<std::size_t>(node)].inputs)
    mark_wanted(plan, input.node, pipeline, wanted_by);
  if (const int gate = plan.nodes[static_cast<std::size_t>(node)].gate; gate >= 0)
    mark_wanted(plan, gate, pipeline, wanted_by);
}

std::vector<std::string> devices_of(const PlanSpec& plan, const ModelSpec& model) {
  std::vector<std::string> names;
  for (const int device : model.devices) names.push_back(device_name(plan, device));
  return names;
}

}  // namespace

py::dict describe(const PlanSpec& plan) {
  std::vector<std::set<std::size_t>> wanted_by(plan.nodes.size());
  py::list sensors, models, pipelines;
  for (std::size_t p = 0; p < plan.pipelines.size(); ++p) {
    const PipelineSpec& pipeline = plan.pipelines[p];
    py::list outputs;
    for (const OutputSpec& output : pipeline.outputs) {
      mark_wanted(plan, output.value.node, p, wanted_by);
      if (output.gate >= 0) mark_wanted(plan, output.gate, p, wanted_by);
      outputs.append(py::dict("name"_a = output.name, "node"_a = output.value.node,
                              "output"_a = output.value.output, "gate"_a = output.gate));
    }
    pipelines.append(py::dict(
        "name"_a = pipeline.name, "application"_a = pipeline.application,
        "sensor"_a = plan.sensors[static_cast<std::size_t>(pipeline.sensor)].name,
        "outputs"_a = outputs, "share"_a = pipeline.share == Share::kPrivate ? "private" : "all"));
  }
  const RoomPlan room = plan_room(plan, short_outputs(plan));
  for (std::size_t i = 0; i < plan.sensors.size(); ++i) {
    const SensorSpec& sensor = plan.sensors[i];
    sensors.append(py::dict("name"_a = sensor.name, "format"_a = from_format(sensor.format),
                            "node"_a = sensor.node, "tensor_bytes"_a = room.sensors[i].sum,
                            "peak_bytes"_a = room.sensors[i].peak));
  }
  for (const ModelSpec& model : plan.models)
    models.append(py::dict("name"_a = model.name, "file"_a = model.file,
                           "backend"_a = model.backend, "threads"_a = model.threads,
                           "batch"_a = model.batch, "devices"_a = devices_of(plan, model)));
  py::list devices;
  for (const DeviceSpec& device : plan.devices)
    devices.append(py::dict("name"_a = device.name, "streams"_a = device.streams));
  return py::dict("nodes"_a = describe_nodes(plan, wanted_by), "sensors"_a = sensors,
                  "devices"_a = devices, "models"_a = models, "pipelines"_a = pipelines);
}

}  // namespace edgert::python
