#pragma once

#include <pybind11/pybind11.h>

#include "edgert/memory/frame.h"
#include "edgert/plan/answer.h"
#include "edgert/plan/compiled.h"

namespace edgert::python {

// The Python object of a result; takes the references out of `answer`. The GIL is held.
pybind11::object to_result(Answer& answer);
// A frame as Python sees it, kept alive as long as that.
pybind11::object to_frame(FrameRef frame);

}  // namespace edgert::python
