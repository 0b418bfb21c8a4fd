// Models and sessions by themselves, without a plan.
#include <pybind11/stl.h>

#include "bindings/convert.h"
#include "bindings/gil.h"
#include "bindings/register.h"
#include "bindings/session.h"
#include "bindings/status_cast.h"
#include "edgert/infer/model_cache.h"
#include "edgert/infer/registry.h"

namespace py = pybind11;
using namespace py::literals;

namespace edgert::python {
namespace {

PyModel load_model(const std::string& file, const std::string& backend_name, int threads,
                   const py::dict& engine) {
  ModelOptions options{threads, to_params(engine, "engine")};
  Backend* backend =
      take(backend_name.empty() ? backend_for_file(file) : find_backend(backend_name));
  auto loaded = [&] {
    const Unlocked unlocked;
    auto content = hash_file(file);
    if (!content.ok()) return Result<std::shared_ptr<Model>>(content.status());
    return load_shared(*backend, file, options, *content);
  }();
  return {file, std::string(backend->name()), take(std::move(loaded))};
}

py::dict metadata(const PyModel& model) {
  py::dict out;
  for (const auto& [key, value] : model.model->io().metadata) out[py::str(key)] = value;
  return out;
}

}  // namespace

void register_model(py::module_& module) {
  // Both before their methods, so that signatures name them.
  py::class_<PyModel> model(
      module, "Model",
      "A loaded model. Its weights are in memory once, whatever the number of sessions.");
  py::class_<PySession> session(module, "Session", "One concurrency context of a model.");
  model.def_readonly("file", &PyModel::file)
      .def_readonly("backend", &PyModel::backend)
      .def_property_readonly(
          "inputs", [](const PyModel& m) { return from_inputs(m.model->io()); },
          "List of dicts: name, dtype, shape (-1: free).")
      .def_property_readonly(
          "outputs", [](const PyModel& m) { return from_outputs(m.model->io()); },
          "List of dicts: name, dtype, shape (-1: free).")
      .def_property_readonly("metadata", &metadata, "What the file says of itself.")
      .def(
          "session", [](const PyModel& m) { return std::make_unique<PySession>(m); },
          "A session: one run at a time; make one a thread.");
  session.def(py::init<const PyModel&>(), "model"_a)
      .def("run", &PySession::run, "inputs"_a,
           "Runs the model. `inputs`: a dict by name, a list in the model's order, or the one "
           "array; C-contiguous NumPy arrays of the\n"
           "model's dtypes and shapes, read in place. Returns a dict of arrays by output name. "
           "Raises InvalidError, EngineError.")
      .def(
          "run",
          [](PySession& self, const py::args& in_order, const py::kwargs& by_name) {
            if (!in_order.empty() && !by_name.empty())
              raise(Status::invalid("inputs", "some come in order, and some by name",
                                    "give all by name, or all in order"));
            return by_name.empty() ? self.run(in_order) : self.run(by_name);
          },
          "The same with several inputs in the model's order, `run(a, b)`, or by name, "
          "`run(image=x)`.");
  module.def("load_model", &load_model, "file"_a, "backend"_a = "", "threads"_a = 1,
             "engine"_a = py::dict(),
             "Loads a model file. `backend`: by its name, or by the file's ending. `engine`: "
             "options of that engine.");
}

}  // namespace edgert::python
