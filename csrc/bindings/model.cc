// Models and sessions by themselves, without a plan.
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <mutex>

#include "bindings/convert.h"
#include "bindings/python_owner.h"
#include "bindings/register.h"
#include "bindings/status_cast.h"
#include "edgert/infer/model_cache.h"
#include "edgert/infer/registry.h"
#include "edgert/memory/pool.h"

namespace py = pybind11;
using namespace py::literals;

namespace edgert::python {
namespace {

struct PyModel {
  std::string file, backend;
  std::shared_ptr<Model> model;
};

// One concurrency context. Calls from several threads wait for each other.
class PySession {
 public:
  explicit PySession(const PyModel& of) : model_(of.model) {
    {
      py::gil_scoped_release unlocked;
      auto made = model_->session();
      if (made.ok())
        session_ = std::move(made).value();
      else
        error_ = made.status();
    }
    check(error_);
    for (const TensorSpec& output : model_->io().outputs) {
      names_.push_back(py::str(output.name));
      const bool fixed = output.shape.is_static() && output.bytes() > 0;
      pools_.push_back(fixed ? std::make_unique<BufferPool>(output.bytes(), 1024) : nullptr);
    }
    for (const TensorSpec& input : model_->io().inputs) input_names_.push_back(py::str(input.name));
  }

  py::dict run(const py::object& given) {
    release_unused();
    std::vector<Tensor> inputs = to_inputs(given);
    std::vector<Tensor> outputs = blank_outputs();
    Status status;
    {
      py::gil_scoped_release unlocked;
      const std::lock_guard<std::mutex> lock(mutex_);
      status = session_->run(inputs, outputs);
    }
    check(status);
    py::dict result;
    for (std::size_t i = 0; i < outputs.size(); ++i) result[names_[i]] = to_array(outputs[i], true);
    return result;
  }

 private:
  Tensor to_input(py::handle value, std::size_t index) const {
    const std::string& name = model_->io().inputs[index].name;
    if (!py::isinstance<py::array>(value))
      raise(Status::invalid(
          "input '" + name + "'",
          "is " + std::string(py::str(py::type::of(value).attr("__name__"))) +
              ", not a NumPy array",
          "pass numpy.asarray(x); an array on another device must be brought to the CPU"));
    return share_array(py::reinterpret_borrow<py::array>(value), "input '" + name + "'");
  }

  std::vector<Tensor> to_inputs(const py::object& given) const {
    const std::size_t count = input_names_.size();
    std::vector<Tensor> inputs;
    inputs.reserve(count);
    if (py::isinstance<py::dict>(given)) {
      const auto dict = py::reinterpret_borrow<py::dict>(given);
      for (std::size_t i = 0; i < count; ++i) {
        PyObject* value = PyDict_GetItemWithError(dict.ptr(), input_names_[i].ptr());
        if (!value)
          raise(Status::invalid("input '" + model_->io().inputs[i].name + "'",
                                "is missing" + brought(dict), wanted()));
        inputs.push_back(to_input(value, i));
      }
      if (dict.size() != count)
        raise(Status::invalid(
            "inputs", "there are names that the model does not know" + brought(dict), wanted()));
    } else if (py::isinstance<py::list>(given) || py::isinstance<py::tuple>(given)) {
      const auto list = py::reinterpret_borrow<py::sequence>(given);
      if (list.size() != count)
        raise(Status::invalid("inputs", "got " + std::to_string(list.size()), wanted()));
      for (std::size_t i = 0; i < count; ++i) inputs.push_back(to_input(list[i], i));
    } else {
      if (count != 1) raise(Status::invalid("inputs", "got one array", wanted()));
      inputs.push_back(to_input(given, 0));
    }
    return inputs;
  }

  static std::string brought(const py::dict& given) {
    std::string names;
    for (const auto& entry : given) names += " '" + std::string(py::str(entry.first)) + "',";
    if (names.empty()) return {};
    names.back() = ' ';
    names.pop_back();
    return ": got" + names;
  }

  std::string wanted() const {
    std::string out = "the model wants";
    for (const TensorSpec& input : model_->io().inputs)
      out += " '" + input.name + "' " + input.text() + ",";
    out.back() = '.';
    return out;
  }

  std::vector<Tensor> blank_outputs() const {
    const auto& specs = model_->io().outputs;
    std::vector<Tensor> outputs(specs.size());
    for (std::size_t i = 0; i < specs.size(); ++i) {
      BufferRef buffer = pools_[i] ? pools_[i]->take() : BufferRef();
      if (buffer) outputs[i] = Tensor(std::move(buffer), specs[i].dtype, specs[i].shape);
    }
    return outputs;
  }

  std::shared_ptr<Model> model_;
  Status error_;
  std::unique_ptr<Session> session_;
  std::vector<py::str> names_, input_names_;
  std::vector<std::unique_ptr<BufferPool>> pools_;
  std::mutex mutex_;
};

PyModel load_model(const std::string& file, const std::string& backend_name, int threads,
                   const py::dict& engine) {
  ModelOptions options{threads, to_params(engine, "engine")};
  Backend* backend =
      take(backend_name.empty() ? backend_for_file(file) : find_backend(backend_name));
  auto loaded = [&] {
    py::gil_scoped_release unlocked;
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
