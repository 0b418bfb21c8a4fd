// ModelOptions as the engine's session options.
#pragma once

#include "edgert/infer/backends/onnxruntime/engine.h"

namespace edgert::ort {

// Engine parameters: `provider` (an execution provider: cpu, cuda, tensorrt, or a name that the
// engine knows) and `provider_options` (["key=value", ...]).
Result<Owned<SessionOptions>> session_options(const Engine& engine, const ModelOptions& options);

}  // namespace edgert::ort
