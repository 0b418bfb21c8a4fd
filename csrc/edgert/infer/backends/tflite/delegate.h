// Delegates take parts of a graph from the engine's own kernels: XNNPACK, or a plugin such as
// libedgetpu.so. One is made for each interpreter and must outlive it.
#pragma once

#include <memory>

#include "edgert/infer/backends/tflite/engine.h"
#include "edgert/infer/dynamic_library.h"
#include "edgert/infer/key_values.h"

namespace edgert::tfl {

using OwnedDelegate = std::unique_ptr<Delegate, void (*)(Delegate*)>;

// Null when the engine has none to give. `weights`: where packed weights go, null: its own memory.
OwnedDelegate make_xnnpack(const Engine& engine, int threads, WeightsCache* weights);

// An external delegate: a library that exports tflite_plugin_create_delegate.
class DelegatePlugin {
 public:
  static Result<DelegatePlugin> open(const std::string& path,
                                     const std::vector<std::string>& options);
  Result<OwnedDelegate> make() const;

 private:
  using Create = Delegate*(const char* const* keys, const char* const* values, std::size_t count,
                           void (*report)(const char*));
  using Destroy = void(Delegate*);

  DelegatePlugin(DynamicLibrary library, KeyValues options)
      : module_(std::move(library)), options_(std::move(options)) {}
  DynamicLibrary module_;
  KeyValues options_;
  Create* create_ = nullptr;
  Destroy* destroy_ = nullptr;
};

}  // namespace edgert::tfl
