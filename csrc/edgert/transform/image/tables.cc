#include "edgert/transform/image/tables.h"

#include <algorithm>

namespace edgert::image {
namespace {

// Strides that the horizontal kernels take.
int column_stride(int taps) {
  return taps <= 2 ? 2 : taps <= 4 ? 4 : (taps + 7) / 8 * 8;
}

// A few more than asked for: kernels go on to a multiple of their width.
void take_taps(Scratch& scratch, const Axis& axis, Taps& taps) {
  taps.first = scratch.take<std::int32_t>(array_size(axis.outputs + kSlack));
  taps.weights =
      scratch.take<std::uint16_t>(array_size(std::int64_t{axis.outputs + kSlack} * taps.stride));
}

}  // namespace

void Tables::take(Scratch& scratch, const Axis& x, const Axis& y, Filter filter, bool pairs) {
  const int taps = max_taps(x, filter);
  used_ = (taps + 1) / 2 * 2;
  columns.stride = column_stride(taps);
  rows.stride = max_taps(y, filter);
  take_taps(scratch, x, columns);
  take_taps(scratch, y, rows);
  const std::size_t groups = array_size(x.outputs / 4 + 2);
  windows_.first = scratch.take<std::int32_t>(2 * groups);
  windows_.shuffle = scratch.take<std::uint8_t>(2 * 16 * groups);
  if (pairs) pairs_ = scratch.take<std::int32_t>(array_size(x.outputs + kSlack));
}

void Tables::fill(const Kernels& kernels, const Axis& x, const Axis& y, Filter filter, int elements,
                  float* work) {
  fill_taps(x, filter, kColumnOne, work, columns);
  fill_taps(y, filter, kRowOne, work, rows);
  const Inside range = inside(x);
  if (range.begin < range.end) place(kernels, range, elements);
}

// From now on `first` counts from the first pixel that is read, in elements of a weighed row.
void Tables::place(const Kernels& kernels, Inside range, int elements) {
  const int count = range.end - range.begin;
  std::int32_t* first = columns.first + range.begin;
  for (int i = 0; i < count; ++i) {
    if (pairs_) pairs_[i] = first[i];
    first[i] = pairs_ ? 2 * i : (first[i] - columns.low) * elements;
  }
  if (pairs_) std::fill_n(pairs_ + count, kSlack, pairs_[count - 1]);
  row_pixels_ = pairs_ ? 2 * count : columns.high - columns.low;
  constexpr int kBeyond = 16;  // what kernels take at a time
  std::fill_n(first + count, kBeyond, first[count - 1]);
  std::fill_n(columns.weights + std::int64_t{range.end} * columns.stride, kBeyond * columns.stride,
              std::uint16_t{0});
  loads_ = 0;
  dense_ = columns.stride == 2 && elements == 1;
  for (int i = 0; i < count; ++i) dense_ = dense_ && first[i] == 2 * i;
  if (!kernels.shuffles || columns.stride != 2 || elements != 1) return;
  loads_ = window_loads(first, count);
  fill_windows(first, count, loads_, windows_);
}

ColumnTaps Tables::columns_from(int begin) const {
  const std::uint16_t* weights = columns.weights + std::int64_t{begin} * columns.stride;
  return {columns.first + begin,
          reinterpret_cast<const std::int16_t*>(weights),
          columns.stride,
          used_,
          dense_,
          loads_,
          windows_.first,
          windows_.shuffle};
}

}  // namespace edgert::image
