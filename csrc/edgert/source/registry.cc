#include "edgert/source/registry.h"

#include <dlfcn.h>

#include <map>
#include <mutex>

#include "edgert/infer/dynamic_library.h"

namespace edgert {
namespace {

struct Registered {
  std::mutex lock;  // at set-up only
  std::map<std::string, SourceFactory> factories;
};

Registered& registered() {
  static Registered all;
  return all;
}

// libedgert_gstreamer.so lies beside the library that this code is in.
std::string beside(const std::string& name) {
  Dl_info info;
  if (!dladdr(reinterpret_cast<void*>(&make_source), &info) || !info.dli_fname) return name;
  const std::string self = info.dli_fname;
  const auto slash = self.rfind('/');
  return (slash == std::string::npos ? "" : self.substr(0, slash + 1)) + name;
}

Result<std::unique_ptr<Source>> from_library(const std::string& where, const std::string& path,
                                             const Params& params, const std::string& hint) {
  auto library = DynamicLibrary::open(path);
  if (!library.ok()) return Status::unavailable(where, std::string(library.status().what()), hint);
  SourceAbiFunction* abi = nullptr;
  MakeSourceFunction* make = nullptr;
  if (!library->resolve("edgert_source_abi", abi) || !library->resolve("edgert_make_source", make))
    return Status::invalid(where, path + " offers no source",
                           "it must export edgert_source_abi and edgert_make_source");
  if (abi() != kSourceAbi)
    return Status::invalid(where,
                           path + " was built for version " + std::to_string(abi()) +
                               " of the seam, this is " + std::to_string(kSourceAbi),
                           "build it again with this edgert's headers");
  Status status;
  std::unique_ptr<Source> source(make(params, status));
  if (source) return source;
  return status.ok() ? Status::internal(where, path + " made no source and said no reason")
                     : status;
}

Params without(const Params& params, const std::string& name) {
  Params rest;
  for (const auto& [key, value] : params.values())
    if (key != name) rest.set(key, value);
  return rest;
}

}  // namespace

void register_source(std::string type, SourceFactory factory) {
  Registered& all = registered();
  std::lock_guard held(all.lock);
  all.factories.insert_or_assign(std::move(type), std::move(factory));
}

Result<std::unique_ptr<Source>> make_source(const std::string& type, const Params& params) {
  SourceFactory factory;
  {
    Registered& all = registered();
    std::lock_guard held(all.lock);
    if (const auto found = all.factories.find(type); found != all.factories.end())
      factory = found->second;
  }
  if (factory) return factory(params);
  if (type == "gstreamer")
    return from_library("gstreamer", beside("libedgert_gstreamer.so"), params,
                        "build edgert where GStreamer's headers are (Debian: "
                        "libgstreamer-plugins-base1.0-dev), and install GStreamer here");
  if (type != "library")
    return Status::invalid("source", "there is no type '" + type + "'",
                           "use gstreamer, library, or register_source() one");
  EDGERT_ASSIGN_OR_RETURN(const std::string path, params.text("library", ""));
  if (path.empty())
    return Status::invalid("source", "a source of type library has no library", "name its file");
  return from_library("source " + path, path, without(params, "library"),
                      "check the path, and that it is a shared library for this machine");
}

}  // namespace edgert
