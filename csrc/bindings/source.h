// C++ sources for Python: Python asks for the next frame and passes it on, without looking inside.
#pragma once

#include <pybind11/pybind11.h>

#include "edgert/memory/frame.h"
#include "edgert/memory/frame_pool.h"
#include "edgert/source/source.h"

namespace edgert::python {

// One frame of a C++ source, on its way to a port.
struct SourcedFrame {
  FrameRef frame;
};

}  // namespace edgert::python
