#include "bindings/session.h"

#include <pybind11/stl.h>

#include "bindings/convert.h"
#include "bindings/gil.h"
#include "bindings/python_owner.h"
#include "bindings/status_cast.h"

namespace py = pybind11;
using namespace py::literals;

namespace edgert::python {
namespace {

std::string brought(const py::dict& given) {
  std::string names;
  for (const auto& entry : given) names += " '" + std::string(py::str(entry.first)) + "',";
  if (names.empty()) return {};
  names.back() = ' ';
  names.pop_back();
  return ": got" + names;
}

Result<std::unique_ptr<Session>> make_session(Model& model) {
  const Unlocked unlocked;
  return model.session();
}

}  // namespace

PySession::PySession(const PyModel& of)
    : model_(of.model), session_(take(make_session(*of.model))) {
  for (const TensorSpec& output : model_->io().outputs) {
    names_.push_back(py::str(output.name));
    const bool fixed = output.shape.is_static() && output.bytes() > 0;
    pools_.push_back(fixed ? std::make_unique<BufferPool>(output.bytes(), 1024) : nullptr);
  }
  for (const TensorSpec& input : model_->io().inputs) input_names_.push_back(py::str(input.name));
}

py::dict PySession::run(const py::object& given) {
  release_unused();
  std::vector<Tensor> inputs = to_inputs(given);
  std::vector<Tensor> outputs = blank_outputs();
  Status status;
  {
    const Unlocked unlocked;
    const std::lock_guard<std::mutex> lock(mutex_);
    status = session_->run(inputs, outputs);
  }
  check(status);
  py::dict result;
  for (std::size_t i = 0; i < outputs.size(); ++i) result[names_[i]] = to_array(outputs[i], true);
  return result;
}

Tensor PySession::to_input(py::handle value, std::size_t index) const {
  const std::string& name = model_->io().inputs[index].name;
  if (!py::isinstance<py::array>(value))
    raise(Status::invalid(
        "input '" + name + "'",
        "is " + std::string(py::str(py::type::of(value).attr("__name__"))) + ", not a NumPy array",
        "pass numpy.asarray(x); an array on another device must be brought to the CPU"));
  return share_array(py::reinterpret_borrow<py::array>(value), "input '" + name + "'");
}

std::vector<Tensor> PySession::to_inputs(const py::object& given) const {
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

std::string PySession::wanted() const {
  std::string out = "the model wants";
  for (const TensorSpec& input : model_->io().inputs)
    out += " '" + input.name + "' " + input.text() + ",";
  out.back() = '.';
  return out;
}

std::vector<Tensor> PySession::blank_outputs() const {
  const auto& specs = model_->io().outputs;
  std::vector<Tensor> outputs(specs.size());
  for (std::size_t i = 0; i < specs.size(); ++i) {
    BufferRef buffer = pools_[i] ? pools_[i]->take() : BufferRef();
    if (buffer) outputs[i] = Tensor(std::move(buffer), specs[i].dtype, specs[i].shape);
  }
  return outputs;
}

}  // namespace edgert::python
