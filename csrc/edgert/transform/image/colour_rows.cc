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
  luma_picks_.take(scratch, pixels);
  chroma_picks_.take(scratch, pixels);
  chroma_slots_ = scratch.take<Slot>(kChromaKept);
  std::int16_t* chroma = scratch.take<std::int16_t>(row * 2 * kChromaKept);
  if (!memory) return;
  const auto empty = [row](Slot& slot, std::int16_t*& place, int channels) {
    slot.row = -1;
    for (int c = 0; c < channels; ++c, place += row) slot.channel[c] = place;
  };
  for (int k = 0; k < kept; ++k) empty(slots_[k], memory, 3);
  for (int k = 0; k < kChromaKept; ++k) empty(chroma_slots_[k], chroma, 2);
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
  if (!kernels_.shuffles || gray_ || view_.wide() || view_.packing == Packing::kYuyv) return;
  luma_picks_.fill(view_.component[0], pairs, count);
  if (!luma_picks_.serves()) return;
  chroma_picks_.fill(view_.component[1], pairs, count);
  picking_ = chroma_picks_.serves();
}

void ColourRows::picked(int row, std::int16_t* const out[3]) {
  const Around rows = around(view_.component[1], row);
  const Slot& upper = chroma_row(rows.upper);
  const Slot& lower = rows.weight ? chroma_row(rows.lower) : upper;
  const ChromaRows chroma{{upper.channel[0], lower.channel[0]},
                          {upper.channel[1], lower.channel[1]},
                          {4 - rows.weight, rows.weight}};
  kernels_.colours_picked(matrix_, view_.component[0].row(row), luma_picks_.picks(), chroma, count_,
                          out);
}

const ColourRows::Slot& ColourRows::chroma_row(int row) {
  Slot& slot = chroma_slots_[row % kChromaKept];
  if (slot.row == row) return slot;
  slot.row = row;
  const bool centred = view_.component[1].origin_x > 0;
  for (int c = 0; c < 2; ++c) {
    kernels_.pick_chroma(view_.component[1 + c].row(row), chroma_picks_.picks(), centred, count_,
                         slot.channel[c]);
  }
  return slot;
}

const std::int16_t* ColourRows::get(int row, int channel) const {
  return slots_[slot_of(row)].channel[channel];
}

void ColourRows::convert(int row) {
  Slot& slot = slots_[slot_of(row)];
  if (slot.row == row) return;
  slot.row = row;
  if (picking_) return picked(row, slot.channel);
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

ColourRows::Around ColourRows::around(const Component& c, int row) {
  const int quarters = c.half_y ? 2 * row - (c.origin_y > 0 ? 1 : 0) : 4 * row;
  const int at = std::clamp(quarters, 0, 4 * (c.height - 1)), upper = at / 4;
  return {upper, std::min(upper + 1, c.height - 1), at % 4};
}

RowTaps ColourRows::at_row(const Component& c, int row, int first_byte) {
  const Around rows = around(c, row);
  const auto weight = static_cast<std::uint16_t>(rows.weight * (kRowOne / 4));
  row_pointers_[0] = c.row(rows.upper) + first_byte;
  row_pointers_[1] = c.row(rows.lower) + first_byte;
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
