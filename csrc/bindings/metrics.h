// What the core counts, for Python.
#pragma once

#include <pybind11/pybind11.h>

#include "edgert/metrics/snapshot.h"

namespace edgert::python {

// Dicts and lists of plain values; the GIL is held.
pybind11::dict to_dict(const Snapshot& snapshot);

}  // namespace edgert::python
