// The few vector operations that the image kernels need, in the width of the target.
//
// Arithmetic is written with the compilers' vector extensions; an operation that they don't name
// has a body for x86, for NEON, and a plain one that says what it does. Included only by
// kernels.inc, inside translation units of differing instruction sets: everything here has internal
// linkage, so that the linker can't take one unit's copy for another's.
#pragma once

#include <cstdint>
#include <cstring>

#if defined(EDGERT_SIMD_PLAIN)
#elif defined(__SSE2__)
#include <immintrin.h>
#define EDGERT_SIMD_X86 1
#elif defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
#define EDGERT_SIMD_NEON 1
#endif

#define EDGERT_INLINE static inline __attribute__((always_inline))
#define EDGERT_VECTOR(bytes) __attribute__((vector_size(bytes)))

namespace edgert::image {
namespace {

#if defined(__AVX2__) && !defined(EDGERT_SIMD_PLAIN)
#define EDGERT_SIMD_AVX2 1
#define EDGERT_SIMD_BYTES 32
#else
#define EDGERT_SIMD_BYTES 16
#endif

constexpr int kLanes16 = EDGERT_SIMD_BYTES / 2;  // 16-bit lanes of a vector
constexpr int kLanes = EDGERT_SIMD_BYTES / 4;    // 32-bit lanes

using U8 = std::uint8_t EDGERT_VECTOR(EDGERT_SIMD_BYTES / 2);  // as many as U16 has
using U16 = std::uint16_t EDGERT_VECTOR(EDGERT_SIMD_BYTES);
using I16 = std::int16_t EDGERT_VECTOR(EDGERT_SIMD_BYTES);
using U32 = std::uint32_t EDGERT_VECTOR(EDGERT_SIMD_BYTES);
using I32 = std::int32_t EDGERT_VECTOR(EDGERT_SIMD_BYTES);
using F32 = float EDGERT_VECTOR(EDGERT_SIMD_BYTES);
using U8x = std::uint8_t EDGERT_VECTOR(EDGERT_SIMD_BYTES / 4);    // as many as F32 has
using U16x = std::uint16_t EDGERT_VECTOR(EDGERT_SIMD_BYTES / 2);  // as many as F32 has

// Of 128 bits on every target.
using I16q = std::int16_t EDGERT_VECTOR(16);
using I32q = std::int32_t EDGERT_VECTOR(16);
using F32q = float EDGERT_VECTOR(16);

template <class V>
EDGERT_INLINE V load(const void* from) {
  V value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
template <class V>
EDGERT_INLINE void store(void* to, V value) {
  std::memcpy(to, &value, sizeof value);
}

// The lower half of each 32-bit lane.
EDGERT_INLINE U16x narrow(U32 value) {
#if defined(EDGERT_SIMD_AVX2)
  const __m256i packed = _mm256_packus_epi32((__m256i)value, (__m256i)value);
  return (U16x)_mm256_castsi256_si128(_mm256_permute4x64_epi64(packed, 0x08));
#else
  return __builtin_convertvector(value, U16x);
#endif
}

// The lowest byte of each 32-bit lane, which must be all that is in it.
EDGERT_INLINE U8x narrow_to_bytes(I32 value) {
#if defined(EDGERT_SIMD_AVX2)
  const __m128i words = (__m128i)narrow((U32)value);
  const __m128i bytes = _mm_packus_epi16(words, words);
  return load<U8x>(&bytes);
#else
  return __builtin_convertvector(value, U8x);
#endif
}

// Bytes to floats.
EDGERT_INLINE F32 load_bytes(const std::uint8_t* from) {
#if defined(EDGERT_SIMD_AVX2)
  return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i*)from)));
#else
  return __builtin_convertvector(load<U8x>(from), F32);
#endif
}

EDGERT_INLINE F32 splat(float value) {
  return value - F32{};
}

