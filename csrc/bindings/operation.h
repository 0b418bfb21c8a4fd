#pragma once

#include <pybind11/pybind11.h>

#include <string>

namespace edgert::python {

// The specs of an operation's outputs on inputs of these formats or specs; refuses as a plan would.
pybind11::list outputs_of(const std::string& op, const pybind11::dict& params,
                          const pybind11::list& inputs);

// Who brings further operations.
void register_plugin(pybind11::module_& module);

}  // namespace edgert::python
