// A plan as Python's dicts and lists: nodes, sensors, devices, models, pipelines.
#pragma once

#include <pybind11/pybind11.h>

#include "edgert/plan/spec.h"

namespace edgert::python {

pybind11::dict describe(const PlanSpec& plan);

}  // namespace edgert::python
