#include "edgert/infer/registry.h"

#include <vector>

#include "edgert/infer/backend_table.h"

namespace edgert {
namespace {

// Never destroyed: an engine's own threads may outlive main().
const std::vector<Backend*>& all() {
  static const auto* made = [] {
    auto* list = new std::vector<Backend*>;
    for (const BackendEntry& entry : backend_table()) list->push_back(entry.make().release());
    return list;
  }();
  return *made;
}

std::string known_names() {
  std::string out;
  for (const Backend* backend : all()) {
    if (!out.empty()) out += ", ";
    out += backend->name();
  }
  return out;
}

std::string known_endings() {
  std::string out;
  for (const Backend* backend : all()) {
    for (std::string_view ending : backend->extensions()) {
      if (!out.empty()) out += ", ";
      out += ending;
    }
  }
  return out;
}

}  // namespace

std::span<Backend* const> backends() {
  return all();
}

Result<Backend*> find_backend(std::string_view name) {
  for (Backend* backend : all())
    if (backend->name() == name) return backend;
  return Status(Code::kNotFound, "backend " + std::string(name), "this build has no such backend",
                "use one of: " + known_names());
}

Result<Backend*> backend_for_file(std::string_view file) {
  for (Backend* backend : all())
    for (std::string_view ending : backend->extensions())
      if (file.ends_with(ending)) return backend;
  return Status(Code::kNotFound, std::string(file), "no backend reads files of this ending",
                "known endings: " + known_endings() + "; or name the backend in the document");
}

}  // namespace edgert
