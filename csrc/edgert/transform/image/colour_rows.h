// Rows of a YUV frame as R, G and B: chroma brought to each pixel, the matrix, the clamp.
//
// A row is converted once and kept while outputs need it: in a ring, by its number.
#pragma once

#include "edgert/transform/image/byte_rows.h"
#include "edgert/transform/image/kernels.h"
#include "edgert/transform/image/sampling.h"
#include "edgert/transform/image/scratch.h"
#include "edgert/transform/image/view.h"
#include "edgert/transform/image/wide_rows.h"

namespace edgert::image {

class ColourRows {
 public:
  // Gray needs luma alone.
  ColourRows(const Kernels& kernels, const View& view, const Sampling& sampling, bool gray);

  // Called twice, as Tables::take. At most `pixels` of a row are converted; outputs need at most
  // `kept` rows at once, whose numbers never fall.
  void take(Scratch& scratch, int pixels, int kept);
  void begin();

  int channels() const { return gray_ ? 1 : 3; }
  // Pixels times kColourUnit of a channel: of a row that was asked for, the columns that the
  // sampling takes. Valid while at most `kept` rows are.
  void convert(int row);
  const std::int16_t* get(int row, int channel) const {
    return slots_[row % kept_].channel[channel];
  }
  // Of bytes: without keeping them, as ByteRows has it.
  void weigh(const RowRange& rows, std::int16_t* const out[3]) { bytes_.weigh(rows, out); }
  void weigh_pairs(const RowRange& rows, const std::int16_t* weights, float* const out[3]) {
    bytes_.weigh_pairs(rows, weights, out);
  }

 private:
  struct Slot {
    int row;
    std::int16_t* channel[3];
  };

  const View& view_;
  const Sampling& sampling_;
  bool gray_;
  int kept_ = 1;
  Slot* slots_ = nullptr;
  ByteRows bytes_;  // or, of samples of two bytes:
  WideRows wide_;
};

}  // namespace edgert::image
