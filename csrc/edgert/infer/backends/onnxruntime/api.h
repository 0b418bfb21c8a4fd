// The functions, read out of an opened library, and owners for what they make.
#pragma once

#include <memory>

#include "edgert/base/status.h"
#include "edgert/infer/backends/onnxruntime/functions.h"
#include "edgert/infer/dynamic_library.h"

namespace edgert::ort {

struct Api {
#define EDGERT_ORT_MEMBER(index, name, result, arguments) result(*name) arguments = nullptr;
  EDGERT_ORT_FUNCTIONS(EDGERT_ORT_MEMBER)
#undef EDGERT_ORT_MEMBER

  // Takes the engine's status (null: ok) over.
  edgert::Status status(Status* engine_status, const std::string& where) const;
};

struct OpenedApi {
  Api api;
  std::string version;
};

// kUnavailable when the library isn't ONNX Runtime or is older than kOldestRelease.
Result<OpenedApi> open_api(const DynamicLibrary& library);

// Owns one object of the engine: Owned<Session> session(nullptr, api.ReleaseSession).
template <class T>
using Owned = std::unique_ptr<T, void (*)(T*)>;

}  // namespace edgert::ort
