// What of sharing frames the runtime's bindings need.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstdint>
#include <string>
#include <vector>

#include "edgert/lease/share_server.h"

namespace edgert::python {

// From None or a dict of path, slots, slot_bytes, most_held; an unknown key is refused.
ShareOptions to_share_options(const pybind11::object& share);

// A writable array in the segment. Raises ExhaustedError when none is left, or it doesn't fit.
pybind11::array share_memory(ShareServer& server, const std::vector<std::int64_t>& shape,
                             const std::string& dtype);

}  // namespace edgert::python
