// What the C API doesn't tell and the file does.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "edgert/memory/shape.h"

namespace edgert::tfl {

struct ModelFacts {
  // By input and by output: the shape with its free extents as -1, where the file gives one.
  std::vector<std::optional<Shape>> input_signatures, output_signatures;
  bool has_resources = false;  // state in resource variables, which the engine can't reset
  bool keeps_state = false;    // in those, or in variable tensors
  std::vector<std::string> custom_operators;  // that the file uses, by name
  std::vector<std::pair<std::string, std::string>> metadata;
};

// Whether the file begins as a TensorFlow Lite model does.
bool looks_like_tflite(std::span<const std::byte> file);

ModelFacts read_facts(std::span<const std::byte> file);

}  // namespace edgert::tfl
