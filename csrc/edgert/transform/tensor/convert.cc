#include "edgert/transform/tensor/convert.h"

#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

#include "edgert/memory/half.h"

namespace edgert::tensor_ops {
namespace {

struct Bool {
  std::uint8_t value;
};

// Calls `visit` with std::type_identity of the element type.
template <class Visit>
auto with_type(DType dtype, Visit visit) {
  switch (dtype) {
    case DType::kFloat16:
      return visit(std::type_identity<Half>{});
    case DType::kFloat64:
      return visit(std::type_identity<double>{});
    case DType::kInt8:
      return visit(std::type_identity<std::int8_t>{});
    case DType::kUInt8:
      return visit(std::type_identity<std::uint8_t>{});
    case DType::kInt16:
      return visit(std::type_identity<std::int16_t>{});
    case DType::kInt32:
      return visit(std::type_identity<std::int32_t>{});
    case DType::kInt64:
      return visit(std::type_identity<std::int64_t>{});
    case DType::kBool:
      return visit(std::type_identity<Bool>{});
    case DType::kFloat32:
      break;
  }
  return visit(std::type_identity<float>{});
}

// The value as a number that C++ calculates with.
template <class T>
auto number(T value) {
  if constexpr (std::is_same_v<T, Half>)
    return half_to_float(value);
  else if constexpr (std::is_same_v<T, Bool>)
    return static_cast<std::uint8_t>(value.value != 0);
  else
    return value;
}

template <std::integral To, std::integral From>
To saturate(From value) {
  using Limits = std::numeric_limits<To>;
  if (std::cmp_less(value, Limits::min())) return Limits::min();
  if (std::cmp_greater(value, Limits::max())) return Limits::max();
  return static_cast<To>(value);
}

template <std::integral To, std::floating_point From>
To saturate(From value) {
  using Limits = std::numeric_limits<To>;
  constexpr int kBits = Limits::digits;
  constexpr auto kAbove = static_cast<From>(std::uint64_t{1} << kBits);  // first one too large
  if (value >= kAbove) return Limits::max();
  if (value <= static_cast<From>(Limits::min())) return Limits::min();
  return value == value ? static_cast<To>(value) : To{0};
}

template <class To, class From>
To convert(From from) {
  const auto value = number(from);
  if constexpr (std::is_same_v<To, Bool>)
    return Bool{value != 0};
  else if constexpr (std::is_same_v<To, Half>)
    return float_to_half(static_cast<float>(value));
  else if constexpr (std::floating_point<To>)
    return static_cast<To>(value);
  else
    return saturate<To>(value);
}

template <class From, class To>
void cast(const void* from, void* to, std::size_t count) {
  const auto* source = static_cast<const From*>(from);
  auto* target = static_cast<To*>(to);
  if constexpr (std::is_same_v<From, Half> && std::is_same_v<To, float>) {
    halves_to_floats(source, target, count);
  } else if constexpr (std::is_same_v<From, float> && std::is_same_v<To, Half>) {
    floats_to_halves(source, target, count);
  } else {
    for (std::size_t i = 0; i < count; ++i) target[i] = convert<To>(source[i]);
  }
}

template <class T>
constexpr bool kQuantised = std::integral<T> && sizeof(T) <= 4;

template <class From, class To>
void quantise(const void* from, void* to, std::size_t count, Quantisation how) {
  // float cannot tell the limits of int32 apart.
  using Work = std::conditional_t<(sizeof(To) < 4), float, double>;
  const auto* source = static_cast<const From*>(from);
  auto* target = static_cast<To*>(to);
  const auto scale = static_cast<Work>(how.scale);
  const auto zero = static_cast<Work>(how.zero);
  const Work low = static_cast<Work>(std::numeric_limits<To>::min()) - zero;
  const Work high = static_cast<Work>(std::numeric_limits<To>::max()) - zero;
  const auto shift = static_cast<std::int64_t>(how.zero);
  for (std::size_t i = 0; i < count; ++i) {
    Work value = static_cast<Work>(number(source[i])) / scale;
    value = value > low ? value : low;
    value = value < high ? value : high;
    target[i] = static_cast<To>(std::lrint(value) + shift);
  }
}

template <class From>
void dequantise(const void* from, void* to, std::size_t count, Quantisation how) {
  const auto* source = static_cast<const From*>(from);
  auto* target = static_cast<float*>(to);
  using Work = std::conditional_t<(sizeof(From) < 4), float, double>;
  const auto scale = static_cast<Work>(how.scale);
  const auto zero = static_cast<Work>(how.zero);
  for (std::size_t i = 0; i < count; ++i)
    target[i] = static_cast<float>((static_cast<Work>(source[i]) - zero) * scale);
}

}  // namespace

CastLoop cast_loop(DType from, DType to) {
  return with_type(from, [to]<class From>(std::type_identity<From>) -> CastLoop {
    return with_type(to,
                     []<class To>(std::type_identity<To>) -> CastLoop { return cast<From, To>; });
  });
}

QuantiseLoop quantise_loop(DType from, DType to) {
  return with_type(from, [to]<class From>(std::type_identity<From>) -> QuantiseLoop {
    if constexpr (std::floating_point<From> || std::is_same_v<From, Half>) {
      return with_type(to, []<class To>(std::type_identity<To>) -> QuantiseLoop {
        if constexpr (kQuantised<To>)
          return quantise<From, To>;
        else
          return nullptr;
      });
    } else {
      return nullptr;
    }
  });
}

QuantiseLoop dequantise_loop(DType from) {
  return with_type(from, []<class From>(std::type_identity<From>) -> QuantiseLoop {
    if constexpr (kQuantised<From>)
      return dequantise<From>;
    else
      return nullptr;
  });
}

}  // namespace edgert::tensor_ops
