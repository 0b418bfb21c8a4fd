// Rows of a YUV frame of 10 to 16 bits a sample as R, G and B.
#pragma once

#include "edgert/transform/image/kernels.h"
#include "edgert/transform/image/scratch.h"
#include "edgert/transform/image/view.h"

namespace edgert::image {

class WideRows {
 public:
  // Gray needs luma alone.
  WideRows(const Kernels& kernels, const View& view, bool gray);

  // Called twice, as Tables::take, for at most `pixels` of a row.
  void take(Scratch& scratch, int pixels);
  void begin(int low, int high, const std::int32_t* pairs, int count);
  void convert(int row, std::int16_t* const out[3]);

 private:
  void chroma_samples(int row);
  // One row as it is, or two around a row of pixels.
  RowTaps at_row(const Component& c, int row, int first_byte);

  const Kernels& kernels_;
  const View& view_;
  bool gray_;
  ColourMatrix16 matrix_;
  int low_ = 0, high_ = 0, count_ = 0;  // columns, and pixels of a converted row
  int chroma_low_ = 0, chroma_high_ = 0;
  const std::int32_t* pairs_ = nullptr;
  std::int32_t* pairs_from_low_ = nullptr;
  std::int16_t* luma_ = nullptr;     // unpacked
  std::int16_t* samples_[2] = {};    // chroma at a row of pixels; the first has a neighbour
  std::int16_t* upsampled_[2] = {};  // and at each of its pixels, from 2 * chroma_low_ on
  const std::uint8_t* row_pointers_[2] = {};
  std::uint16_t row_weights_[2] = {};
};

}  // namespace edgert::image
