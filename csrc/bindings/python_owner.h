// Python objects that own memory which the core uses. The last reference may go on a lane, which
// must never take the GIL: the object is pushed to a lock-free list, and the next call from
// Python releases what is on it.
#pragma once

#include <pybind11/pybind11.h>

#include <atomic>
#include <memory>
#include <vector>

#include "edgert/memory/buffer.h"

namespace edgert::python {

// Keeps `objects` (or Py_buffers) alive as long as the returned buffer. The GIL is held.
BufferRef own_object(pybind11::object object, void* data, std::size_t size);
// While `count` is given, it says how many such buffers are still used.
using HeldCount = std::shared_ptr<std::atomic<std::int64_t>>;
BufferRef own_views(std::vector<Py_buffer> views, HeldCount count = {});

// Releases what the core no longer uses. The GIL is held.
void release_unused();

}  // namespace edgert::python
