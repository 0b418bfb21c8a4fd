// A frame as Python sees it.
#pragma once

#include <pybind11/pybind11.h>

#include "edgert/memory/frame.h"

namespace edgert::python {

struct PyFrame {
  FrameRef frame;
};

// Read-only views of an image's planes, and of sound or table rows (None of an image).
pybind11::list planes(const PyFrame& self);
pybind11::object samples(const PyFrame& self);

}  // namespace edgert::python
