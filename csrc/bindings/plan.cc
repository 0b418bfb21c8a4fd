// What Python calls to build a plan, and what it gets.
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include "bindings/operation.h"
#include "bindings/plan_builder.h"
#include "bindings/plan_description.h"
#include "bindings/register.h"
#include "edgert/plan/plan_file.h"

namespace py = pybind11;
using namespace py::literals;

namespace edgert::python {
void register_plan(py::module_& module) {
  py::class_<PyValue>(module, "Value", "One output of one node of a plan under construction.")
      .def_property_readonly("node", [](const PyValue& v) { return v.ref.node; })
      .def_property_readonly("output", [](const PyValue& v) { return v.ref.output; })
      .def("__eq__",
           [](const PyValue& v, const py::object& other) {
             if (!py::isinstance<PyValue>(other)) return false;
             const auto& of = other.cast<const PyValue&>();
             return v.builder == of.builder && v.ref == of.ref;
           })
      .def("__hash__", [](const PyValue& v) { return v.ref.node * 64 + v.ref.output; })
      .def_property_readonly(
          "scope", [](const PyValue& v) { return v.node().scope; },
          "Where it runs; a sensor's own scope, or one opened by region().")
      .def_property_readonly(
          "identity", [](const PyValue& v) { return v.builder->identity(v.ref).hex(); },
          "Hash of the operation, its parameters and its inputs.")
      .def_property_readonly(
          "spec", &PyValue::spec,
          "A tensor's name, dtype and shape (-1: known at run time), or a frame's format.")
      .def(
          "out",
          [](const PyValue& v, int index) {
            PyValue other{v.builder, {v.ref.node, v.ref.output + index}};
            take(v.builder->tensor_spec(other.ref));
            return other;
          },
          "index"_a, "Another output of the same node.");
  py::class_<PlanSpec>(module, "PlanSpec", "A finished plan.")
      .def(
          "save",
          [](const PlanSpec& plan, const std::string& path) { check(save_plan(plan, path)); },
          "path"_a)
      .def_static(
          "load", [](const std::string& path) { return take(load_plan(path)); }, "path"_a)
      .def("describe", &describe,
           "Plain data: nodes with who wants them, sensors, models, pipelines.");
  py::class_<PyBuilder>(module, "PlanBuilder",
                        "Builds a plan; equal nodes are one, whoever asks. Errors name the place.")
      .def(py::init<bool>(), "fuse"_a = true)
      .def_property_readonly("fuses", &PyBuilder::fuses,
                             "Whether transforms that one pass can do become one node.")
      .def("application", &PyBuilder::application, "name"_a, "weight"_a = 1.0, py::kw_only(),
           "priority"_a = 0, "rate_limit"_a = 0.0, "queue_limit"_a = 0, "memory_limit"_a = 0,
           "share"_a = 0.0, "shares"_a = std::map<std::string, double>(), "cache"_a = "own",
           "Limits of 0 are none. `share` is of each device's time, `shares` of those that are "
           "named "
           "there. `cache`: who gets its results of equal content (own, others, off).")
      .def("private_to", &PyBuilder::private_to, "owner"_a,
           "What is added from now on is this owner's alone; empty: shared by all.")
      .def("sensor", &PyBuilder::sensor, "name"_a, "format"_a, "inbox"_a = "block", "queue"_a = 4,
           "in_flight"_a = 4, "cache"_a = false)
      .def("model", &PyBuilder::model, "name"_a, "file"_a, "backend"_a = "", "threads"_a = 1,
           "instances"_a = 0, "engine"_a = py::dict(), "batch"_a = 1,
           "devices"_a = std::vector<int>{-1},
           "Works that may run as one: `batch` at most. `devices`: what device() returned, or -1: "
           "the processor. It is loaded on each, and runs on the first until set_places().")
      .def("device", &PyBuilder::device, "name"_a, "type"_a = "sim", "streams"_a = 1,
           "in_flight"_a = 2, "gpu"_a = 0,
           "A device on whose streams models run: of type sim, or cuda, a GPU's. Returns its "
           "index.")
      .def("run_times", &PyBuilder::run_times, "device"_a, "model"_a, "times"_a,
           "How long a model's runs take on a simulated device: a dict of threads, points and "
           "beside, as Simulation takes it; idle: ms more of a run that finds its stream idle.")
      .def("model_io", &PyBuilder::model_io, "model"_a)
      .def("expect", &PyBuilder::expect, "model"_a, "run_ms"_a,
           "What a run of it should take, until runs are measured; of the nodes added so far.")
      .def("transform", &PyBuilder::transform, "op"_a, "params"_a, "inputs"_a, "name"_a = "")
      .def_static("outputs", &outputs_of, "op"_a, "params"_a, "inputs"_a,
                  "The outputs' specs of an operation on inputs of these specs; adds no node.")
      .def("run_model", &PyBuilder::run_model, "model"_a, "inputs"_a, "constants"_a = py::dict(),
           "state"_a = py::dict(), "name"_a = "", "carry_over_gaps"_a = false)
      .def("region", &PyBuilder::region, "rows"_a, "apart"_a = "",
           "What runs once for each row; with another `apart`, on rows of its own.")
      .def("gather", &PyBuilder::gather, "value"_a, "stack"_a = true)
      .def("gate", &PyBuilder::gate, "value"_a, "index"_a = 0, "above"_a = py::none(),
           "below"_a = py::none(), "reduce"_a = "any", "hold_ms"_a = 0.0, "under"_a = py::none(),
           "name"_a = "")
      .def("join", &PyBuilder::join, "frame"_a, "value"_a, "by"_a = "nearest",
           "tolerance_ms"_a = py::none(), "wait_ms"_a = py::none(), "clock"_a = "capture",
           "rows"_a = false, "under"_a = py::none(), "name"_a = "",
           "What `value`, of another sensor, gave at the time of `frame`, a sensor's own value.")
      .def(
          "pipeline", &PyBuilder::pipeline, "name"_a, "application"_a, "sensor"_a, "outputs"_a,
          "rate"_a = 0.0, "every"_a = 1, "latency_ms"_a = 0.0, "on_miss"_a = "drop", "queue"_a = 16,
          "when_full"_a = "block", "overload"_a = "drop", "share"_a = "all",
          "reuse"_a = std::vector<PyBuilder::PyReuse>(),
          "`reuse`: (value, max_age_ms, cells or None, threshold, range of cells) of each value of "
          "which an earlier result serves.")
      .def("waits_for_itself", &PyBuilder::waits_for_itself, "sensor"_a, "outputs"_a,
           "Whether a pipeline with these outputs has conditions that, with those of the pipelines "
           "that are there, wait for each other.")
      .def("finish", &PyBuilder::finish);
}

}  // namespace edgert::python
