// Transforms from a shared library of somebody else's.
//
//   #include <edgert/transform/plugin.h>
//   const edgert::TransformEntry kEntries[] = {{"acme.sharpen", &make_sharpen}};
//   EDGERT_PLUGIN("acme", "1.2", kEntries)
//
// The entry point and what it hands over are plain C, so that any library can be asked what it is.
// Behind that, factories speak edgert's C++ types: they are used only when the library was built
// for this interface (kPluginAbi), by a toolchain whose types look the same (toolchain, layout).
// Plug-ins link libedgert. They run in the process, with all its rights; nothing isolates them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "edgert/base/status.h"
#include "edgert/transform/transform.h"

namespace edgert {

// Raised with every change of what a plug-in sees: transform.h and the types that it names.
inline constexpr std::uint32_t kPluginAbi = 1;

#if defined(__GLIBCXX__)
#define EDGERT_TOOLCHAIN_NAME "libstdc++"
#elif defined(_LIBCPP_VERSION)
#define EDGERT_TOOLCHAIN_NAME "libc++"
#else
#define EDGERT_TOOLCHAIN_NAME "another standard library"
#endif
#if defined(_GLIBCXX_USE_CXX11_ABI) && _GLIBCXX_USE_CXX11_ABI
inline constexpr const char* kPluginToolchain = EDGERT_TOOLCHAIN_NAME ", C++11 ABI";
#else
inline constexpr const char* kPluginToolchain = EDGERT_TOOLCHAIN_NAME;
#endif

// Sizes of the types that cross the border, mixed into one number.
constexpr std::uint64_t plugin_layout() {
  std::uint64_t mixed = 0;
  for (const std::size_t size :
       {sizeof(Params), sizeof(Status), sizeof(Tensor), sizeof(TensorSpec), sizeof(Frame),
        sizeof(FrameFormat), sizeof(InputFormat), sizeof(Result<std::unique_ptr<Transform>>)})
    mixed = mixed * 1000003 + size;
  return mixed;
}

extern "C" {
struct EdgertPlugin {
  std::uint32_t size;  // of this structure
  std::uint32_t abi;
  const char* toolchain;
  std::uint64_t layout;
  const char* name;
  const char* version;
  std::uint64_t count;
  const void* entries;  // TransformEntry[count]
};
using EdgertPluginEntry = const EdgertPlugin* (*)();
}

inline constexpr const char* kPluginSymbol = "edgert_plugin";

#define EDGERT_PLUGIN(name, version, entries)                                                     \
  extern "C" __attribute__((visibility("default"))) const edgert::EdgertPlugin* edgert_plugin() { \
    static const edgert::EdgertPlugin plugin{sizeof(edgert::EdgertPlugin),                        \
                                             edgert::kPluginAbi,                                  \
                                             edgert::kPluginToolchain,                            \
                                             edgert::plugin_layout(),                             \
                                             name,                                                \
                                             version,                                             \
                                             std::size(entries),                                  \
                                             entries};                                            \
    return &plugin;                                                                               \
  }

struct LoadedPlugin {
  std::string name, version, path;
  std::vector<std::string> operations;
};

// Opens the library and registers its transforms; they stay for the rest of the process. Loading
// the same file again changes nothing. Refuses, with the reason, what is no plug-in or was built
// for another edgert.
Result<LoadedPlugin> load_plugin(const std::string& path);

}  // namespace edgert
