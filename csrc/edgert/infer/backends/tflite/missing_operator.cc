#include "edgert/infer/backends/tflite/missing_operator.h"

#include <algorithm>

namespace edgert::tfl {
namespace {

// Texts of tensorflow/lite/core/subgraph.cc and op_resolver.cc.
constexpr std::string_view kCustom = "unresolved custom op";
constexpr std::string_view kSelected = "Select TensorFlow op";
constexpr std::string_view kBuiltin = "Didn't find op for builtin opcode";

bool says(const Status& failure, std::string_view text) {
  return failure.what().find(text) != std::string_view::npos;
}

// Operators of TensorFlow itself stand in the file as custom ones, with this prefix.
bool is_selected(const std::string& name) {
  return name.starts_with("Flex");
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

Status explain_missing_operator(Status failure, const std::string& file, const ModelFacts& facts) {
  const std::string said = " (" + std::string(failure.what()) + ")";
  if (says(failure, kBuiltin))
    return Status::engine(file, "it needs an operator that this engine's build lacks" + said,
                          "use a newer TensorFlow Lite library (EDGERT_TFLITE_LIBRARY), or convert "
                          "the model for the one that is there");
  if (facts.custom_operators.empty() || !(says(failure, kCustom) || says(failure, kSelected)))
    return failure;
  const bool selected = std::ranges::all_of(facts.custom_operators, is_selected);
  return Status::engine(
      file,
      "it needs custom operators, " + listed(facts.custom_operators) +
          ", and this engine's build lacks at least one of them" + said,
      selected ? "convert the model again without select TensorFlow operators"
               : "use a variant of the model without custom operators, or give a delegate that has "
                 "them (engine: {delegate: PATH}); the file itself is intact");
}

}  // namespace edgert::tfl
