#include "edgert/infer/engine_library.h"

#include <cctype>
#include <cstdlib>
#include <map>
#include <mutex>

#include "edgert/infer/registry.h"

namespace edgert {
namespace {

struct GivenPaths {
  std::mutex mutex;
  std::map<std::string, std::string, std::less<>> by_backend;
};

GivenPaths& given() {
  static auto* paths = new GivenPaths;
  return *paths;
}

}  // namespace

std::string engine_library_variable(std::string_view backend) {
  std::string name = "EDGERT_";
  for (char c : backend)
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name + "_LIBRARY";
}

void set_engine_library(std::string_view backend, std::string path) {
  std::lock_guard lock(given().mutex);
  given().by_backend.insert_or_assign(std::string(backend), std::move(path));
}

std::vector<std::string> engine_library_candidates(std::string_view backend,
                                                   std::string_view soname) {
  std::vector<std::string> paths;
  const char* chosen = std::getenv(engine_library_variable(backend).c_str());
  if (chosen && *chosen) paths.emplace_back(chosen);
  {
    std::lock_guard lock(given().mutex);
    if (auto it = given().by_backend.find(backend); it != given().by_backend.end())
      paths.push_back(it->second);
  }
  if (!soname.empty()) paths.emplace_back(soname);
  return paths;
}

Result<DynamicLibrary> open_engine_library(std::string_view backend, std::string_view soname,
                                           std::string_view install) {
  std::string tried;
  for (const std::string& path : engine_library_candidates(backend, soname)) {
    auto library = DynamicLibrary::open(path);
    if (library.ok()) return library;
    if (!tried.empty()) tried += "; ";
    tried += library.status().what();
  }
  return Status::unavailable(
      "backend " + std::string(backend), "its engine's library was not found (" + tried + ")",
      std::string(install) + ", or set " + engine_library_variable(backend) + " to its path");
}

}  // namespace edgert
