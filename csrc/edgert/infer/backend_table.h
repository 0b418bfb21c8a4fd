// The backends of this build, as CMake found them.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "edgert/infer/backend.h"

namespace edgert {

struct BackendEntry {
  std::string_view name;
  std::unique_ptr<Backend> (*make)();
};

std::span<const BackendEntry> backend_table();

}  // namespace edgert
