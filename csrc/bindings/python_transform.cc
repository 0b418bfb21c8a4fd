// The operation `python`: a transform that is a Python class. edgert.transforms.host is its other
// half. This and python_owner are the files where lanes and Python meet.
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <cstring>

#include "bindings/convert.h"
#include "bindings/gil.h"
#include "bindings/python_calls.h"
#include "bindings/python_owner.h"
#include "bindings/register.h"
#include "bindings/result.h"
#include "bindings/status_cast.h"

namespace py = pybind11;
using namespace py::literals;

namespace edgert::python {
namespace {

constexpr const char* kOperation = "python";

class PythonTransform final : public Transform {
 public:
  PythonTransform(py::object host, std::shared_ptr<PythonCalls> calls,
                  std::vector<TensorSpec> outputs)
      : outputs_(std::move(outputs)),
        calls_(std::move(calls)),
        limit_(static_cast<Nanos>(host.attr("patience").cast<double>() * kSecond)),
        stateful_(host.attr("stateful").cast<bool>()),
        host_(host.ptr()),
        // Let go on whatever thread drops the plan, without the GIL.
        owner_(own_object(std::move(host), nullptr, 0)) {}
  ~PythonTransform() override { calls_->close(); }

  std::span<const TensorSpec> outputs() const override { return outputs_; }
  bool stateful() const override { return stateful_; }
  bool aside() const override { return true; }
  void reset() override { reset_ = true; }

  Status run(std::span<const Input> inputs, RunContext& context) override {
    if (!started_) {
      // A lane apart may wait for the GIL, once: the thread that runs the class is Python's.
      const Locked locked;
      try {
        py::reinterpret_borrow<py::object>(host_).attr("start")();
      } catch (py::error_already_set& error) {
        return Status::engine(kOperation, error.what());
      }
      started_ = true;
    }
    auto made = calls_->call(inputs, std::exchange(reset_, false), limit_);
    if (!made.ok()) return made.status();
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      const Tensor& from = (*made)[i];
      EDGERT_RETURN_IF_ERROR(context.allocate(static_cast<int>(i), from.shape()));
      if (from.bytes() > 0)
        std::memcpy(context.output(static_cast<int>(i)).bytes_data(), from.bytes_data(),
                    from.bytes());
    }
    return {};
  }

 private:
  std::vector<TensorSpec> outputs_;
  std::shared_ptr<PythonCalls> calls_;
  Nanos limit_;
  bool stateful_, started_ = false, reset_ = false;
  PyObject* host_;
  BufferRef owner_;
};

py::dict from_input(const InputFormat& input) {
  return input.frame ? from_format(*input.frame) : from_spec(*input.tensor);
}

// The class says what it makes of the inputs; what it raises is why the plan is refused.
Result<std::unique_ptr<Transform>> make_python(const Params& params,
                                               std::span<const InputFormat> inputs) {
  std::string reference, arguments, isolate;
  double limit = 0;
  EDGERT_ASSIGN_OR_RETURN(reference, params.text("class", ""));
  EDGERT_ASSIGN_OR_RETURN(arguments, params.text("arguments", "{}"));
  EDGERT_ASSIGN_OR_RETURN(isolate, params.text("isolate", "thread"));
  EDGERT_ASSIGN_OR_RETURN(limit, params.real("limit", 1.0));
  EDGERT_RETURN_IF_ERROR(params.only({"class", "arguments", "isolate", "limit"}));
  const Locked locked;
  try {
    py::list formats;
    for (const InputFormat& input : inputs) formats.append(from_input(input));
    auto calls = std::make_shared<PythonCalls>(reference);
    py::object host = py::module_::import("edgert.transforms.host")
                          .attr("Host")(reference, arguments, isolate, limit, formats, calls);
    std::vector<TensorSpec> outputs;
    for (py::handle output : host.attr("outputs"))
      outputs.push_back(to_spec(output.cast<py::dict>(), reference));
    return std::unique_ptr<Transform>(
        new PythonTransform(std::move(host), std::move(calls), std::move(outputs)));
  } catch (py::error_already_set& error) {
    const std::string name = py::str(error.type().attr("__name__"));
    const std::string what = py::str(error.value());
    return Status::invalid("", (name == "Refused" ? "" : name + ": ") + what,
                           "correct the class, or what the document says of it");
  } catch (const std::exception& error) {
    return Status::invalid(reference, error.what(), "correct the class");
  }
}

py::object from_held(const HeldInput& input) {
  return input.frame ? to_frame(input.frame) : py::object(to_array(input.tensor));
}

py::object take_call(PythonCalls& calls) {
  release_unused();
  std::optional<PythonCalls::Taken> taken;
  {
    const Unlocked unlocked;
    taken = calls.take();
  }
  if (!taken) return py::none();
  py::list inputs;
  for (const HeldInput& input : taken->inputs) inputs.append(from_held(input));
  return py::make_tuple(inputs, taken->reset);
}

}  // namespace

void register_python_transform(py::module_& module) {
  check(register_transform(kOperation, "Python", &make_python));
  py::class_<PythonCalls, std::shared_ptr<PythonCalls>>(
      module, "PythonCalls", "What lanes ask of one transform in Python; see edgert.transforms.")
      .def("take", &take_call, "Waits for a call: (inputs, reset), or None once nobody will call.")
      .def(
          "give",
          [](PythonCalls& calls, const std::vector<py::array>& outputs) {
            std::vector<Tensor> tensors;
            tensors.reserve(outputs.size());
            for (const py::array& output : outputs)
              tensors.push_back(share_array(output, "output"));
            calls.give(std::move(tensors));
          },
          "outputs"_a)
      .def("fail", &PythonCalls::fail, "what"_a, "hint"_a)
      .def("close", &PythonCalls::close);
  module.def(
      "registered_transforms", [] { return registered_transforms(); },
      "Names of operations that plug-ins and Python brought.");
}

}  // namespace edgert::python
