// Reads the .npy files that make_models.py writes.
#pragma once

#include <string>

#include "edgert/memory/tensor.h"

namespace edgert::conformance {

// Throws std::runtime_error when the file is missing or not understood: it is the suite's own.
Tensor load_npy(const std::string& path);

}  // namespace edgert::conformance
