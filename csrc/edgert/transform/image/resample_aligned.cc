#include <algorithm>
#include <optional>

#include "edgert/transform/image/colour.h"
#include "edgert/transform/image/colour_rows.h"
#include "edgert/transform/image/dense_sums.h"
#include "edgert/transform/image/resample.h"
#include "edgert/transform/image/sampling.h"
#include "edgert/transform/image/scratch.h"
#include "edgert/transform/image/writer.h"

namespace edgert::image {
namespace {

// What rows of colours, weighed across, hold pixels times.
constexpr double kColourRowUnit = double{kColourUnit} * kColumnOne;
// A reduction by less keeps converted rows, as neighbouring outputs share many.
constexpr double kWeighFrom = 1.5;

class Aligned {
 public:
  Aligned(const Kernels& kernels, const View& view, const Sampling& sampling, bool gray)
      : kernels_(kernels),
        view_(view),
        sampling_(sampling),
        tables_(sampling.tables()),
        weighs_(view.yuv() && !view.wide() && sampling.y().scale >= kWeighFrom),
        dense_(sampling.averages() && DenseSums::takes(view, gray)),
        colours_(kernels, view, sampling, gray),
        sums_of_rows_(kernels, view, sampling) {}

  // What its rows hold pixels times.
  double unit() const {
    if (dense_) return dense_unit(view_) * kColumnOne;
    return weighs_ || sampling_.pairs() ? kColourRowUnit : kUnit;
  }

  // Called twice: to learn how much memory is needed, then to get it.
  void take(Scratch& scratch) {
    for (float*& row : rows_) {
      row = scratch.take<float>(array_size(sampling_.x().outputs + 2 * kSlack));
    }
    if (dense_) return sums_of_rows_.take(scratch);
    const int widest = tables_.widest(), pixels = sampling_.row_pixels();
    sources_ = scratch.take<const void*>(array_size(tables_.rows.stride));
    const bool packed = view_.packing == Packing::kPacked3;
    weighed_ = scratch.take<std::int16_t>(
        array_size(std::int64_t{pixels + widest + 2 * kSlack} * (packed ? 3 : 1)));
    for (std::int16_t*& row : sums_)
      row = scratch.take<std::int16_t>(array_size(pixels + widest + 2 * kSlack));
    if (view_.yuv()) colours_.take(scratch, pixels, tables_.rows.stride + 1);
  }

  void run(const Writers& writers) {
    const Inside columns = sampling_.columns(), rows = sampling_.rows();
    const bool any = columns.begin < columns.end;
    if (dense_ && any) {
      sums_of_rows_.begin();
    } else if (view_.yuv() && any) {
      colours_.begin();
    }
    const bool kept_pairs = sampling_.pairs() && !weighs_;
    FinishRows in{};
    for (int k = 0; k < 3; ++k) in.floats[k] = kept_pairs ? nullptr : rows_[k];
    in.pair_weights = tables_.columns_from(columns.begin).weights;
    for (int y = 0; y < sampling_.y().outputs; ++y) {
      if (!any || y < rows.begin || y >= rows.end) {
        writers.padding(y);
        continue;
      }
      const RowRange range = rows_of(tables_.rows, y);
      if (kept_pairs) {
        find_pairs(range, in);
      } else {
        make_row(range, columns);
      }
      writers.row(y, columns.begin, columns.end, in);
    }
  }

 private:
  void make_row(const RowRange& rows, Inside columns) {
    if (dense_) return sums_of_rows_.make(rows, rows_);
    if (view_.yuv()) return converted(rows, columns);
    if (view_.count == 3) return packed(rows, columns);
    gray(rows, columns);
  }

  void horizontal(const std::int16_t* weighed, Inside columns, float* out) {
    kernels_.horizontal(weighed, tables_.columns_from(columns.begin), columns.end - columns.begin,
                        out);
  }

  // Rows of bytes: from `base`, which is where row 0 begins, as far as it is needed.
  RowTaps bytes(const RowRange& rows, const std::uint8_t* base, std::int64_t stride) {
    auto** pointers = reinterpret_cast<const std::uint8_t**>(sources_);
    for (int k = 0; k < rows.count; ++k) pointers[k] = base + (rows.first + k) * stride;
    return {pointers, rows.weights, rows.count};
  }

