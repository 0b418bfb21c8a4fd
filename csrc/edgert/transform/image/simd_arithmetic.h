// Arithmetic of whole vectors: widening and narrowing, products, sums, halves.
#pragma once

#include "edgert/transform/image/simd_types.h"

namespace edgert::image {
namespace {

// The lower half of each 32-bit lane.
EDGERT_INLINE U16x narrow(U32 value) {
#if defined(EDGERT_SIMD_AVX512)
  return (U16x)_mm512_cvtepi32_epi16((__m512i)value);
#elif defined(EDGERT_SIMD_AVX2)
  const __m256i packed = _mm256_packus_epi32((__m256i)value, (__m256i)value);
  return (U16x)_mm256_castsi256_si128(_mm256_permute4x64_epi64(packed, 0x08));
#else
  return __builtin_convertvector(value, U16x);
#endif
}

// The lowest byte of each 32-bit lane, which must be all that is in it.
EDGERT_INLINE U8x narrow_to_bytes(I32 value) {
#if defined(EDGERT_SIMD_AVX512)
  return (U8x)_mm512_cvtepi32_epi8((__m512i)value);
#elif defined(EDGERT_SIMD_AVX2)
  const __m128i words = (__m128i)narrow((U32)value);
  const __m128i bytes = _mm_packus_epi16(words, words);
  return load<U8x>(&bytes);
#else
  return __builtin_convertvector(value, U8x);
#endif
}

EDGERT_INLINE F32 splat(float value) {
  return value - F32{};
}

EDGERT_INLINE F32 clamp(F32 value, float low, float high) {
#if defined(EDGERT_SIMD_X86)
  return EDGERT_MM(min_ps)(EDGERT_MM(max_ps)(value, splat(low)), splat(high));
#elif defined(EDGERT_SIMD_NEON)
  return vminq_f32(vmaxq_f32(value, splat(low)), splat(high));
#else
  for (int i = 0; i < kLanes; ++i) {
    value[i] = value[i] < low ? low : value[i] > high ? high : value[i];
  }
  return value;
#endif
}

// The upper half of each 32-bit product.
EDGERT_INLINE U16 mul_high(U16 a, U16 b) {
#if defined(EDGERT_SIMD_X86)
  return (U16)EDGERT_MM(mulhi_epu16)((Whole)a, (Whole)b);
#elif defined(EDGERT_SIMD_NEON)
  const uint32x4_t low = vmull_u16(vget_low_u16(a), vget_low_u16(b));
  return vuzp2q_u16(vreinterpretq_u16_u32(low), vreinterpretq_u16_u32(vmull_high_u16(a, b)));
#else
  U16 product{};
  for (int i = 0; i < kLanes16; ++i) {
    product[i] = static_cast<std::uint16_t>((std::uint32_t{a[i]} * b[i]) >> 16);
  }
  return product;
#endif
}

// The same of signed lanes: rounded down.
EDGERT_INLINE I16 mul_high_signed(I16 a, I16 b) {
#if defined(EDGERT_SIMD_X86)
  return (I16)EDGERT_MM(mulhi_epi16)((Whole)a, (Whole)b);
#elif defined(EDGERT_SIMD_NEON)
  const int32x4_t low = vmull_s16(vget_low_s16(a), vget_low_s16(b));
  return vuzp2q_s16(vreinterpretq_s16_s32(low), vreinterpretq_s16_s32(vmull_high_s16(a, b)));
#else
  I16 product{};
  for (int i = 0; i < kLanes16; ++i) {
    product[i] = static_cast<std::int16_t>((std::int32_t{a[i]} * b[i]) >> 16);
  }
  return product;
#endif
}

// Products over 32768, rounded.
EDGERT_INLINE I16 mul_rounded(I16 a, I16 b) {
#if defined(EDGERT_SIMD_X86) && defined(__SSSE3__)
  return (I16)EDGERT_MM(mulhrs_epi16)((Whole)a, (Whole)b);
#elif defined(EDGERT_SIMD_NEON)
  return vqrdmulhq_s16(a, b);
#else
  I16 product{};
  for (int i = 0; i < kLanes16; ++i) {
    product[i] = static_cast<std::int16_t>((a[i] * b[i] + 16384) >> 15);
  }
  return product;
#endif
}

// A sum beyond 16 bits stays at their end.
EDGERT_INLINE I16 add_saturated(I16 a, I16 b) {
#if defined(EDGERT_SIMD_X86)
  return (I16)EDGERT_MM(adds_epi16)((Whole)a, (Whole)b);
#elif defined(EDGERT_SIMD_NEON)
  return vqaddq_s16(a, b);
#else
  I16 sum{};
  for (int i = 0; i < kLanes16; ++i) {
    const int wide = a[i] + b[i];
    sum[i] = static_cast<std::int16_t>(wide > 32767 ? 32767 : wide < -32768 ? -32768 : wide);
  }
  return sum;
#endif
}

// Sums of unsigned lanes beyond 16 bits stay at their end, differences below zero at zero.
EDGERT_INLINE U16 add_saturated(U16 a, U16 b) {
#if defined(EDGERT_SIMD_X86)
  return (U16)EDGERT_MM(adds_epu16)((Whole)a, (Whole)b);
#elif defined(EDGERT_SIMD_NEON)
  return vqaddq_u16(a, b);
#else
  const U16 sum = a + b;
  return sum | (U16)(sum < a);
#endif
}
EDGERT_INLINE U16 subtract_saturated(U16 a, U16 b) {
#if defined(EDGERT_SIMD_X86)
  return (U16)EDGERT_MM(subs_epu16)((Whole)a, (Whole)b);
#elif defined(EDGERT_SIMD_NEON)
  return vqsubq_u16(a, b);
#else
  return (a - b) & (U16)(a > b);
#endif
}

EDGERT_INLINE I16 clamp(I16 value, I16 low, I16 high) {
#if defined(EDGERT_SIMD_X86)
  const Whole raised = EDGERT_MM(max_epi16)((Whole)value, (Whole)low);
  return (I16)EDGERT_MM(min_epi16)(raised, (Whole)high);
#elif defined(EDGERT_SIMD_NEON)
  return vminq_s16(vmaxq_s16(value, low), high);
#else
  for (int i = 0; i < kLanes16; ++i) {
    value[i] = value[i] < low[i] ? low[i] : value[i] > high[i] ? high[i] : value[i];
  }
  return value;
#endif
}

// The mean of unsigned lanes, halves rounded up.
EDGERT_INLINE U16 average(U16 a, U16 b) {
#if defined(EDGERT_SIMD_X86)
  return (U16)EDGERT_MM(avg_epu16)((Whole)a, (Whole)b);
#elif defined(EDGERT_SIMD_NEON)
  return vrhaddq_u16(a, b);
#else
  return (a | b) - ((a ^ b) >> 1);
#endif
}

// As many bytes as U16 has lanes, one in each.
EDGERT_INLINE U16 widen(U8 bytes) {
#if defined(EDGERT_SIMD_AVX512)
  return (U16)_mm512_cvtepu8_epi16((__m256i)bytes);
#elif defined(EDGERT_SIMD_AVX2)
  return (U16)_mm256_cvtepu8_epi16((__m128i)bytes);
#elif defined(EDGERT_SIMD_X86)
  std::int64_t bits;
  std::memcpy(&bits, &bytes, sizeof bits);
  return (U16)_mm_unpacklo_epi8(_mm_cvtsi64_si128(bits), _mm_setzero_si128());
#else
  return __builtin_convertvector(bytes, U16);
#endif
}

// Writes even[0] odd[0] even[1] odd[1] …
EDGERT_INLINE void store_zipped(std::int16_t* to, U16 even, U16 odd) {
#if defined(EDGERT_SIMD_AVX512)
  const __m512i low = _mm512_unpacklo_epi16((__m512i)even, (__m512i)odd);
  const __m512i high = _mm512_unpackhi_epi16((__m512i)even, (__m512i)odd);
  const __m512i first = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
  const __m512i second = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
  store(to, _mm512_permutex2var_epi64(low, first, high));
  store(to + kLanes16, _mm512_permutex2var_epi64(low, second, high));
#elif defined(EDGERT_SIMD_AVX2)
  const __m256i low = _mm256_unpacklo_epi16((__m256i)even, (__m256i)odd);
  const __m256i high = _mm256_unpackhi_epi16((__m256i)even, (__m256i)odd);
  store(to, _mm256_permute2x128_si256(low, high, 0x20));
  store(to + kLanes16, _mm256_permute2x128_si256(low, high, 0x31));
#elif defined(EDGERT_SIMD_X86)
  store(to, _mm_unpacklo_epi16((__m128i)even, (__m128i)odd));
  store(to + kLanes16, _mm_unpackhi_epi16((__m128i)even, (__m128i)odd));
#elif defined(EDGERT_SIMD_NEON)
  vst1q_u16(reinterpret_cast<std::uint16_t*>(to), vzip1q_u16(even, odd));
  vst1q_u16(reinterpret_cast<std::uint16_t*>(to) + kLanes16, vzip2q_u16(even, odd));
#else
  for (int i = 0; i < kLanes16; ++i) {
    to[2 * i] = static_cast<std::int16_t>(even[i]);
    to[2 * i + 1] = static_cast<std::int16_t>(odd[i]);
  }
#endif
}

// a * weight + b * more, of each lane, as 32 bits: in an order of the target's own, which
// narrow_sums undoes.
struct Sums {
  I32 part[2];
};
EDGERT_INLINE Sums weigh_two(U16 a, U16 b, std::int32_t weights) {
#if defined(EDGERT_SIMD_X86)
  const Whole w = EDGERT_MM(set1_epi32)(weights);
  const Whole low = EDGERT_MM(unpacklo_epi16)((Whole)a, (Whole)b);
  const Whole high = EDGERT_MM(unpackhi_epi16)((Whole)a, (Whole)b);
  return {{(I32)EDGERT_MM(madd_epi16)(low, w), (I32)EDGERT_MM(madd_epi16)(high, w)}};
#elif defined(EDGERT_SIMD_NEON)
  const int16x8_t x = vreinterpretq_s16_u16(a), y = vreinterpretq_s16_u16(b);
  const auto first = static_cast<std::int16_t>(weights),
             second = static_cast<std::int16_t>(weights >> 16);
  const int32x4_t low = vmull_n_s16(vget_low_s16(x), first);
  const int32x4_t high = vmull_n_s16(vget_high_s16(x), first);
  return {{vmlal_n_s16(low, vget_low_s16(y), second), vmlal_n_s16(high, vget_high_s16(y), second)}};
#else
  Sums sums{};
  const auto first = static_cast<std::int16_t>(weights),
             second = static_cast<std::int16_t>(weights >> 16);
  for (int i = 0; i < kLanes16; ++i)
    sums.part[i / kLanes][i % kLanes] = a[i] * first + b[i] * second;
  return sums;
#endif
}

// Sums shifted to the right, rounded; they must fit 16 bits then.
template <int kShift>
EDGERT_INLINE I16 narrow_sums(Sums sums) {
  const I32 low = (sums.part[0] + (1 << (kShift - 1))) >> kShift;
  const I32 high = (sums.part[1] + (1 << (kShift - 1))) >> kShift;
#if defined(EDGERT_SIMD_X86)
  return (I16)EDGERT_MM(packs_epi32)((Whole)low, (Whole)high);
#elif defined(EDGERT_SIMD_NEON)
  return vcombine_s16(vmovn_s32(low), vmovn_s32(high));
#else
  I16 narrowed{};
  for (int i = 0; i < kLanes; ++i) {
    narrowed[i] = static_cast<std::int16_t>(low[i]);
    narrowed[i + kLanes] = static_cast<std::int16_t>(high[i]);
  }
  return narrowed;
#endif
}

// IEEE binary16, rounded to the nearest, ties to even; beyond 65504 infinite.
EDGERT_INLINE std::uint16_t half_bits(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  const std::uint32_t sign = (bits >> 16) & 0x8000u, magnitude = bits & 0x7FFFFFFFu;
  std::uint32_t half;
  if (magnitude > 0x7F800000u) {
    half = 0x7E00u;  // not a number
  } else if (magnitude >= 0x477FF000u) {
    half = 0x7C00u;
  } else if (magnitude < 0x38800000u) {  // subnormal: adding 0.5 aligns its last bit
    float aligned;
    std::memcpy(&aligned, &magnitude, sizeof aligned);
    aligned += 0.5f;
    std::memcpy(&half, &aligned, sizeof half);
    half -= 0x3F000000u;
  } else {
    half = (magnitude - 0x38000000u + 0xFFFu + ((magnitude >> 13) & 1u)) >> 13;
  }
  return static_cast<std::uint16_t>(sign | half);
}

EDGERT_INLINE U16x to_half(F32 value) {
#if defined(EDGERT_SIMD_AVX512)
  return (U16x)_mm512_cvtps_ph(value, _MM_FROUND_TO_NEAREST_INT);
#elif defined(EDGERT_SIMD_AVX2) && defined(__F16C__)
  return (U16x)_mm256_cvtps_ph(value, _MM_FROUND_TO_NEAREST_INT);
#elif defined(EDGERT_SIMD_NEON)
  return (U16x)vcvt_f16_f32(value);
#else
  U16x half{};
  for (int i = 0; i < kLanes; ++i) half[i] = half_bits(value[i]);
  return half;
#endif
}

// To the nearest whole number, ties to even; right for magnitudes below 2^22.
EDGERT_INLINE I32 round(F32 value) {
  return (I32)(value + 12582912.0f) - 0x4B400000;
}

}  // namespace
}  // namespace edgert::image
