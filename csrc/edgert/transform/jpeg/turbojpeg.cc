#include "edgert/transform/jpeg/turbojpeg.h"

#include <dlfcn.h>

#include <cstdlib>
#include <string>

namespace edgert {
namespace {

template <class F>
bool resolve(void* library, const char* name, F& function) {
  function = reinterpret_cast<F>(dlsym(library, name));
  return function != nullptr;
}

Result<TurboJpeg> load() {
  const char* given = std::getenv("EDGERT_TURBOJPEG_LIBRARY");
  const std::string path = given && *given ? given : "libturbojpeg.so.0";
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    return Status(
        Code::kUnavailable, "libjpeg-turbo", std::string(dlerror()),
        "install libturbojpeg0 (on Ubuntu libturbojpeg), or set EDGERT_TURBOJPEG_LIBRARY");
  }
  TurboJpeg api{};
  const bool all = resolve(library, "tjInitDecompress", api.init_decompress) &&
                   resolve(library, "tjDecompressHeader3", api.decompress_header) &&
                   resolve(library, "tjDecompressToYUVPlanes", api.decompress_to_planes) &&
                   resolve(library, "tjGetErrorStr2", api.error_text) &&
                   resolve(library, "tjDestroy", api.destroy);
  if (all) return api;
  dlclose(library);
  return Status(Code::kUnavailable, "libjpeg-turbo", path + " lacks functions of TurboJPEG 2",
                "install libjpeg-turbo 2.0 or later");
}

}  // namespace

Result<const TurboJpeg*> turbojpeg() {
  static const Result<TurboJpeg> loaded = load();
  if (!loaded.ok()) return loaded.status();
  return &*loaded;
}

}  // namespace edgert
