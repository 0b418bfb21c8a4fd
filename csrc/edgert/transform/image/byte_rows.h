// Rows of a YUV frame of 8 bits as the kernels that convert bytes take them.
#pragma once

#include "edgert/transform/image/kernels.h"
#include "edgert/transform/image/sampling.h"
#include "edgert/transform/image/scratch.h"
#include "edgert/transform/image/view.h"

namespace edgert::image {

class ByteRows {
 public:
  // Gray needs luma alone.
  ByteRows(const Kernels& kernels, const View& view, const Sampling& sampling, bool gray);

  // Called twice, as Tables::take: for at most `rows` at once.
  void take(Scratch& scratch, int rows);

  void convert(int row, std::int16_t* const out[3]);
  // The weighed sum of rows.
  void weigh(const RowRange& rows, std::int16_t* const out[3]);
  // The same of one row or two of pairs, weighed across as well: the outputs.
  void weigh_pairs(const RowRange& rows, const std::int16_t* weights, float* const out[3]);

 private:
  YuvRow at(int row, int slot);
  YuvTaps taps(const RowRange& rows);
  const std::uint8_t* bytes(int component, int row, int slot);

  const Kernels& kernels_;
  const View& view_;
  const Sampling& sampling_;
  bool gray_;
  int components_;
  int size_[3] = {};  // bytes of a row
  ByteMatrix matrix_;
  std::uint16_t near_far_[5];  // by the weight of a row, in quarters
  YuvRow* rows_ = nullptr;
  std::uint8_t* copies_ = nullptr;  // of rows that are shorter than a window
};

}  // namespace edgert::image
