// Element-wise conversion between element types, and to and from quantised integers.
#pragma once

#include <cstddef>

#include "edgert/memory/dtype.h"

namespace edgert::tensor_ops {

// Converts `count` elements. To an integer: cut toward zero and saturated, NaN gives 0. To bool:
// whether it is not zero.
using CastLoop = void (*)(const void* from, void* to, std::size_t count);
CastLoop cast_loop(DType from, DType to);

struct Quantisation {
  double scale = 1, zero = 0;
};

// round(value / scale) + zero, ties to even, saturated; NaN gives the lowest value. From a
// floating type to an integer of at most 32 bits; null for other types.
using QuantiseLoop = void (*)(const void* from, void* to, std::size_t count, Quantisation how);
QuantiseLoop quantise_loop(DType from, DType to);

// (value - zero) * scale, from an integer of at most 32 bits to float32; null for other types.
QuantiseLoop dequantise_loop(DType from);

}  // namespace edgert::tensor_ops
