#include "edgert/transform/image/colour_rows.h"

namespace edgert::image {

ColourRows::ColourRows(const Kernels& kernels, const View& view, const Sampling& sampling,
                       bool gray)
    : view_(view),
      sampling_(sampling),
      gray_(gray),
      bytes_(kernels, view, sampling, gray),
      wide_(kernels, view, gray) {}

void ColourRows::take(Scratch& scratch, int pixels, int kept) {
  kept_ = kept;
  const std::size_t row = array_size((pixels + 2 * kSlack - 1) / kSlack * kSlack);  // aligned
  slots_ = scratch.take<Slot>(array_size(kept));
  std::int16_t* memory = scratch.take<std::int16_t>(row * array_size(3 * kept));
  if (view_.wide()) {
    wide_.take(scratch, pixels);
  } else {
    bytes_.take(scratch, kept);
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

void ColourRows::begin() {
  const Tables& tables = sampling_.tables();
  if (!view_.wide()) return;
  wide_.begin(tables.columns.low, tables.columns.high, tables.pairs(), tables.row_pixels());
}

void ColourRows::convert(int row) {
  Slot& slot = slots_[row % kept_];
  if (slot.row == row) return;
  slot.row = row;
  if (view_.wide()) {
    wide_.convert(row, slot.channel);
  } else {
    bytes_.convert(row, slot.channel);
  }
}

}  // namespace edgert::image
