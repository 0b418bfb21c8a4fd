#include "edgert/transform/plugin.h"

#include <dlfcn.h>

#include <span>

namespace edgert {
namespace {

constexpr const char* kRebuild = "build it again with this edgert's headers and compiler";

Status check_plugin(const std::string& where, const EdgertPlugin* plugin) {
  if (!plugin || plugin->size < 2 * sizeof(std::uint32_t))
    return Status::invalid(where, "hands over nothing", "export it by EDGERT_PLUGIN");
  if (plugin->abi != kPluginAbi)
    return Status::invalid(where,
                           "was built for version " + std::to_string(plugin->abi) +
                               " of the plug-in interface, this is version " +
                               std::to_string(kPluginAbi),
                           kRebuild);
  if (plugin->size != sizeof(EdgertPlugin) || std::string(plugin->toolchain) != kPluginToolchain ||
      plugin->layout != plugin_layout())
    return Status::invalid(where,
                           "was built by another toolchain (" + std::string(plugin->toolchain) +
                               ", here it is " + kPluginToolchain + ")",
                           kRebuild);
  return {};
}

}  // namespace

Result<LoadedPlugin> load_plugin(const std::string& path) {
  const std::string where = "plug-in " + path;
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char* said = dlerror();
    std::string reason = said ? said : "can't be opened";
    if (reason.starts_with(path + ": ")) reason.erase(0, path.size() + 2);
    return Status::invalid(where, std::move(reason), "give a shared library that links libedgert");
  }
  // On success the handle is kept: transforms run code of the library until the process ends.
  const auto refused = [handle](Status status) {
    dlclose(handle);
    return status;
  };
  const auto entry = reinterpret_cast<EdgertPluginEntry>(dlsym(handle, kPluginSymbol));
  if (!entry)
    return refused(Status::invalid(where, "is no plug-in of edgert: it has no edgert_plugin",
                                   "export it by EDGERT_PLUGIN"));
  const EdgertPlugin* plugin = entry();
  if (Status status = check_plugin(where, plugin); !status.ok()) return refused(std::move(status));
  LoadedPlugin loaded{plugin->name, plugin->version, path, {}};
  const std::string from = loaded.name + " " + loaded.version + " (" + path + ")";
  const std::span entries(static_cast<const TransformEntry*>(plugin->entries), plugin->count);
  for (const TransformEntry& each : entries) {
    // Kept open even when a name is refused: those before it may be in use already.
    EDGERT_RETURN_IF_ERROR(register_transform(std::string(each.name), from, each.make));
    loaded.operations.emplace_back(each.name);
  }
  return loaded;
}

}  // namespace edgert
