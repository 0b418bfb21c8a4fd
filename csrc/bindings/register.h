#pragma once

#include <pybind11/pybind11.h>

namespace edgert::python {

void register_errors(pybind11::module_& module);
void register_frame(pybind11::module_& module);
void register_jpeg(pybind11::module_& module);
void register_machine(pybind11::module_& module);
void register_measure(pybind11::module_& module);
void register_model(pybind11::module_& module);
void register_operation(pybind11::module_& module);
void register_plan(pybind11::module_& module);
void register_python_transform(pybind11::module_& module);
void register_result(pybind11::module_& module);
void register_runtime(pybind11::module_& module);
void register_share(pybind11::module_& module);
void register_simulation(pybind11::module_& module);
void register_source_types(pybind11::module_& module);

}  // namespace edgert::python
