#include "edgert/transform/image/wide_rows.h"

#include <algorithm>

#include "edgert/transform/image/colour.h"
#include "edgert/transform/image/tables.h"

namespace edgert::image {
namespace {

constexpr int kBefore = 32;  // elements: room for a neighbour on the left, aligned
constexpr int kMargin = kBefore + 2 * kSlack;

}  // namespace

WideRows::WideRows(const Kernels& kernels, const View& view, bool gray)
    : kernels_(kernels), view_(view), gray_(gray), matrix_(fixed_matrix(view, gray)) {}

void WideRows::take(Scratch& scratch, int pixels) {
  const std::size_t whole = array_size(view_.width() + 2 + 2 * kMargin);
  luma_ = scratch.take<std::int16_t>(whole);
  pairs_from_low_ = scratch.take<std::int32_t>(array_size(pixels + kMargin));
  for (int c = 0; c < 2; ++c) {
    samples_[c] = scratch.take<std::int16_t>(whole);
    upsampled_[c] = scratch.take<std::int16_t>(whole);
  }
}

void WideRows::begin(int low, int high, const std::int32_t* pairs, int count) {
  low_ = low;
  high_ = high;
  count_ = count;
  chroma_low_ = std::max(low / 2 - 1, 0);
  chroma_high_ = std::min((high + 1) / 2 + 1, view_.component[1].width);
  if (!pairs) return;
  pairs_ = pairs_from_low_;
  for (int i = 0; i < count / 2 + kSlack; ++i) pairs_from_low_[i] = pairs[i] - low;
}

void WideRows::convert(int row, std::int16_t* const out[3]) {
  const Component& y = view_.component[0];
  kernels_.vertical_wide(at_row(y, row, low_ * y.step), {y.step, y.shift}, high_ - low_, luma_);
  SourceRow source{luma_, nullptr, nullptr, pairs_};
  if (gray_) return kernels_.colours(matrix_, source, count_, out);
  chroma_samples(row);
  const bool centred = view_.component[1].origin_x > 0;
  const int count = chroma_high_ - chroma_low_;
  for (int c = 0; c < 2; ++c) {
    std::int16_t* samples = samples_[c] + kBefore;
    samples[-1] = samples[0];  // the frame's edge goes on; elsewhere nobody looks at it
    samples[count] = samples[count - 1];
    kernels_.upsample(samples, centred, count, upsampled_[c]);
  }
  source.u = upsampled_[0] + low_ - 2 * chroma_low_;
  source.v = upsampled_[1] + low_ - 2 * chroma_low_;
  kernels_.colours(matrix_, source, count_, out);
}

RowTaps WideRows::at_row(const Component& c, int row, int first_byte) {
  const RowsAround rows = rows_around(c, row);
  const auto weight = static_cast<std::uint16_t>(rows.weight * (kRowOne / 4));
  row_pointers_[0] = c.row(rows.upper) + first_byte;
  row_pointers_[1] = c.row(rows.lower) + first_byte;
  row_weights_[0] = static_cast<std::uint16_t>(kRowOne - weight);
  row_weights_[1] = weight;
  return {row_pointers_, row_weights_, weight ? 2 : 1};
}

void WideRows::chroma_samples(int row) {
  const int count = chroma_high_ - chroma_low_;
  for (int c = 0; c < 2; ++c) {
    const Component& plane = view_.component[1 + c];
    const RowTaps rows = at_row(plane, row, chroma_low_ * plane.step);
    kernels_.vertical_wide(rows, {plane.step, plane.shift}, count, samples_[c] + kBefore);
  }
}

}  // namespace edgert::image
