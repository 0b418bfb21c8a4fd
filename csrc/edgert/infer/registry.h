// All backends that this build has. Registration is a generated table, not static constructors.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "edgert/infer/backend.h"

namespace edgert {

// The backends in a fixed order. Each is made once and lives as long as the process.
std::span<Backend* const> backends();
Result<Backend*> find_backend(std::string_view name);
// By the file's ending; an error lists what endings are known.
Result<Backend*> backend_for_file(std::string_view file);

// Where to look for an engine's library before the environment (EDGERT_<NAME>_LIBRARY) and the
// system's soname; Python passes the path inside the installed wheel. To be called before the
// first probe of that backend; later calls change nothing.
void set_engine_library(std::string_view backend, std::string path);

// The paths to try, in order: the user's environment variable, what set_engine_library() gave,
// then `soname`.
std::vector<std::string> engine_library_candidates(std::string_view backend,
                                                   std::string_view soname);

}  // namespace edgert
