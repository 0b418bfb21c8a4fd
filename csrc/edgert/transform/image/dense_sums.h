// Sums of whole rows of a YUV frame of 8 bits as R, G and B: what an output row of an area takes.
//
// A row of chroma is converted once and kept while rows of pixels need it.
#pragma once

#include "edgert/transform/image/kernels.h"
#include "edgert/transform/image/sampling.h"
#include "edgert/transform/image/scratch.h"
#include "edgert/transform/image/view.h"

namespace edgert::image {

class DenseSums {
 public:
  // Whether it serves for a frame: luma apart, and chroma at every other pixel.
  static bool takes(const View& view, bool gray);

  DenseSums(const Kernels& kernels, const View& view, const Sampling& sampling);

  // Called twice, as Tables::take.
  void take(Scratch& scratch);
  // Between runs, after the tables are filled.
  void begin();
  // The outputs of a row: pixels times dense_unit times kColumnOne.
  void make(const RowRange& rows, float* const out[3]);

 private:
  struct Slot {
    int row;
    std::uint16_t* terms;
  };
  static constexpr int kSlots = 3;

  const std::uint16_t* terms(int chroma_row);
  // As many rows from `rows` on as go together; returns how many.
  int add(const RowRange& rows, int begin);

  const Kernels& kernels_;
  const View& view_;
  const Sampling& sampling_;
  DenseMatrix matrix_;
  int low_ = 0, skipped_ = 0, count_ = 0;  // pixels: the first, an even one; those before; of a row
  Slot slots_[kSlots] = {};
  std::uint8_t* work_ = nullptr;
  HalfRow sums_[3] = {};
  std::int16_t* joined_ = nullptr;  // a row of sums, where kernels don't take halves
};

}  // namespace edgert::image
