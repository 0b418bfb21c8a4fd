#pragma once

#include <pybind11/pybind11.h>

#include "edgert/plan/answer.h"
#include "edgert/plan/compiled.h"

namespace edgert::python {

// The Python object of a result; takes the references out of `answer`. The GIL is held.
pybind11::object to_result(Answer& answer, const Plan& plan);

}  // namespace edgert::python
