#include "edgert/infer/backends/onnxruntime/api.h"

#include <algorithm>

namespace edgert::ort {
namespace {

// OrtApiBase of onnxruntime_c_api.h.
struct ApiBase {
  const void* (*get_api)(std::uint32_t version);
  const char* (*get_version)();
};

// Some releases end a message, or parts of it, with a line's end.
std::string one_line(std::string text) {
  text.erase(text.find_last_not_of(" \n") + 1);
  std::ranges::replace(text, '\n', ' ');
  return text;
}

}  // namespace

edgert::Status Api::status(Status* engine_status, const std::string& where) const {
  if (!engine_status) return {};
  auto status = edgert::Status::engine(where, one_line(GetErrorMessage(engine_status)));
  ReleaseStatus(engine_status);
  return status;
}

Result<OpenedApi> open_api(const DynamicLibrary& library) {
  const ApiBase* (*get_base)() = nullptr;
  if (!library.resolve("OrtGetApiBase", get_base))
    return edgert::Status::unavailable(library.path(), "it exports no OrtGetApiBase",
                                       "give the path of an ONNX Runtime library");
  const ApiBase* base = get_base();
  OpenedApi opened;
  opened.version = base->get_version();
  const void* table = base->get_api(kApiVersion);
  if (!table)
    return edgert::Status::unavailable(library.path(),
                                       "ONNX Runtime " + opened.version + " is too old",
                                       std::string("use ") + kOldestRelease + " or later");
  const auto* entries = static_cast<void* const*>(table);
#define EDGERT_ORT_READ(index, name, result, arguments) \
  opened.api.name = reinterpret_cast<result(*) arguments>(entries[index]);
  EDGERT_ORT_FUNCTIONS(EDGERT_ORT_READ)
#undef EDGERT_ORT_READ
  return opened;
}

}  // namespace edgert::ort
