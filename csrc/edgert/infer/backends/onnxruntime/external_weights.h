// Weights of an ONNX file that lie in other files: where each does, and moving them elsewhere.
// Reads and writes the few fields of onnx.proto that say it (ModelProto.graph = 7, GraphProto.
// initializer = 5, TensorProto.external_data = 13, StringStringEntryProto key = 1, value = 2), and
// copies all else as it is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace edgert::ort {

struct ExternalWeights {
  std::string location;
  std::uint64_t offset = 0, length = 0;
};

// A tensor of the main graph whose numbers lie in another file.
struct ExternalTensor {
  std::string name;
  std::int32_t type = 0;  // TensorProto.DataType, which the engine's element types are numbered as
  std::vector<std::int64_t> dims;
  ExternalWeights weights;
};

// A file's bytes; nothing where it can't be read.
std::optional<std::string> content_of(const std::filesystem::path& file);

// Of a model file's bytes; nothing where they are no model.
std::optional<std::vector<ExternalTensor>> external_tensors(std::string_view model);

// The same model with the weights where `move` says; those that it says nothing of stay. Nothing
// where the bytes are no model.
std::optional<std::string> moved_weights(
    std::string_view model,
    const std::function<std::optional<ExternalWeights>(const ExternalWeights&)>& move);

}  // namespace edgert::ort
