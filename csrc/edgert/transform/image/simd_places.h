// Values of several places: neighbours added, bytes in another order, rows that become columns.
#pragma once

#include "edgert/transform/image/simd_types.h"

namespace edgert::image {
namespace {

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
#if defined(EDGERT_SIMD_X86)
  return (I32)EDGERT_MM(madd_epi16)((Whole)a, (Whole)b);
#else
  return dot_pairs(a, b);
#endif
}

// And added to a sum.
EDGERT_INLINE I32 add_dot_pairs(I32 sum, I16 a, I16 b) {
#if defined(EDGERT_SIMD_AVX512) && defined(__AVX512VNNI__)
  return (I32)_mm512_dpwssd_epi32((__m512i)sum, (__m512i)a, (__m512i)b);
#else
  return sum + dot_all_pairs(a, b);
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

#if defined(EDGERT_SIMD_AVX512)
constexpr bool kWidePicks = true;
#else
constexpr bool kWidePicks = false;
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

// As many windows of 16 bytes as a vector has, and their bytes in any order within each.
EDGERT_INLINE U8v load_groups(const std::uint8_t* row, const std::int32_t* from) {
#if defined(EDGERT_SIMD_AVX512)
  const __m256i low =
      _mm256_loadu2_m128i((const __m128i*)(row + from[1]), (const __m128i*)(row + from[0]));
  const __m256i high =
      _mm256_loadu2_m128i((const __m128i*)(row + from[3]), (const __m128i*)(row + from[2]));
  return (U8v)_mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
#elif defined(EDGERT_SIMD_AVX2)
  return (U8v)_mm256_loadu2_m128i((const __m128i*)(row + from[1]), (const __m128i*)(row + from[0]));
#else
  return load<U8v>(row + from[0]);
#endif
}

EDGERT_INLINE U8v shuffle_groups(U8v bytes, U8v order) {
#if defined(EDGERT_SIMD_X86) && defined(__SSSE3__)
  return (U8v)EDGERT_MM(shuffle_epi8)((Whole)bytes, (Whole)order);
#else
  return (U8v)shuffle_bytes((I16q)bytes, (const std::uint8_t*)&order);
#endif
}

// Of pairs of bytes: one times the lower byte of `weights` and the other times the upper one.
EDGERT_INLINE U16 weigh_bytes(U8v pairs, std::uint16_t weights) {
#if defined(EDGERT_SIMD_X86) && defined(__SSSE3__)
  const U16 both = U16{} + weights;
  return (U16)EDGERT_MM(maddubs_epi16)((Whole)pairs, (Whole)both);
#else
  const auto one = static_cast<std::uint16_t>(weights & 0xFF);
  const auto other = static_cast<std::uint16_t>(weights >> 8);
  return ((U16)pairs & std::uint16_t{0xFF}) * one + ((U16)pairs >> 8) * other;
#endif
}

#if !defined(EDGERT_SIMD_AVX512)
// The lower three bytes of each value, close together.
EDGERT_INLINE void store_three_bytes(std::uint8_t* to, I32 values) {
  static constexpr std::uint8_t kOrder[16] = {0,  1,  2,  4,  5,    6,    8,    9,
                                              10, 12, 13, 14, 0x80, 0x80, 0x80, 0x80};
#if defined(EDGERT_SIMD_AVX2)
  const __m256i order = _mm256_broadcastsi128_si256(load<__m128i>(kOrder));
  const __m256i together = _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7);
  const __m256i packed =
      _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8((__m256i)values, order), together);
  std::memcpy(to, &packed, 24);
#else
  if constexpr (kShuffles) {
    const I16q packed = shuffle_bytes((I16q)values, kOrder);
    std::memcpy(to, &packed, 12);
  } else {
    for (int i = 0; i < 4; ++i) {
      const std::int32_t value = values[i];
      std::memcpy(to + 3 * i, &value, 3);
    }
  }
#endif
}
#endif

