#include "edgert/transform/image/colour_rows.h"

#include <algorithm>

#include "edgert/transform/image/tables.h"

namespace edgert::image {
namespace {

constexpr int kBefore = 32;  // elements: room for a neighbour on the left, aligned
constexpr int kMargin = kBefore + 2 * kSlack;

}  // namespace

ColourRows::ColourRows(const Kernels& kernels, const View& view, bool gray)
    : kernels_(kernels), view_(view), matrix_(fixed_matrix(view, gray)), gray_(gray) {}

void ColourRows::take(Scratch& scratch, int pixels, int kept) {
  kept_ = kept;
  const std::size_t row = array_size(pixels + kMargin);
  const std::size_t whole = array_size(view_.width() + 2 + 2 * kMargin);
  slots_ = scratch.take<Slot>(array_size(kept));
  std::int16_t* memory = scratch.take<std::int16_t>(row * array_size(3 * kept));
  luma_ = scratch.take<std::int16_t>(whole);
  pairs_from_low_ = scratch.take<std::int32_t>(row);
  for (int c = 0; c < 2; ++c) {
    samples_[c] = scratch.take<std::int16_t>(whole);
    upsampled_[c] = scratch.take<std::int16_t>(whole);
  }
  if (!memory) return;
  for (int k = 0; k < kept; ++k) {
    slots_[k].row = -1;
    for (std::int16_t*& channel : slots_[k].channel) {
      channel = memory;
      memory += row;
    }
  }
}

void ColourRows::begin(int low, int high, const std::int32_t* pairs, int count) {
  low_ = low;
  high_ = high;
  count_ = count;
  const int samples = view_.count == 3 ? view_.component[1].width : 0;
  chroma_low_ = std::max(low / 2 - 1, 0);
  chroma_high_ = std::min((high + 1) / 2 + 1, samples);
  if (!pairs) return;
  pairs_ = pairs_from_low_;
  for (int i = 0; i < count / 2 + kSlack; ++i) pairs_from_low_[i] = pairs[i] - low;
}

const std::int16_t* ColourRows::get(int row, int channel) const {
  return slots_[slot_of(row)].channel[channel];
}

void ColourRows::convert(int row) {
  Slot& slot = slots_[slot_of(row)];
  if (slot.row == row) return;
  slot.row = row;
  kernels_.colours(matrix_, source_row(row), count_, slot.channel);
}

SourceRow ColourRows::source_row(int row) {
  SourceRow source{nullptr, nullptr, nullptr, nullptr, pairs_};
  luma_samples(row, source);
  if (gray_) return source;
  if (view_.packing != Packing::kYuyv) chroma_samples(row);
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
  return source;
}

// One row as it is, or two around a row of pixels.
RowTaps ColourRows::at_row(const Component& c, int row, int first_byte) {
  const double place = c.half_y ? (row - c.origin_y) / 2 : row;
  const double at = std::clamp(place, 0.0, c.height - 1.0);
  const int upper = static_cast<int>(at);
  const auto weight = static_cast<std::uint16_t>((at - upper) * kRowOne);
  row_pointers_[0] = c.row(upper) + first_byte;
  row_pointers_[1] = c.row(std::min(upper + 1, c.height - 1)) + first_byte;
  row_weights_[0] = static_cast<std::uint16_t>(kRowOne - weight);
  row_weights_[1] = weight;
  return {row_pointers_, row_weights_, weight ? 2 : 1};
}

void ColourRows::luma_samples(int row, SourceRow& source) {
  const Component& y = view_.component[0];
  const int count = high_ - low_;
  source.luma_words = luma_;
  if (view_.wide()) {
    kernels_.vertical_wide(at_row(y, row, low_ * y.step), {y.step, y.shift}, count, luma_);
  } else if (view_.packing != Packing::kYuyv) {
    source.luma = y.row(row) + low_;
  } else if (gray_) {
    kernels_.vertical_pairs(at_row(y, row, 2 * low_), count, luma_, samples_[0]);
  } else {
    kernels_.vertical_yuyv(at_row(y, row, 4 * chroma_low_), chroma_high_ - chroma_low_, luma_,
                           samples_[0] + kBefore, samples_[1] + kBefore);
    source.luma_words = luma_ + low_ - 2 * chroma_low_;
  }
}

void ColourRows::chroma_samples(int row) {
  const int count = chroma_high_ - chroma_low_;
  for (int c = 0; c < 2; ++c) {
    const Component& plane = view_.component[1 + c];
    const RowTaps rows = at_row(plane, row, chroma_low_ * plane.step);
    if (view_.wide()) {
      kernels_.vertical_wide(rows, {plane.step, plane.shift}, count, samples_[c] + kBefore);
    } else if (view_.packing == Packing::kPlanar) {
      kernels_.vertical(rows, count, samples_[c] + kBefore);
    } else {
      kernels_.vertical_pairs(rows, count, samples_[0] + kBefore, samples_[1] + kBefore);
      return;  // both at once
    }
  }
}

}  // namespace edgert::image
