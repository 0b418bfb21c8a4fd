#include "edgert/infer/dynamic_library.h"

#include <dlfcn.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <mutex>
#include <set>

namespace edgert {
namespace {

std::string true_path(void* handle, const std::string& asked) {
  link_map* map = nullptr;
  if (dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0 || !map || !map->l_name[0]) return asked;
  return map->l_name;
}

struct Opened {
  std::mutex mutex;
  std::set<std::string> paths;
};

Opened& opened() {
  static Opened libraries;
  return libraries;
}

// Code that the loader patched in place is not in the file any more.
bool is_patched(const dl_phdr_info& library) {
  for (int i = 0; i < library.dlpi_phnum; ++i) {
    if (library.dlpi_phdr[i].p_type != PT_DYNAMIC) continue;
    const auto* entry =
        reinterpret_cast<const ElfW(Dyn)*>(library.dlpi_addr + library.dlpi_phdr[i].p_vaddr);
    for (; entry->d_tag != DT_NULL; ++entry)
      if (entry->d_tag == DT_TEXTREL ||
          (entry->d_tag == DT_FLAGS && entry->d_un.d_val & DF_TEXTREL))
        return true;
  }
  return false;
}

void release_pages(const dl_phdr_info& library) {
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  for (int i = 0; i < library.dlpi_phnum; ++i) {
    const auto& segment = library.dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || segment.p_flags & PF_W) continue;
    const std::uintptr_t begin = (library.dlpi_addr + segment.p_vaddr + page - 1) / page * page;
    const std::uintptr_t end =
        (library.dlpi_addr + segment.p_vaddr + segment.p_filesz) / page * page;
    if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
  }
}

int release_if_meant(dl_phdr_info* library, std::size_t, void* which) {
  const bool all = *static_cast<DynamicLibrary::Which*>(which) == DynamicLibrary::Which::kAll;
  if ((all || opened().paths.contains(library->dlpi_name)) && !is_patched(*library))
    release_pages(*library);
  return 0;
}

}  // namespace

Result<DynamicLibrary> DynamicLibrary::open(const std::string& path) {
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char* text = dlerror();
    return Status::unavailable(path, text ? text : "can't be opened");
  }
  DynamicLibrary library(handle, true_path(handle, path));
  const std::lock_guard<std::mutex> lock(opened().mutex);
  opened().paths.insert(library.path());
  return library;
}

void DynamicLibrary::release_idle_pages(Which which) {
  const std::lock_guard<std::mutex> lock(opened().mutex);
  dl_iterate_phdr(release_if_meant, &which);
}

void* DynamicLibrary::symbol(const char* name) const {
  return dlsym(handle_, name);
}

}  // namespace edgert
