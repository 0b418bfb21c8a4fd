#include "edgert/transform/image/dense_sums.h"

#include <algorithm>

#include "edgert/transform/image/colour.h"

namespace edgert::image {
namespace {

std::uint16_t weight_of(std::uint16_t weight) {  // from 1/32768 to 1/65536
  return static_cast<std::uint16_t>(std::min(2 * weight, 65535));
}

// What rounding each of `rows` products down takes away.
int lost_by(int rows) {
  return std::min(rows / 2, 100);
}

}  // namespace

bool DenseSums::takes(const View& view, bool gray) {
  if (gray || !view.yuv() || view.wide() || view.component[0].step != 1) return false;
  const Component& u = view.component[1];
  const Component& v = view.component[2];
  if (!u.half_x) return false;
  return u.step == 1 || (u.step == 2 && (v.data - u.data == 1 || u.data - v.data == 1));
}

DenseSums::DenseSums(const Kernels& kernels, const View& view, const Sampling& sampling)
    : kernels_(kernels), view_(view), sampling_(sampling), matrix_(dense_matrix(view)) {}

void DenseSums::take(Scratch& scratch) {
  // A row may begin a pixel earlier, ends with whole vectors, and columns look beyond it.
  const int beyond = sampling_.tables().widest() + 3 * kSlack;
  const std::size_t half = array_size((view_.width() + beyond) / 2 + kSlack);
  for (Slot& slot : slots_) slot.terms = scratch.take<std::uint16_t>(6 * half);
  work_ = scratch.take<std::uint8_t>(2 * half + 4 * kSlack);
  for (HalfRow& sums : sums_) {
    sums.even = scratch.take<std::uint16_t>(half);
    sums.odd = scratch.take<std::uint16_t>(half);
  }
  joined_ = scratch.take<std::int16_t>(2 * half);
}

void DenseSums::begin() {
  const Tables& tables = sampling_.tables();
  low_ = tables.columns.low / 2 * 2;
  skipped_ = tables.columns.low - low_;
  count_ = tables.columns.high - low_;
  for (Slot& slot : slots_) slot.row = -1;
}

const std::uint16_t* DenseSums::terms(int chroma_row) {
  Slot& slot = slots_[chroma_row % kSlots];
  if (slot.row == chroma_row) return slot.terms;
  slot.row = chroma_row;
  const Component& u = view_.component[1];
  const Component& v = view_.component[2];
  const int first = low_ / 2, count = std::min((count_ + 1) / 2, u.width - first);
  const ChromaSamples samples{u.row(chroma_row) + first * u.step,
                              v.row(chroma_row) + first * v.step,
                              u.step,
                              count,
                              first == 0,
                              first + count == u.width};
  kernels_.chroma_terms(matrix_, samples, u.origin_x > 0, work_, slot.terms);
  return slot.terms;
}

int DenseSums::add(const RowRange& rows, int begin) {
  const Component& luma = view_.component[0];
  const RowsAround one = rows_around(view_.component[1], rows.first);
  DenseRows in{};
  in.luma[0] = luma.row(rows.first) + low_;
  in.weight[0] = weight_of(rows.weights[0]);
  in.quarters[0] = one.weight;
  in.count = 1;
  if (rows.count > 1 && one.weight < 2) {
    const RowsAround two = rows_around(view_.component[1], rows.first + 1);
    if (two.upper == one.upper && two.weight == one.weight + 2) {
      in.luma[1] = luma.row(rows.first + 1) + low_;
      in.weight[1] = weight_of(rows.weights[1]);
      in.quarters[1] = two.weight;
      in.count = 2;
    }
  }
  in.upper = terms(one.upper);
  in.lower = one.weight > 0 || in.count == 2 ? terms(one.lower) : in.upper;
  kernels_.add_rows(matrix_, in, begin, count_, sums_);
  return in.count;
}

void DenseSums::make(const RowRange& rows, float* const out[3]) {
  int begin = lost_by(rows.count);
  for (int done = 0; done < rows.count;) {
    done += add({rows.first + done, rows.count - done, rows.weights + done}, begin);
    begin = -1;
  }
  const Inside columns = sampling_.columns();
  const int outputs = columns.end - columns.begin;
  if (sampling_.halves().parts > 0) {
    return kernels_.horizontal_halves(sums_, sampling_.halves(), outputs, out);
  }
  for (int c = 0; c < 3; ++c) {
    kernels_.join_halves(sums_[c], count_, joined_);
    kernels_.horizontal(joined_ + skipped_, sampling_.tables().columns_from(columns.begin), outputs,
                        out[c]);
  }
}

}  // namespace edgert::image
