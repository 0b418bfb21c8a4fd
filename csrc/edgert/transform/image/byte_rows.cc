#include "edgert/transform/image/byte_rows.h"

#include <algorithm>
#include <cstring>

#include "edgert/transform/image/colour.h"

namespace edgert::image {
namespace {

constexpr int kRowsOfOne = 5;  // luma, and two each of chroma
constexpr int kSumOfWeights = 128;

// The weight of a sample's row, in quarters, and of the near and the far sample of it.
std::uint16_t near_far(int quarters, bool centred) {
  const int far = centred ? 1 : 2, part = kSumOfWeights / 16 * quarters;
  return static_cast<std::uint16_t>(part * (4 - far) | part * far << 8);
}

}  // namespace

ByteRows::ByteRows(const Kernels& kernels, const View& view, const Sampling& sampling, bool gray)
    : kernels_(kernels),
      view_(view),
      sampling_(sampling),
      gray_(gray),
      components_(gray ? 1 : 3),
      matrix_(byte_matrix(view, gray)) {
  for (int c = 0; c < components_; ++c) size_[c] = row_bytes(view.component[c]);
  for (int quarters = 0; quarters <= 4; ++quarters) {
    near_far_[quarters] = near_far(quarters, !gray && view.component[1].origin_x > 0);
  }
}

void ByteRows::take(Scratch& scratch, int rows) {
  rows_ = scratch.take<YuvRow>(array_size(rows));
  copies_ = scratch.take<std::uint8_t>(array_size(std::int64_t{rows} * kRowsOfOne * kPickWindow));
}

inline const std::uint8_t* ByteRows::bytes(int component, int row, int slot) {
  const std::uint8_t* from = view_.component[component].row(row);
  if (size_[component] >= kPickWindow) return from;
  std::uint8_t* copy = copies_ + std::int64_t{slot} * kPickWindow;
  std::memcpy(copy, from, array_size(size_[component]));
  return copy;
}

inline YuvRow ByteRows::at(int row, int slot) {
  slot *= kRowsOfOne;
  YuvRow found{bytes(0, row, slot), {}, {}, {}};
  if (gray_) return found;
  const auto [upper, lower, weight] = rows_around(view_.component[1], row);
  found.near_far[0] = near_far_[4 - weight];
  found.near_far[1] = near_far_[weight];
  found.u[0] = bytes(1, upper, slot + 1);
  found.u[1] = bytes(1, lower, slot + 2);
  found.v[0] = bytes(2, upper, slot + 3);
  found.v[1] = bytes(2, lower, slot + 4);
  return found;
}

void ByteRows::convert(int row, std::int16_t* const out[3]) {
  kernels_.convert(matrix_, sampling_.picks(), at(row, 0), sampling_.tables().row_pixels(), out);
}

YuvTaps ByteRows::taps(const RowRange& rows) {
  for (int k = 0; k < rows.count; ++k) rows_[k] = at(rows.first + k, k);
  return {rows_, rows.weights, rows.count};
}

void ByteRows::weigh(const RowRange& rows, std::int16_t* const out[3]) {
  kernels_.weigh_colours(matrix_, sampling_.picks(), taps(rows), sampling_.tables().row_pixels(),
                         out);
}

void ByteRows::weigh_pairs(const RowRange& rows, const std::int16_t* weights, float* const out[3]) {
  kernels_.weigh_pairs(matrix_, sampling_.picks(), taps(rows), weights,
                       sampling_.tables().row_pixels(), out);
}

}  // namespace edgert::image
