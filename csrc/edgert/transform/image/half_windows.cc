#include "edgert/transform/image/half_windows.h"

#include <algorithm>

namespace edgert::image {
namespace {

constexpr int kMostParts = 4;

int groups_of(int outputs) {
  return (outputs + kHalfOutputs - 1) / kHalfOutputs;
}

// The first pixel that an output takes, from the row's first one on; beyond the last output, its.
int first_pixel(const Tables& tables, Inside columns, int output) {
  const int at = std::min(columns.begin + output, columns.end - 1);
  return tables.columns.first[at] + tables.columns.low % 2;
}

}  // namespace

void HalfWindows::take(Scratch& scratch, int outputs, int stride) {
  const std::size_t steps = array_size(std::int64_t{groups_of(outputs)} * (stride + 1) / 2);
  from_ = scratch.take<std::int32_t>(steps * kMostParts);
  order_ = scratch.take<std::uint16_t>(steps * 2 * kHalfOutputs);
  weights_ = scratch.take<std::int16_t>(steps * 2 * kHalfOutputs);
}

int HalfWindows::parts_for(const Tables& tables, Inside columns) const {
  const int outputs = columns.end - columns.begin;
  const int taps = tables.columns_from(columns.begin).used;
  for (int parts = 1; parts <= kMostParts; parts *= 2) {
    const int shared = kHalfOutputs / parts;
    bool fits = true;
    for (int i = 0; i < outputs; i += shared) {
      const int begin = first_pixel(tables, columns, i) / 2 * 2;
      const int last = first_pixel(tables, columns, i + shared - 1) + taps - 1;
      fits = fits && last - begin < 2 * kHalfWindow;
    }
    if (fits) return parts;
  }
  return 0;
}

void HalfWindows::fill(const Tables& tables, Inside columns) {
  const int used = tables.columns_from(columns.begin).used;
  taps_ = {from_, order_, weights_, parts_for(tables, columns), used / 2};
  if (taps_.parts == 0) return;
  for (int group = 0; group < groups_of(columns.end - columns.begin); ++group) {
    fill_group(tables, columns, group);
  }
}

void HalfWindows::fill_group(const Tables& tables, Inside columns, int group) {
  const int shared = kHalfOutputs / taps_.parts, first = group * kHalfOutputs;
  std::int32_t* from = from_ + group * taps_.parts;
  const int words = group * taps_.steps * 2 * kHalfOutputs;
  for (int i = 0; i < kHalfOutputs; ++i) {
    const int begin = first_pixel(tables, columns, first + i / shared * shared) / 2;
    from[i / shared] = begin;
    const int pixel = first_pixel(tables, columns, first + i) - 2 * begin;
    const int output = std::min(columns.begin + first + i, columns.end - 1);
    const std::uint16_t* weight =
        tables.columns.weights + std::int64_t{output} * tables.columns.stride;
    for (int tap = 0; tap < 2 * taps_.steps; ++tap) {
      const int place = pixel + tap, to = words + tap / 2 * 2 * kHalfOutputs + 2 * i + tap % 2;
      order_[to] = static_cast<std::uint16_t>(place / 2 + place % 2 * kHalfWindow);
      weights_[to] = static_cast<std::int16_t>(weight[tap]);
    }
  }
}

}  // namespace edgert::image
