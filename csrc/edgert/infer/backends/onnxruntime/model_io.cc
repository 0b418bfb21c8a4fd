#include "edgert/infer/backends/onnxruntime/model_io.h"

#include <array>

namespace edgert::ort {
namespace {

struct TypePair {
  ElementType engine;
  DType ours;
};
constexpr std::array<TypePair, 9> kTypes{{{ElementType::kFloat, DType::kFloat32},
                                          {ElementType::kFloat16, DType::kFloat16},
                                          {ElementType::kDouble, DType::kFloat64},
                                          {ElementType::kInt8, DType::kInt8},
                                          {ElementType::kUInt8, DType::kUInt8},
                                          {ElementType::kInt16, DType::kInt16},
                                          {ElementType::kInt32, DType::kInt32},
                                          {ElementType::kInt64, DType::kInt64},
                                          {ElementType::kBool, DType::kBool}}};

constexpr std::array<std::string_view, 17> kTypeNames{
    "undefined", "float32", "uint8",     "int8",       "uint16",  "int16",
    "int32",     "int64",   "string",    "bool",       "float16", "double",
    "uint32",    "uint64",  "complex64", "complex128", "bfloat16"};

std::string type_name(ElementType type) {
  const auto index = static_cast<std::size_t>(type);
  return index < kTypeNames.size() ? std::string(kTypeNames[index])
                                   : "type number " + std::to_string(index);
}

Result<TensorSpec> read_spec(const Api& api, const TypeInfo* type, std::string name) {
  ValueKind kind = ValueKind::kUnknown;
  EDGERT_RETURN_IF_ERROR(api.status(api.GetOnnxTypeFromTypeInfo(type, &kind), name));
  const TensorInfo* info = nullptr;  // belongs to `type`
  EDGERT_RETURN_IF_ERROR(api.status(api.CastTypeInfoToTensorInfo(type, &info), name));
  if (kind != ValueKind::kTensor || !info)
    return edgert::Status::invalid("'" + name + "'", "it is not a tensor",
                                   "export the model without sequences and maps");
  ElementType element = ElementType::kUndefined;
  EDGERT_RETURN_IF_ERROR(api.status(api.GetTensorElementType(info, &element), name));
  const auto dtype = dtype_of(element);
  if (!dtype)
    return edgert::Status::invalid(
        "'" + name + "'", "its elements are " + type_name(element) + ", which edgert can't carry",
        "cast it inside the model");
  TensorSpec spec;
  EDGERT_ASSIGN_OR_RETURN(spec.shape, read_shape(api, info));
  spec.name = std::move(name);
  spec.dtype = *dtype;
  return spec;
}

using CountOf = Status* (*)(const Session*, std::size_t*);
using NameOf = Status* (*)(const Session*, std::size_t, Allocator*, char**);
using TypeOf = Status* (*)(const Session*, std::size_t, TypeInfo**);

Result<std::vector<TensorSpec>> read_specs(const Engine& engine, const Session* session,
                                           CountOf count_of, NameOf name_of, TypeOf type_of) {
  const Api& api = engine.api;
  std::size_t count = 0;
  EDGERT_RETURN_IF_ERROR(api.status(count_of(session, &count), "count"));
  std::vector<TensorSpec> specs;
  for (std::size_t i = 0; i < count; ++i) {
    char* name = nullptr;
    EDGERT_RETURN_IF_ERROR(api.status(name_of(session, i, engine.allocator, &name), "name"));
    std::string own_name = engine.take(name);
    TypeInfo* type = nullptr;
    EDGERT_RETURN_IF_ERROR(api.status(type_of(session, i, &type), own_name));
    Owned<TypeInfo> owner(type, api.ReleaseTypeInfo);
    EDGERT_ASSIGN_OR_RETURN(TensorSpec spec, read_spec(api, type, std::move(own_name)));
    specs.push_back(std::move(spec));
  }
  return specs;
}

using Metadata = std::vector<std::pair<std::string, std::string>>;

void add(Metadata& out, std::string key, std::string value) {
  if (!value.empty()) out.emplace_back(std::move(key), std::move(value));
}

void read_custom(const Engine& engine, const ModelMetadata* metadata, Metadata& out) {
  const Api& api = engine.api;
  char** keys = nullptr;
  std::int64_t count = 0;
  if (!api.status(
              api.ModelMetadataGetCustomMetadataMapKeys(metadata, engine.allocator, &keys, &count),
              "")
           .ok() ||
      !keys)
    return;
  for (std::int64_t i = 0; i < count; ++i) {
    char* value = nullptr;
    if (api.status(api.ModelMetadataLookupCustomMetadataMap(metadata, engine.allocator, keys[i],
                                                            &value),
                   "")
            .ok())
      add(out, keys[i], engine.take(value));
    engine.take(keys[i]);
  }
  api.ReleaseStatus(api.AllocatorFree(engine.allocator, keys));
}

// A file without metadata is an ordinary file: nothing here is an error.
Metadata read_metadata(const Engine& engine, const Session* session) {
  const Api& api = engine.api;
  Metadata out;
  ModelMetadata* metadata = nullptr;
  if (!api.status(api.SessionGetModelMetadata(session, &metadata), "").ok()) return out;
  Owned<ModelMetadata> owner(metadata, api.ReleaseModelMetadata);
  for (auto [key, read] : {std::pair{"producer", api.ModelMetadataGetProducerName},
                           {"graph", api.ModelMetadataGetGraphName},
                           {"domain", api.ModelMetadataGetDomain},
                           {"description", api.ModelMetadataGetDescription}}) {
    char* text = nullptr;
    if (api.status(read(metadata, engine.allocator, &text), "").ok())
      add(out, key, engine.take(text));
  }
  read_custom(engine, metadata, out);
  return out;
}

}  // namespace

std::optional<DType> dtype_of(ElementType type) {
  for (const TypePair& pair : kTypes)
    if (pair.engine == type) return pair.ours;
  return std::nullopt;
}

ElementType element_type_of(DType dtype) {
  for (const TypePair& pair : kTypes)
    if (pair.ours == dtype) return pair.engine;
  return ElementType::kUndefined;
}

Result<Shape> read_shape(const Api& api, const TensorInfo* info) {
  std::size_t rank = 0;
  EDGERT_RETURN_IF_ERROR(api.status(api.GetDimensionsCount(info, &rank), "shape"));
  if (rank > Shape::kMaxRank)
    return edgert::Status::invalid("shape", "rank " + std::to_string(rank) + " is more than " +
                                                std::to_string(Shape::kMaxRank));
  std::array<std::int64_t, Shape::kMaxRank> dims{};
  EDGERT_RETURN_IF_ERROR(api.status(api.GetDimensions(info, dims.data(), rank), "shape"));
  return Shape(std::span<const std::int64_t>(dims.data(), rank));
}

Result<ModelIo> read_io(const Engine& engine, const Session* session) {
  const Api& api = engine.api;
  ModelIo io;
  auto inputs = read_specs(engine, session, api.SessionGetInputCount, api.SessionGetInputName,
                           api.SessionGetInputTypeInfo);
  if (!inputs.ok()) return inputs.status().within("input");
  auto outputs = read_specs(engine, session, api.SessionGetOutputCount, api.SessionGetOutputName,
                            api.SessionGetOutputTypeInfo);
  if (!outputs.ok()) return outputs.status().within("output");
  io.inputs = std::move(inputs).value();
  io.outputs = std::move(outputs).value();
  io.metadata = read_metadata(engine, session);
  return io;
}

}  // namespace edgert::ort
