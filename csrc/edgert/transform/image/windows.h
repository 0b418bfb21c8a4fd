// Where the outputs of a row take two neighbours each and lie close together, four of them are
// fetched by one or two loads of eight samples and a shuffle, in place of four loads.
#pragma once

#include <cstdint>

#include "edgert/transform/image/kernels.h"

namespace edgert::image {

struct Windows {
  std::int32_t* first = nullptr;    // [groups * 2]: where a load begins
  std::uint8_t* shuffle = nullptr;  // [groups * 2 * 16]: its bytes' places in the four pairs
};
inline constexpr int kWindowSamples = 8;

// How many loads a group of four consecutive outputs needs: 1, 2, or 0 where two don't reach.
// `first` must not fall, and have entries up to a multiple of four.
int window_loads(const std::int32_t* first, int count);

void fill_windows(const std::int32_t* first, int count, int loads, Windows& windows);

}  // namespace edgert::image
