// Loading plug-ins.
#include "edgert/transform/plugin.h"

#include <pybind11/stl.h>

#include "bindings/operation.h"
#include "bindings/status_cast.h"

namespace py = pybind11;
using namespace py::literals;

namespace edgert::python {

void register_plugin(py::module_& module) {
  module.attr("plugin_abi") = kPluginAbi;
  module.def(
      "load_plugin",
      [](const std::string& path) {
        const LoadedPlugin loaded = take(load_plugin(path));
        return py::dict("name"_a = loaded.name, "version"_a = loaded.version,
                        "path"_a = loaded.path, "operations"_a = loaded.operations);
      },
      "path"_a, "Registers the transforms of a shared library for the rest of the process.");
}

}  // namespace edgert::python
