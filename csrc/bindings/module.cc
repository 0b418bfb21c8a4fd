// The native module: a list of what is registered, one file a noun.
#include "bindings/register.h"

PYBIND11_MODULE(_native, module) {
  module.doc() = "edgert's C++ core. The public names are those of the package `edgert`.";
  edgert::python::register_errors(module);
  edgert::python::register_frame(module);
  edgert::python::register_jpeg(module);
  edgert::python::register_machine(module);
  edgert::python::register_model(module);
  edgert::python::register_measure(module);
  edgert::python::register_operation(module);
  edgert::python::register_plan(module);
  edgert::python::register_python_transform(module);
  edgert::python::register_result(module);
  edgert::python::register_source_types(module);
  edgert::python::register_runtime(module);
  edgert::python::register_share(module);
  edgert::python::register_simulation(module);
}
