#include <array>

#include "bindings/register.h"
#include "bindings/status_cast.h"

namespace py = pybind11;

namespace edgert::python {
namespace {

struct ErrorType {
  Code code;
  const char* name;
  PyObject** base;  // a built-in that fits too, or null
  const char* doc;
  PyObject* type = nullptr;
};

PyObject* base_error = nullptr;

std::array<ErrorType, 8>& types() {
  static std::array<ErrorType, 8> table{{
      {Code::kInvalid, "InvalidError", &PyExc_ValueError,
       "The caller's data or document is wrong."},
      {Code::kNotFound, "NotFoundError", &PyExc_LookupError, "A named thing is not there."},
      {Code::kUnavailable, "UnavailableError", nullptr,
       "An engine, device or sensor is not there on this machine."},
      {Code::kExhausted, "ExhaustedError", nullptr, "Memory, a quota or a queue is used up."},
      {Code::kDeadline, "DeadlineError", &PyExc_TimeoutError, "A bound passed."},
      {Code::kCancelled, "CancelledError", nullptr, "Nobody waits for it any more."},
      {Code::kEngine, "EngineError", nullptr, "An inference engine reported a failure."},
      {Code::kInternal, "InternalError", nullptr, "A bug in edgert."},
  }};
  return table;
}

PyObject* type_of(Code code) {
  for (const ErrorType& type : types())
    if (type.code == code) return type.type;
  return base_error;
}

}  // namespace

void register_errors(py::module_& module) {
  base_error = PyErr_NewExceptionWithDoc(
      "edgert._native.Error", "What went wrong: `code`, `where`, `what`, and in `hint` what to do.",
      nullptr, nullptr);
  module.attr("Error") = py::handle(base_error);
  for (ErrorType& type : types()) {
    py::tuple bases = py::make_tuple(py::handle(base_error));
    if (type.base) bases = py::make_tuple(py::handle(base_error), py::handle(*type.base));
    const std::string name = std::string("edgert._native.") + type.name;
    type.type = PyErr_NewExceptionWithDoc(name.c_str(), type.doc, bases.ptr(), nullptr);
    module.attr(type.name) = py::handle(type.type);
  }
}

py::object to_exception(const Status& status) {
  py::object error = py::reinterpret_borrow<py::object>(type_of(status.code()))(status.message());
  error.attr("code") = std::string(code_name(status.code()));
  error.attr("where") = std::string(status.where());
  error.attr("what") = std::string(status.what());
  error.attr("hint") = std::string(status.hint());
  return error;
}

void raise(const Status& status) {
  py::object error = to_exception(status);
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(error.ptr())), error.ptr());
  throw py::error_already_set();
}

}  // namespace edgert::python
