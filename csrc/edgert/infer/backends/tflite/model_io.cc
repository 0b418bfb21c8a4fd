#include "edgert/infer/backends/tflite/model_io.h"

#include <array>

namespace edgert::tfl {
namespace {

std::optional<DType> dtype_of(Type type) {
  switch (type) {
    case Type::kFloat32:
      return DType::kFloat32;
    case Type::kFloat16:
      return DType::kFloat16;
    case Type::kFloat64:
      return DType::kFloat64;
    case Type::kInt8:
      return DType::kInt8;
    case Type::kUInt8:
      return DType::kUInt8;
    case Type::kInt16:
      return DType::kInt16;
    case Type::kInt32:
      return DType::kInt32;
    case Type::kInt64:
      return DType::kInt64;
    case Type::kBool:
      return DType::kBool;
    case Type::kString:
      break;
  }
  return std::nullopt;
}

Result<TensorSpec> read_spec(const Engine& engine, const EngineTensor* tensor,
                             const std::optional<Shape>& signature) {
  const char* name = engine.TfLiteTensorName(tensor);
  TensorSpec spec;
  spec.name = name ? name : "";
  const Type type = engine.TfLiteTensorType(tensor);
  const auto dtype = dtype_of(type);
  if (!dtype)
    return Status::invalid("'" + spec.name + "'",
                           type == Type::kString ? "its elements are text, which edgert can't carry"
                                                 : "its element type (TfLiteType " +
                                                       std::to_string(static_cast<int>(type)) +
                                                       ") is one that edgert can't carry",
                           "cast it inside the model");
  spec.dtype = *dtype;
  EDGERT_ASSIGN_OR_RETURN(spec.shape, shape_of(engine, tensor));
  if (signature && signature->accepts(spec.shape)) spec.shape = *signature;
  return spec;
}

Quantization quantization_of(const Engine& engine, const EngineTensor* tensor) {
  const QuantizationParams params = engine.TfLiteTensorQuantizationParams(tensor);
  return {params.scale, params.scale == 0 ? 0 : params.zero_point};
}

std::optional<Shape> at(const std::vector<std::optional<Shape>>& list, std::int32_t index) {
  const auto i = static_cast<std::size_t>(index);
  return i < list.size() ? list[i] : std::nullopt;
}

}  // namespace

Result<Shape> shape_of(const Engine& engine, const EngineTensor* tensor) {
  const std::int32_t rank = engine.TfLiteTensorNumDims(tensor);
  if (rank < 0 || rank > Shape::kMaxRank)
    return Status::invalid("shape", "rank " + std::to_string(rank) + " is not 0 to " +
                                        std::to_string(Shape::kMaxRank));
  std::array<std::int64_t, Shape::kMaxRank> dims{};
  for (std::int32_t i = 0; i < rank; ++i)
    dims[static_cast<std::size_t>(i)] = engine.TfLiteTensorDim(tensor, i);
  return Shape(std::span<const std::int64_t>(dims.data(), static_cast<std::size_t>(rank)));
}

Result<ModelIo> read_io(const Engine& engine, const Interpreter* interpreter,
                        const ModelFacts& facts) {
  ModelIo io;
  for (std::int32_t i = 0; i < engine.TfLiteInterpreterGetInputTensorCount(interpreter); ++i) {
    const EngineTensor* tensor = engine.TfLiteInterpreterGetInputTensor(interpreter, i);
    auto spec = read_spec(engine, tensor, at(facts.input_signatures, i));
    if (!spec.ok()) return spec.status().within("input");
    io.inputs.push_back(std::move(spec).value());
    io.input_quantization.push_back(quantization_of(engine, tensor));
  }
  for (std::int32_t i = 0; i < engine.TfLiteInterpreterGetOutputTensorCount(interpreter); ++i) {
    const EngineTensor* tensor = engine.TfLiteInterpreterGetOutputTensor(interpreter, i);
    auto spec = read_spec(engine, tensor, at(facts.output_signatures, i));
    if (!spec.ok()) return spec.status().within("output");
    io.outputs.push_back(std::move(spec).value());
    io.output_quantization.push_back(quantization_of(engine, tensor));
  }
  io.metadata = facts.metadata;
  return io;
}

}  // namespace edgert::tfl
