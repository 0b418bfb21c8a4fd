// IEEE 754 half precision: conversion to and from float32, rounding to the nearest, ties to even.
//
// Uses the processor's instruction where the compiler is told that there is one (F16C, AArch64),
// and integer arithmetic elsewhere, with equal results on every machine (NaN payloads aside).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__F16C__)
#include <immintrin.h>
#endif

namespace edgert {

// The bits of a half, a type of its own so that it is not taken for an integer.
struct Half {
  std::uint16_t bits = 0;
  friend bool operator==(Half, Half) = default;
};
static_assert(sizeof(Half) == 2);

namespace half_detail {

constexpr std::uint32_t kSign = 0x8000'0000u;
constexpr std::uint32_t kInfinity = 0x7f80'0000u;
constexpr std::uint32_t kBias = (127u - 15u) << 23;      // between the exponents' biases
constexpr std::uint32_t kOverflow = 0x4780'0000u;        // 2^16: rounds to infinity for sure
constexpr std::uint32_t kSmallestNormal = 0x3880'0000u;  // 2^-14

constexpr float to_float(Half half) {
  const std::uint32_t sign = (half.bits & 0x8000u) << 16;
  const std::uint32_t magnitude = half.bits & 0x7fffu;
  if (magnitude >= 0x7c00u) return std::bit_cast<float>(sign | kInfinity | (magnitude << 13));
  if (magnitude >= 0x0400u) return std::bit_cast<float>(sign | ((magnitude << 13) + kBias));
  const float subnormal = static_cast<float>(magnitude) * 0x1p-24f;  // exact
  return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(subnormal));
}

constexpr Half to_half(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = (bits & kSign) >> 16;
  const std::uint32_t magnitude = bits & ~kSign;
  std::uint32_t half = 0;
  if (magnitude > kInfinity) {
    half = 0x7e00u | ((magnitude >> 13) & 0x3ffu);  // a quiet NaN
  } else if (magnitude >= kOverflow) {
    half = 0x7c00u;
  } else if (magnitude >= kSmallestNormal) {
    // Adds just under a half of the last place, one more when the last bit is odd: ties to even.
    half = (magnitude - kBias + 0xfffu + ((magnitude >> 13) & 1u)) >> 13;
  } else {
    // Adding 1/2 puts the last place of a subnormal half at that of the sum, which is rounded.
    const float sum = std::bit_cast<float>(magnitude) + 0.5f;
    half = std::bit_cast<std::uint32_t>(sum) - std::bit_cast<std::uint32_t>(0.5f);
  }
  return {static_cast<std::uint16_t>(sign | half)};
}

}  // namespace half_detail

inline float half_to_float(Half half) {
#if defined(__F16C__)
  return _cvtsh_ss(half.bits);
#elif defined(__aarch64__)
  return static_cast<float>(std::bit_cast<__fp16>(half.bits));
#else
  return half_detail::to_float(half);
#endif
}

inline Half float_to_half(float value) {
#if defined(__F16C__)
  return {static_cast<std::uint16_t>(_cvtss_sh(value, _MM_FROUND_TO_NEAREST_INT))};
#elif defined(__aarch64__)
  return {std::bit_cast<std::uint16_t>(static_cast<__fp16>(value))};
#else
  return half_detail::to_half(value);
#endif
}

inline void halves_to_floats(const Half* from, float* to, std::size_t count) {
  std::size_t i = 0;
#if defined(__F16C__)
  for (; i + 8 <= count; i += 8) {
    const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i));
    _mm256_storeu_ps(to + i, _mm256_cvtph_ps(halves));
  }
#endif
  for (; i < count; ++i) to[i] = half_to_float(from[i]);
}

inline void floats_to_halves(const float* from, Half* to, std::size_t count) {
  std::size_t i = 0;
#if defined(__F16C__)
  for (; i + 8 <= count; i += 8) {
    const __m128i halves = _mm256_cvtps_ph(_mm256_loadu_ps(from + i), _MM_FROUND_TO_NEAREST_INT);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i), halves);
  }
#endif
  for (; i < count; ++i) to[i] = float_to_half(from[i]);
}

}  // namespace edgert
