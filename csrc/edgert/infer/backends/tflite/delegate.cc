#include "edgert/infer/backends/tflite/delegate.h"

namespace edgert::tfl {
namespace {

// The plugin's reporter gets no context: what it says is caught by thread.
thread_local std::string reported;

void report(const char* text) {
  reported += text;
}

}  // namespace

OwnedDelegate make_xnnpack(const Engine& engine, int threads, WeightsCache* weights) {
  if (!engine.has_xnnpack()) return {nullptr, nullptr};
  XnnpackOptions options = engine.TfLiteXNNPackDelegateOptionsDefault();
  options.threads = threads;
  if (weights) options.weights_cache = weights;
  return {engine.TfLiteXNNPackDelegateCreate(&options), engine.TfLiteXNNPackDelegateDelete};
}

Result<DelegatePlugin> DelegatePlugin::open(const std::string& path,
                                            const std::vector<std::string>& options) {
  EDGERT_ASSIGN_OR_RETURN(KeyValues pairs, KeyValues::parse("delegate_options", options));
  auto library = DynamicLibrary::open(path);
  if (!library.ok())
    return Status::unavailable("delegate", std::string(library.status().what()),
                               "install the delegate's library or correct its path");
  DelegatePlugin plugin(std::move(library).value(), std::move(pairs));
  if (!plugin.module_.resolve("tflite_plugin_create_delegate", plugin.create_) ||
      !plugin.module_.resolve("tflite_plugin_destroy_delegate", plugin.destroy_))
    return Status::unavailable("delegate", path + " exports no tflite_plugin_create_delegate",
                               "give the path of a TensorFlow Lite delegate plugin");
  return plugin;
}

Result<OwnedDelegate> DelegatePlugin::make() const {
  reported.clear();
  Delegate* made =
      create_(options_.keys().data(), options_.values().data(), options_.size(), &report);
  if (!made)
    return Status::unavailable(
        "delegate",
        module_.path() + " gave no delegate" + (reported.empty() ? "" : ": " + reported),
        "check that its device is connected");
  return OwnedDelegate(made, destroy_);
}

}  // namespace edgert::tfl