#if defined(EDGERT_SIMD_AVX512)
// Writes r0 g0 b0 r1 g1 b1 … of kLanes pixels as bytes, rounded to the nearest, ties to even, and
// kept within what a byte holds.
template <bool kSigned>
EDGERT_INLINE void store_bytes_woven(std::uint8_t* to, F32 r, F32 g, F32 b) {
  // In each 128 bits four of r, of g and of b; what is beyond their places isn't looked at.
  alignas(64) static constexpr std::uint8_t kOrder[64] = {
      0,  4,  8,  1,  5,  9,  2,  6,  10, 3,  7,  11, 16, 20, 24, 17, 21, 25, 18, 22, 26, 19,
      23, 27, 32, 36, 40, 33, 37, 41, 34, 38, 42, 35, 39, 43, 48, 52, 56, 49, 53, 57, 50, 54,
      58, 51, 55, 59, 0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0};
  const F32 most = splat(255);  // what doesn't fit 32 bits would change its sign
  const auto whole = [&](F32 value) { return _mm512_cvtps_epi32(_mm512_min_ps(value, most)); };
  const __m512i blue = whole(b), words = _mm512_packs_epi32(whole(r), whole(g));
  const __m512i more = _mm512_packs_epi32(blue, blue);
  const __m512i bytes =
      kSigned ? _mm512_packs_epi16(words, more) : _mm512_packus_epi16(words, more);
  const __m512i woven = _mm512_permutexvar_epi8(load<__m512i>(kOrder), bytes);
  store(to, _mm512_castsi512_si256(woven));
  store(to + 32, _mm512_extracti32x4_epi32(woven, 2));
}
#endif

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

// The same of whole vectors.
EDGERT_INLINE void store_all_woven(float* to, F32 r, F32 g, F32 b) {
#if defined(EDGERT_SIMD_AVX512)
  // Red and green to their places, then blue; of each vector of the three that come out.
  const __m512i rg[3] = {
      _mm512_setr_epi32(0, 16, 0, 1, 17, 0, 2, 18, 0, 3, 19, 0, 4, 20, 0, 5),
      _mm512_setr_epi32(21, 0, 6, 22, 0, 7, 23, 0, 8, 24, 0, 9, 25, 0, 10, 26),
      _mm512_setr_epi32(0, 11, 27, 0, 12, 28, 0, 13, 29, 0, 14, 30, 0, 15, 31, 0)};
  const __m512i blue[3] = {
      _mm512_setr_epi32(0, 1, 16, 3, 4, 17, 6, 7, 18, 9, 10, 19, 12, 13, 20, 15),
      _mm512_setr_epi32(0, 21, 2, 3, 22, 5, 6, 23, 8, 9, 24, 11, 12, 25, 14, 15),
      _mm512_setr_epi32(26, 1, 2, 27, 4, 5, 28, 7, 8, 29, 10, 11, 30, 13, 14, 31)};
  for (int k = 0; k < 3; ++k) {
    store(to + 16 * k, _mm512_permutex2var_ps(_mm512_permutex2var_ps(r, rg[k], g), blue[k], b));
  }
#elif defined(EDGERT_SIMD_AVX2)
  // Each colour's lanes in an order such that each place of the three vectors has its own.
  const __m256 x = _mm256_permutevar8x32_ps(r, _mm256_setr_epi32(0, 3, 6, 1, 4, 7, 2, 5));
  const __m256 y = _mm256_permutevar8x32_ps(g, _mm256_setr_epi32(5, 0, 3, 6, 1, 4, 7, 2));
  const __m256 z = _mm256_permutevar8x32_ps(b, _mm256_setr_epi32(2, 5, 0, 3, 6, 1, 4, 7));
  store(to, _mm256_blend_ps(_mm256_blend_ps(x, y, 0x92), z, 0x24));
  store(to + 8, _mm256_blend_ps(_mm256_blend_ps(z, x, 0x92), y, 0x24));
  store(to + 16, _mm256_blend_ps(_mm256_blend_ps(y, z, 0x92), x, 0x24));
#else
  store_woven(to, r, g, b);
#endif
}

}  // namespace
}  // namespace edgert::image
