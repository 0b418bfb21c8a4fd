// What this machine has: backends, devices, operations.
#include <pybind11/stl.h>

#include "bindings/gil.h"
#include "bindings/register.h"
#include "bindings/status_cast.h"
#include "edgert/base/process_memory.h"
#include "edgert/device/device.h"
#include "edgert/infer/registry.h"
#include "edgert/transform/transform.h"

namespace py = pybind11;
using namespace py::literals;

namespace edgert::python {
namespace {

py::list list_backends() {
  py::list out;
  for (Backend* backend : backends()) {
    const auto info = [&] {
      const Unlocked unlocked;
      return backend->probe();
    }();
    py::list extensions;
    for (std::string_view extension : backend->extensions())
      extensions.append(std::string(extension));
    out.append(py::dict(
        "name"_a = std::string(backend->name()), "available"_a = info.ok(),
        "version"_a = info.ok() ? info->version : "", "library"_a = info.ok() ? info->library : "",
        "reason"_a = info.ok() ? "" : info.status().message(), "extensions"_a = extensions));
  }
  return out;
}

std::string engine_version(const std::string& backend) {
  Backend* found = take(find_backend(backend));
  auto info = [&] {
    const Unlocked unlocked;
    return found->probe();
  }();
  return take(std::move(info)).version;
}

py::list devices() {
  py::list out;
  for (const DeviceInfo& device : list_devices())
    out.append(py::dict(
        "name"_a = device.name, "kind"_a = device.name.substr(0, device.name.find(':')),
        "available"_a = device.available, "reason"_a = device.reason, "detail"_a = device.detail));
  return out;
}

std::vector<std::string> transforms() {
  std::vector<std::string> names;
  for (const TransformEntry& entry : all_transforms()) names.emplace_back(entry.name);
  return names;
}

}  // namespace

void register_machine(py::module_& module) {
  module.def(
      "version", [] { return EDGERT_VERSION; }, "Version of the native core.");
  module.def("backends", &list_backends,
             "Every inference backend of this build: whether its engine is there, which version, "
             "or the reason why not.");
  module.def("engine_version", &engine_version, "backend"_a,
             "The version of one backend's engine, which is opened. Raises NotFoundError, "
             "UnavailableError.");
  module.def("devices", &devices,
             "Every device that this build knows, with the reason where one is absent.");
  module.def("transforms", &transforms, "Names of all operations.");
  module.def(
      "set_engine_library",
      [](const std::string& backend, std::string path) {
        set_engine_library(backend, std::move(path));
      },
      "backend"_a, "path"_a, "Where to look for an engine's shared library; before its first use.");
  module.def("dedicate_process", &dedicate_process,
             "Says that this process is edgert's alone, as `edgert run` does. Call it once, before "
             "anything is loaded: the process then takes less memory, because the allocator gives "
             "back what loading frees (glibc's M_MMAP_THRESHOLD is fixed) and all libraries, not "
             "only the engines, let go of pages that only loading needed.");
}

}  // namespace edgert::python
