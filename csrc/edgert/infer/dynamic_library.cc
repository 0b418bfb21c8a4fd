#include "edgert/infer/dynamic_library.h"

#include <dlfcn.h>
#include <link.h>

namespace edgert {
namespace {

std::string true_path(void* handle, const std::string& asked) {
  link_map* map = nullptr;
  if (dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0 || !map || !map->l_name[0]) return asked;
  return map->l_name;
}

}  // namespace

Result<DynamicLibrary> DynamicLibrary::open(const std::string& path) {
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char* text = dlerror();
    return Status::unavailable(path, text ? text : "can't be opened");
  }
  return DynamicLibrary(handle, true_path(handle, path));
}

void* DynamicLibrary::symbol(const char* name) const {
  return dlsym(handle_, name);
}

}  // namespace edgert
