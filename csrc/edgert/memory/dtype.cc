#include "edgert/memory/dtype.h"

#include <array>
#include <utility>

namespace edgert {
namespace {

constexpr std::array<std::pair<DType, std::string_view>, 9> kNames{{
    {DType::kFloat32, "float32"},
    {DType::kFloat16, "float16"},
    {DType::kFloat64, "float64"},
    {DType::kInt8, "int8"},
    {DType::kUInt8, "uint8"},
    {DType::kInt16, "int16"},
    {DType::kInt32, "int32"},
    {DType::kInt64, "int64"},
    {DType::kBool, "bool"},
}};

}  // namespace

std::string_view dtype_name(DType dtype) {
  for (const auto& [value, name] : kNames)
    if (value == dtype) return name;
  return "unknown";
}

std::optional<DType> dtype_from_name(std::string_view name) {
  for (const auto& [value, candidate] : kNames)
    if (candidate == name) return value;
  return std::nullopt;
}

}  // namespace edgert