EDGERT_INLINE F32 clamp(F32 value, float low, float high) {
#if defined(EDGERT_SIMD_AVX2)
  return _mm256_min_ps(_mm256_max_ps(value, splat(low)), splat(high));
#elif defined(EDGERT_SIMD_X86)
  return _mm_min_ps(_mm_max_ps(value, splat(low)), splat(high));
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
#if defined(EDGERT_SIMD_AVX2)
  return (U16)_mm256_mulhi_epu16((__m256i)a, (__m256i)b);
#elif defined(EDGERT_SIMD_X86)
  return (U16)_mm_mulhi_epu16((__m128i)a, (__m128i)b);
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
#if defined(EDGERT_SIMD_AVX2)
  return (I16)_mm256_mulhi_epi16((__m256i)a, (__m256i)b);
#elif defined(EDGERT_SIMD_X86)
  return (I16)_mm_mulhi_epi16((__m128i)a, (__m128i)b);
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
#if defined(EDGERT_SIMD_AVX2)
  return (I16)_mm256_mulhrs_epi16((__m256i)a, (__m256i)b);
#elif defined(EDGERT_SIMD_X86) && defined(__SSSE3__)
  return (I16)_mm_mulhrs_epi16((__m128i)a, (__m128i)b);
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
#if defined(EDGERT_SIMD_AVX2)
  return (I16)_mm256_adds_epi16((__m256i)a, (__m256i)b);
#elif defined(EDGERT_SIMD_X86)
  return (I16)_mm_adds_epi16((__m128i)a, (__m128i)b);
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

EDGERT_INLINE I16 clamp(I16 value, I16 low, I16 high) {
#if defined(EDGERT_SIMD_AVX2)
  return (I16)_mm256_min_epi16(_mm256_max_epi16((__m256i)value, (__m256i)low), (__m256i)high);
#elif defined(EDGERT_SIMD_X86)
  return (I16)_mm_min_epi16(_mm_max_epi16((__m128i)value, (__m128i)low), (__m128i)high);
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
#if defined(EDGERT_SIMD_AVX2)
  return (U16)_mm256_avg_epu16((__m256i)a, (__m256i)b);
#elif defined(EDGERT_SIMD_X86)
  return (U16)_mm_avg_epu16((__m128i)a, (__m128i)b);
#elif defined(EDGERT_SIMD_NEON)
  return vrhaddq_u16(a, b);
#else
  return (a | b) - ((a ^ b) >> 1);
#endif
}

// As many bytes as U16 has lanes, one in each.
EDGERT_INLINE U16 widen(U8 bytes) {
#if defined(EDGERT_SIMD_AVX2)
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
#if defined(EDGERT_SIMD_AVX2)
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
#if defined(EDGERT_SIMD_AVX2)
  const __m256i w = _mm256_set1_epi32(weights);
  return {{(I32)_mm256_madd_epi16(_mm256_unpacklo_epi16((__m256i)a, (__m256i)b), w),
           (I32)_mm256_madd_epi16(_mm256_unpackhi_epi16((__m256i)a, (__m256i)b), w)}};
#elif defined(EDGERT_SIMD_X86)
  const __m128i w = _mm_set1_epi32(weights);
  return {{(I32)_mm_madd_epi16(_mm_unpacklo_epi16((__m128i)a, (__m128i)b), w),
           (I32)_mm_madd_epi16(_mm_unpackhi_epi16((__m128i)a, (__m128i)b), w)}};
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
#if defined(EDGERT_SIMD_AVX2)
  return (I16)_mm256_packs_epi32((__m256i)low, (__m256i)high);
#elif defined(EDGERT_SIMD_X86)
  return (I16)_mm_packs_epi32((__m128i)low, (__m128i)high);
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

// Products of 16-bit lanes, neighbours added: {a0 b0 + a1 b1, a2 b2 + a3 b3, …}.
EDGERT_INLINE I32q dot_pairs(I16q a, I16q b) {
#if defined(EDGERT_SIMD_X86)
  return (I32q)_mm_madd_epi16((__m128i)a, (__m128i)b);
#elif defined(EDGERT_SIMD_NEON)
  return vpaddq_s32(vmull_s16(vget_low_s16(a), vget_low_s16(b)), vmull_high_s16(a, b));
#else
  I32q sum{};
  for (int i = 0; i < 4; ++i) sum[i] = a[2 * i] * b[2 * i] + a[2 * i + 1] * b[2 * i + 1];
  return sum;
#endif
}

// The same of whole vectors.
EDGERT_INLINE I32 dot_all_pairs(I16 a, I16 b) {
#if defined(EDGERT_SIMD_AVX2)
  return (I32)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#else
  return dot_pairs(a, b);
#endif
}

// {a0 + a1, a2 + a3, b0 + b1, b2 + b3}
EDGERT_INLINE I32q add_pairs(I32q a, I32q b) {
#if defined(EDGERT_SIMD_X86)
  const __m128 x = _mm_castsi128_ps((__m128i)a), y = _mm_castsi128_ps((__m128i)b);
  return (I32q)_mm_castps_si128(_mm_shuffle_ps(x, y, 0x88)) +
         (I32q)_mm_castps_si128(_mm_shuffle_ps(x, y, 0xDD));
#elif defined(EDGERT_SIMD_NEON)
  return vpaddq_s32(a, b);
#else
  return I32q{a[0] + a[1], a[2] + a[3], b[0] + b[1], b[2] + b[3]};
#endif
}

// Bytes in any order; an index of 0x80 gives zero. Where there is no such instruction it isn't
// used.
#if defined(EDGERT_SIMD_X86) && !defined(__SSSE3__)
constexpr bool kShuffles = false;
#else
constexpr bool kShuffles = true;
#endif

EDGERT_INLINE I16q shuffle_bytes(I16q value, const std::uint8_t* order) {
#if defined(EDGERT_SIMD_X86) && defined(__SSSE3__)
  return (I16q)_mm_shuffle_epi8((__m128i)value, load<__m128i>(order));
#elif defined(EDGERT_SIMD_NEON)
  return vreinterpretq_s16_u8(vqtbl1q_u8(vreinterpretq_u8_s16(value), vld1q_u8(order)));
#else
  std::uint8_t from[16], to[16];
  store(from, value);
  for (int i = 0; i < 16; ++i) to[i] = order[i] & 0x80 ? std::uint8_t{0} : from[order[i] & 15];
  return load<I16q>(to);
#endif
}

// The lower three bytes of each of four values, close together.
EDGERT_INLINE void store_three_bytes(std::uint8_t* to, const std::int32_t* values) {
  if constexpr (kShuffles) {
    static constexpr std::uint8_t kOrder[16] = {0,  1,  2,  4,  5,    6,    8,    9,
                                                10, 12, 13, 14, 0x80, 0x80, 0x80, 0x80};
    const I16q packed = shuffle_bytes(load<I16q>(values), kOrder);
    std::memcpy(to, &packed, 12);
  } else {
    for (int i = 0; i < 4; ++i) std::memcpy(to + 3 * i, values + i, 3);
  }
}

// Two 16-bit values from each of four places.
EDGERT_INLINE I16q load_four(const std::int16_t* row, const std::int32_t* at) {
  const I32q pairs = {load<std::int32_t>(row + at[0]), load<std::int32_t>(row + at[1]),
                      load<std::int32_t>(row + at[2]), load<std::int32_t>(row + at[3])};
  return (I16q)pairs;
}

// Two 16-bit values from each of kLanes places.
EDGERT_INLINE I16 load_pairs(const std::int16_t* row, const std::int32_t* at) {
  I32 pairs{};
  for (int i = 0; i < kLanes; ++i) pairs[i] = load<std::int32_t>(row + at[i]);
  return (I16)pairs;
}

// Four 16-bit values from each of two places: {a0..a3, b0..b3}.
EDGERT_INLINE I16q load_two(const std::int16_t* a, const std::int16_t* b) {
  using Halves = std::int64_t EDGERT_VECTOR(16);
  return (I16q)Halves{load<std::int64_t>(a), load<std::int64_t>(b)};
}

// Four 16-bit values from each of two places: {a0, b0, a1, b1, a2, b2, a3, b3}.
EDGERT_INLINE I16q load_woven(const std::int16_t* a, const std::int16_t* b) {
#if defined(EDGERT_SIMD_X86)
  return (I16q)_mm_unpacklo_epi16(_mm_loadl_epi64((const __m128i*)a),
                                  _mm_loadl_epi64((const __m128i*)b));
#elif defined(EDGERT_SIMD_NEON)
  const int16x4_t x = vld1_s16(a), y = vld1_s16(b);
  return vcombine_s16(vzip1_s16(x, y), vzip2_s16(x, y));
#else
  return I16q{a[0], b[0], a[1], b[1], a[2], b[2], a[3], b[3]};
#endif
}

// Rows become columns.
EDGERT_INLINE void transpose(I32q& a, I32q& b, I32q& c, I32q& d) {
#if defined(EDGERT_SIMD_X86)
  const __m128i ab = _mm_unpacklo_epi32((__m128i)a, (__m128i)b);
  const __m128i cd = _mm_unpacklo_epi32((__m128i)c, (__m128i)d);
  const __m128i ab_high = _mm_unpackhi_epi32((__m128i)a, (__m128i)b);
  const __m128i cd_high = _mm_unpackhi_epi32((__m128i)c, (__m128i)d);
  a = (I32q)_mm_unpacklo_epi64(ab, cd);
  b = (I32q)_mm_unpackhi_epi64(ab, cd);
  c = (I32q)_mm_unpacklo_epi64(ab_high, cd_high);
  d = (I32q)_mm_unpackhi_epi64(ab_high, cd_high);
#else
  const I32q r[4] = {a, b, c, d};
  a = I32q{r[0][0], r[1][0], r[2][0], r[3][0]};
  b = I32q{r[0][1], r[1][1], r[2][1], r[3][1]};
  c = I32q{r[0][2], r[1][2], r[2][2], r[3][2]};
  d = I32q{r[0][3], r[1][3], r[2][3], r[3][3]};
#endif
}

// Writes r0 g0 b0 r1 g1 b1 … of four pixels.
EDGERT_INLINE void store_woven(float* to, F32q r, F32q g, F32q b) {
#if defined(EDGERT_SIMD_X86)
  const __m128 rg = _mm_unpacklo_ps(r, g), gb = _mm_unpackhi_ps(g, b);  // r0 g0 r1 g1, g2 b2 g3 b3
  const __m128 br = _mm_shuffle_ps(b, r, _MM_SHUFFLE(1, 1, 0, 0));      // b0 b0 r1 r1
  const __m128 gb1 = _mm_shuffle_ps(g, b, _MM_SHUFFLE(1, 1, 1, 1));     // g1 g1 b1 b1
  const __m128 rg2 = _mm_shuffle_ps(r, g, _MM_SHUFFLE(2, 2, 2, 2));     // r2 r2 g2 g2
  const __m128 br3 = _mm_shuffle_ps(b, r, _MM_SHUFFLE(3, 3, 2, 2));     // b2 b2 r3 r3
  _mm_storeu_ps(to, _mm_shuffle_ps(rg, br, _MM_SHUFFLE(2, 0, 1, 0)));
  _mm_storeu_ps(to + 4, _mm_shuffle_ps(gb1, rg2, _MM_SHUFFLE(2, 0, 2, 0)));
  _mm_storeu_ps(to + 8, _mm_shuffle_ps(br3, gb, _MM_SHUFFLE(3, 2, 2, 0)));
#elif defined(EDGERT_SIMD_NEON)
  const float32x4x3_t pixels = {{r, g, b}};
  vst3q_f32(to, pixels);
#else
  for (int i = 0; i < 4; ++i) {
    to[3 * i] = r[i];
    to[3 * i + 1] = g[i];
    to[3 * i + 2] = b[i];
  }
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
#if defined(EDGERT_SIMD_AVX2) && defined(__F16C__)
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
