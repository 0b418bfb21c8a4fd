// Models as the engine's optimiser left them for this processor, kept in the cache folder with
// their weights in a file beside them. Such a model loads in a fraction of the time, and its
// weights are pages of that file: in memory once for all sessions and processes that use them.
#pragma once

#include <optional>
#include <string>

#include "edgert/infer/backends/onnxruntime/engine.h"

namespace edgert::ort {

// Where the prepared form of a model file lies, or will lie: by its content, the engine's version
// and the processor. Nothing where preparing brings nothing or can't be done: small files, weights
// in files of their own, other providers than the CPU's, no cache folder, EDGERT_PREPARED=off.
std::optional<std::string> prepared_folder(const Engine& engine, const std::string& file,
                                           const ModelOptions& options);

// The model in that folder, where it is there and intact.
std::optional<std::string> prepared_model(const std::string& folder);

// Has the engine write it while `file` is opened. False: it could not, and nothing is left behind.
bool prepare(const Engine& engine, const std::string& file, const ModelOptions& options,
             const std::string& folder);

}  // namespace edgert::ort
