// Finding an engine's library among the places where it may be.
#pragma once

#include <string_view>

#include "edgert/infer/dynamic_library.h"

namespace edgert {

// Opens the first of engine_library_candidates(backend, soname) that opens. The error names every
// path that was tried with the loader's reason, and says `install`.
Result<DynamicLibrary> open_engine_library(std::string_view backend, std::string_view soname,
                                           std::string_view install);

// "EDGERT_ONNXRUNTIME_LIBRARY" for "onnxruntime".
std::string engine_library_variable(std::string_view backend);

}  // namespace edgert
