// ONNX Runtime, opened: one environment for the process.
#pragma once

#include "edgert/infer/backend.h"
#include "edgert/infer/backends/onnxruntime/api.h"

namespace edgert::ort {

struct Engine {
  Api api;
  EngineInfo info;
  Env* env = nullptr;
  MemoryInfo* cpu = nullptr;
  Allocator* allocator = nullptr;  // of names and metadata

  // Takes over a text that the engine allocated.
  std::string take(char* text) const;
};

// Opens it on the first call that finds it; the engine lives as long as the process.
Result<const Engine*> engine();

}  // namespace edgert::ort
