// Vectors in the width of the target, and how they are read and written.
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

#if defined(EDGERT_SIMD_X86) && defined(__AVX512VBMI__)
#define EDGERT_SIMD_AVX512 1
#define EDGERT_SIMD_BYTES 64
#define EDGERT_MM(operation) _mm512_##operation
using Whole = __m512i;
#elif defined(EDGERT_SIMD_X86) && defined(__AVX2__)
#define EDGERT_SIMD_AVX2 1
#define EDGERT_SIMD_BYTES 32
#define EDGERT_MM(operation) _mm256_##operation
using Whole = __m256i;
#else
#define EDGERT_SIMD_BYTES 16
#if defined(EDGERT_SIMD_X86)
#define EDGERT_MM(operation) _mm_##operation
using Whole = __m128i;
#endif
#endif

constexpr int kLanes16 = EDGERT_SIMD_BYTES / 2;  // 16-bit lanes of a vector
constexpr int kLanes = EDGERT_SIMD_BYTES / 4;    // 32-bit lanes

using U8 = std::uint8_t EDGERT_VECTOR(EDGERT_SIMD_BYTES / 2);  // as many as U16 has
using U8v = std::uint8_t EDGERT_VECTOR(EDGERT_SIMD_BYTES);     // twice as many
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

}  // namespace
}  // namespace edgert::image