  void find_pairs(const RowRange& rows, FinishRows& in) {
    const int lower = rows.first + rows.count - 1;
    colours_.convert(rows.first);
    colours_.convert(lower);
    for (int c = 0; c < colours_.channels(); ++c) {
      in.upper[c] = colours_.get(rows.first, c);
      in.lower[c] = colours_.get(lower, c);
    }
    in.lower_weight = static_cast<std::int16_t>(rows.count == 2 ? rows.weights[1] : 0);
  }

  void weigh(const RowRange& rows, Inside columns) {
    const std::int16_t* weights = tables_.columns_from(columns.begin).weights;
    if (sampling_.pairs()) return colours_.weigh_pairs(rows, weights, rows_);
    colours_.weigh(rows, sums_);
    for (int c = 0; c < colours_.channels(); ++c) horizontal(sums_[c], columns, rows_[c]);
  }

  void converted(const RowRange& rows, Inside columns) {
    if (weighs_) return weigh(rows, columns);
    for (int k = 0; k < rows.count; ++k) colours_.convert(rows.first + k);
    auto** pointers = reinterpret_cast<const std::int16_t**>(sources_);
    for (int c = 0; c < colours_.channels(); ++c) {
      for (int k = 0; k < rows.count; ++k) pointers[k] = colours_.get(rows.first + k, c);
      kernels_.vertical_words({pointers, rows.weights, rows.count}, tables_.row_pixels(), weighed_);
      horizontal(weighed_, columns, rows_[c]);
    }
  }

  void gray(const RowRange& rows, Inside columns) {
    const Component& c = view_.component[0];
    kernels_.vertical(bytes(rows, c.data + tables_.columns.low, c.stride), tables_.row_pixels(),
                      weighed_);
    horizontal(weighed_, columns, rows_[0]);
  }

  void packed(const RowRange& rows, Inside columns) {
    // The pixel's first byte is red or blue; rows_ is in the order red, green, blue.
    const bool bgr = view_.component[2].data < view_.component[0].data;
    const Component& first = view_.component[bgr ? 2 : 0];
    kernels_.vertical(bytes(rows, first.data + 3 * tables_.columns.low, first.stride),
                      3 * tables_.row_pixels(), weighed_);
    float* out[3] = {rows_[bgr ? 2 : 0], rows_[1], rows_[bgr ? 0 : 2]};
    kernels_.horizontal_packed(weighed_, tables_.columns_from(columns.begin),
                               columns.end - columns.begin, out);
  }

  const Kernels& kernels_;
  const View& view_;
  const Sampling& sampling_;
  const Tables& tables_;
  bool weighs_;  // rows of colours are weighed as they are converted
  bool dense_;   // all pixels are converted, and weighed at once
  ColourRows colours_;
  DenseSums sums_of_rows_;           // or, where dense:
  std::int16_t* sums_[3] = {};       // rows of colours, weighed
  const void** sources_ = nullptr;   // the rows that an output takes
  std::int16_t* weighed_ = nullptr;  // source rows weighed, pixels times 128
  float* rows_[3] = {};              // R, G, B or gray at the outputs, pixels times kUnit
};

}  // namespace

void resample_aligned(const Kernels& kernels, const View& view, const Affine& to_frame,
                      Tensors tensors, RunContext& context, const Sampling* kept) {
  std::optional<Sampling> own;
  if (!kept) own.emplace(view, to_frame, tensors[0]);
  Scratch sizes(nullptr);
  if (own) own->take(sizes);
  const bool gray = tensors[0].colour == Colour::kGray;
  Aligned aligned(kernels, view, kept ? *kept : *own, gray);
  aligned.take(sizes);
  Scratch scratch(context.scratch(sizes.used()));
  if (own) {
    own->take(scratch);
    own->fill(kernels, view);
  }
  aligned.take(scratch);
  aligned.run(Writers(kernels, view, tensors, aligned.unit(), context));
}

}  // namespace edgert::image
