// The weights of an output along both axes, and where the kernels find what they weigh.
#pragma once

#include "edgert/transform/image/kernels.h"
#include "edgert/transform/image/scratch.h"
#include "edgert/transform/image/taps.h"
#include "edgert/transform/image/windows.h"

namespace edgert::image {

constexpr std::size_t array_size(std::int64_t count) {
  return static_cast<std::size_t>(count);
}

class Tables {
 public:
  Taps columns, rows;

  // Called twice: to learn how much memory is needed, then to get it. `pairs`: the rows to weigh
  // hold two neighbours for each output and nothing else.
  void take(Scratch& scratch, const Axis& x, const Axis& y, Filter filter, bool pairs);
  // `elements` of a row make a pixel. `work` holds work_floats(widest()).
  void fill(const Kernels& kernels, const Axis& x, const Axis& y, Filter filter, int elements,
            float* work);

  int widest() const { return columns.stride > rows.stride ? columns.stride : rows.stride; }
  // How many pixels a row must hold, and of pairs, where the left ones are; it goes on for kSlack.
  int row_pixels() const { return row_pixels_; }
  const std::int32_t* pairs() const { return pairs_; }
  // For outputs from `begin` on.
  ColumnTaps columns_from(int begin) const;

 private:
  void place(const Kernels& kernels, Inside range, int elements);

  int used_ = 0;        // of columns' stride
  bool dense_ = false;  // outputs take the row two by two
  int loads_ = 0;       // of windows, where they serve
  int row_pixels_ = 0;
  std::int32_t* pairs_ = nullptr;
  Windows windows_;
};

// The rows that an output takes: those from `first` on with their weights, zeros at the ends left
// out.
struct RowRange {
  int first, count;
  const std::uint16_t* weights;
};
inline RowRange rows_of(const Taps& taps, int output) {
  const std::uint16_t* weights = taps.weights + std::int64_t{output} * taps.stride;
  int first = 0, end = taps.stride;
  while (end > 1 && weights[end - 1] == 0) --end;
  while (first < end - 1 && weights[first] == 0) ++first;
  return {taps.first[output] + first, end - first, weights + first};
}

}  // namespace edgert::image
