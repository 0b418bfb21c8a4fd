// What a trace noted, for Python.
#pragma once

#include <pybind11/pybind11.h>

#include "edgert/metrics/trace.h"
#include "edgert/plan/compiled.h"

namespace edgert::python {

// Copies the records into an array; the GIL is held.
pybind11::dict to_dict(const Trace::Log& log, const Plan& plan);

}  // namespace edgert::python
