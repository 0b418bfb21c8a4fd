#include "edgert/infer/backends/tflite/engine.h"

#include <memory>
#include <mutex>

#include "edgert/infer/engine_library.h"

namespace edgert::tfl {
namespace {

// The engine tells on stderr of each interpreter that it made. Warnings and errors stay.
void quieten(DynamicLibrary& library) {
  int (*set_minimum_severity)(int) = nullptr;
  if (library.resolve(kSetMinimumLogSeverity, set_minimum_severity))
    set_minimum_severity(kLogWarning);
}

Result<const Engine*> open() {
  EDGERT_ASSIGN_OR_RETURN(
      DynamicLibrary library,
      open_engine_library("tflite", "libtensorflowlite_c.so", "pip install litert-lm-api==0.18.1"));
  auto made = std::make_unique<Engine>();
  std::string missing;
#define EDGERT_TFLITE_RESOLVE(name, result, arguments) \
  if (!library.resolve(#name, made->name))             \
    missing += std::string(missing.empty() ? "" : ", ") + #name;
  EDGERT_TFLITE_FUNCTIONS(EDGERT_TFLITE_RESOLVE)
#undef EDGERT_TFLITE_RESOLVE
#define EDGERT_TFLITE_RESOLVE(name, result, arguments) library.resolve(#name, made->name);
  EDGERT_TFLITE_OPTIONAL_FUNCTIONS(EDGERT_TFLITE_RESOLVE)
#undef EDGERT_TFLITE_RESOLVE
  if (!missing.empty())
    return Status::unavailable(library.path(), "it lacks " + missing,
                               "give a library that exports the TensorFlow Lite C API");
  quieten(library);
  made->info = {made->TfLiteVersion(), library.path()};
  return made.release();
}

}  // namespace

Result<const Engine*> engine() {
  static std::mutex mutex;
  static const Engine* opened = nullptr;
  std::lock_guard lock(mutex);
  if (opened) return opened;
  EDGERT_ASSIGN_OR_RETURN(opened, open());
  return opened;
}

}  // namespace edgert::tfl
