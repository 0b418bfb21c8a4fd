#include "edgert/infer/backends/tflite/model_facts.h"

#include "edgert/infer/backends/tflite/flatbuffer.h"

namespace edgert::tfl {
namespace {

// Field numbers of tensorflow/lite/schema/schema.fbs.
enum ModelField { kOperatorCodes = 1, kSubgraphs = 2, kDescription = 3, kMetadata = 6 };
enum OperatorCodeField { kDeprecatedCode = 0, kCustomCode = 1, kBuiltinCode = 3 };
enum SubgraphField { kTensors = 0, kInputs = 1, kOutputs = 2 };
enum TensorField { kIsVariable = 5, kShapeSignature = 7 };
enum MetadataField { kMetadataName = 0 };
constexpr std::int32_t kVarHandle = 142;  // BuiltinOperator

std::vector<std::optional<Shape>> signatures(const FlatTable& subgraph, int which) {
  const FlatVector tensors = subgraph.vector(kTensors), indexes = subgraph.vector(which);
  std::vector<std::optional<Shape>> out;
  for (std::uint32_t i = 0; i < indexes.size(); ++i) {
    const auto index = static_cast<std::uint32_t>(indexes.number(i));
    const FlatVector dims = tensors.table(index).vector(kShapeSignature);
    std::vector<std::int64_t> shape;
    for (std::uint32_t axis = 0; axis < dims.size(); ++axis) shape.push_back(dims.number(axis));
    if (shape.empty() || shape.size() > Shape::kMaxRank)
      out.emplace_back();
    else
      out.emplace_back(Shape(shape));
  }
  return out;
}

// Newer files say the operator in 32 bits, older ones in 8.
bool has_operator(const FlatTable& model, std::int32_t wanted) {
  const FlatVector codes = model.vector(kOperatorCodes);
  for (std::uint32_t i = 0; i < codes.size(); ++i) {
    const FlatTable code = codes.table(i);
    if (std::max<std::int32_t>(code.number32(kBuiltinCode, 0), code.number8(kDeprecatedCode, 0)) ==
        wanted)
      return true;
  }
  return false;
}

bool has_variables(const FlatTable& subgraph) {
  const FlatVector tensors = subgraph.vector(kTensors);
  for (std::uint32_t i = 0; i < tensors.size(); ++i)
    if (tensors.table(i).number8(kIsVariable, 0) != 0) return true;
  return false;
}

std::vector<std::string> custom_operators(const FlatTable& model) {
  const FlatVector codes = model.vector(kOperatorCodes);
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < codes.size(); ++i)
    if (auto name = codes.table(i).text(kCustomCode); !name.empty())
      names.push_back(std::move(name));
  return names;
}

}  // namespace

bool looks_like_tflite(std::span<const std::byte> file) {
  return file.size() >= 8 && std::memcmp(file.data() + 4, "TFL3", 4) == 0;
}

ModelFacts read_facts(std::span<const std::byte> file) {
  const FlatTable model = FlatTable::root(file);
  const FlatTable subgraph = model.vector(kSubgraphs).table(0);
  ModelFacts facts;
  facts.input_signatures = signatures(subgraph, kInputs);
  facts.output_signatures = signatures(subgraph, kOutputs);
  facts.has_resources = has_operator(model, kVarHandle);
  facts.keeps_state = facts.has_resources || has_variables(subgraph);
  facts.custom_operators = custom_operators(model);
  if (auto text = model.text(kDescription); !text.empty())
    facts.metadata.emplace_back("description", std::move(text));
  const FlatVector metadata = model.vector(kMetadata);
  for (std::uint32_t i = 0; i < metadata.size(); ++i)
    if (auto name = metadata.table(i).text(kMetadataName); !name.empty())
      facts.metadata.emplace_back("buffer", std::move(name));
  return facts;
}

}  // namespace edgert::tfl
