// Rows of a YUV frame as R, G and B: chroma brought to each pixel, the matrix, the clamp.
//
// A row is converted once and kept while outputs need it: in a ring, by its number.
#pragma once

#include "edgert/transform/image/colour.h"
#include "edgert/transform/image/kernels.h"
#include "edgert/transform/image/picks.h"
#include "edgert/transform/image/scratch.h"
#include "edgert/transform/image/view.h"

namespace edgert::image {

class ColourRows {
 public:
  // Gray needs luma alone.
  ColourRows(const Kernels& kernels, const View& view, bool gray);

  // Called twice, as Tables::take. At most `pixels` of a row are converted; outputs need at most
  // `kept` rows at once, whose numbers never fall.
  void take(Scratch& scratch, int pixels, int kept);
  // Which columns: [low, high) or, where `pairs` is set, each of these and its neighbour within it.
  void begin(int low, int high, const std::int32_t* pairs, int count);

  int channels() const { return gray_ ? 1 : 3; }
  // `count` pixels times 128 of channel c: of the row that was asked for. Valid while at most
  // `kept` rows are.
  void convert(int row);
  const std::int16_t* get(int row, int channel) const;

 private:
  struct Slot {
    int row;
    std::int16_t* channel[3];
  };

  int slot_of(int row) const { return row % kept_; }
  SourceRow source_row(int row);
  void chroma_samples(int row);
  void luma_samples(int row, SourceRow& source);
  struct Around {
    int upper, lower;
    int weight;  // of the lower one, in quarters
  };
  static Around around(const Component& c, int row);
  void picked(int row, std::int16_t* const out[3]);
  const Slot& chroma_row(int row);
  // One row as it is, or two around a row of pixels.
  RowTaps at_row(const Component& c, int row, int first_byte);

  const Kernels& kernels_;
  const View& view_;
  ColourMatrix16 matrix_;
  bool gray_;
  int kept_ = 1;
  int low_ = 0, high_ = 0, count_ = 0;  // columns, and pixels of a converted row
  int chroma_low_ = 0, chroma_high_ = 0;
  const std::int32_t* pairs_ = nullptr;
  std::int32_t* pairs_from_low_ = nullptr;
  Slot* slots_ = nullptr;
  // Bytes whose pixels are picked: a way of its own, with a ring of picked chroma rows.
  static constexpr int kChromaKept = 3;
  PickTable luma_picks_, chroma_picks_;
  bool picking_ = false;
  Slot* chroma_slots_ = nullptr;
  std::int16_t* luma_ = nullptr;     // unpacked
  std::int16_t* samples_[2] = {};    // chroma at a row of pixels; the first has a neighbour
  std::int16_t* upsampled_[2] = {};  // and at each of its pixels, from 2 * chroma_low_ on
  const std::uint8_t* row_pointers_[2] = {};
  std::uint16_t row_weights_[2] = {};
};

}  // namespace edgert::image
