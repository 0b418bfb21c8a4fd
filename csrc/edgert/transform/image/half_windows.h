// Where neighbours of outputs lie in a row in halves, as windows and orders of their words.
#pragma once

#include "edgert/transform/image/kernels.h"
#include "edgert/transform/image/scratch.h"
#include "edgert/transform/image/tables.h"

namespace edgert::image {

class HalfWindows {
 public:
  // Called twice, as Tables::take.
  void take(Scratch& scratch, int outputs, int stride);
  // Of tables that are filled; the row begins with the last even pixel that isn't behind the first
  // one that is read.
  void fill(const Tables& tables, Inside columns);
  const HalfTaps& taps() const { return taps_; }

 private:
  // How many windows the outputs of a group need at most, or 0: more than there are.
  int parts_for(const Tables& tables, Inside columns) const;
  void fill_group(const Tables& tables, Inside columns, int group);

  std::int32_t* from_ = nullptr;
  std::uint16_t* order_ = nullptr;
  std::int16_t* weights_ = nullptr;
  HalfTaps taps_{};
};

}  // namespace edgert::image
