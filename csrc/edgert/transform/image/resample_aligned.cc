#include <algorithm>

#include "edgert/transform/image/colour_rows.h"
#include "edgert/transform/image/resample.h"
#include "edgert/transform/image/scratch.h"
#include "edgert/transform/image/tables.h"
#include "edgert/transform/image/writer.h"

namespace edgert::image {
namespace {

// Converting each output's two neighbours takes less than converting all pixels from here on.
constexpr double kPairsFrom = 2.0;

class Aligned {
 public:
  Aligned(const Kernels& kernels, const View& view, const Affine& m, const Options& options)
      : kernels_(kernels),
        view_(view),
        filter_(options.filter),
        x_{m.a, m.c, view.width(), options.width},
        y_{m.e, m.f, view.height(), options.height},
        pairs_(view.yuv() && filter_ == Filter::kBilinear && x_.scale >= kPairsFrom &&
               view.width() > 2),
        plan_(plan_colours(view, options, kUnit)),
        colours_(kernels, view, options.colour == Colour::kGray) {}

  const Plan& plan() const { return plan_; }

  // Called twice: to learn how much memory is needed, then to get it.
  void take(Scratch& scratch) {
    tables_.take(scratch, x_, y_, filter_, pairs_);
    const int widest = tables_.widest();
    const int pixels = pairs_ ? 2 * x_.outputs : view_.width();
    sources_ = scratch.take<const void*>(array_size(tables_.rows.stride));
    work_ = scratch.take<float>(array_size(work_floats(widest)));
    const bool packed = view_.packing == Packing::kPacked3;
    weighed_ = scratch.take<std::int16_t>(
        array_size(std::int64_t{pixels + widest + 2 * kSlack} * (packed ? 3 : 1)));
    for (float*& row : rows_) row = scratch.take<float>(array_size(x_.outputs + 2 * kSlack));
    if (view_.yuv()) colours_.take(scratch, pixels, tables_.rows.stride + 1);
  }

  void run(const Writer& writer) {
    tables_.fill(kernels_, x_, y_, filter_, view_.packing == Packing::kPacked3 ? 3 : 1, work_);
    const Inside columns = inside(x_), rows = inside(y_);
    const bool any = columns.begin < columns.end;
    if (view_.yuv() && any) {
      colours_.begin(tables_.columns.low, tables_.columns.high, tables_.pairs(),
                     tables_.row_pixels());
    }
    const float* in[3] = {};
    for (int k = 0; k < 3; ++k) in[k] = rows_[plan_.component[k]];
    for (int y = 0; y < y_.outputs; ++y) {
      if (!any || y < rows.begin || y >= rows.end) {
        writer.padding(y);
        continue;
      }
      make_row(rows_of(tables_.rows, y), columns);
      writer.row(y, columns.begin, columns.end, in);
    }
  }

 private:
  void make_row(const RowRange& rows, Inside columns) {
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

  void converted(const RowRange& rows, Inside columns) {
    for (int k = 0; k < rows.count; ++k) colours_.convert(rows.first + k);
    auto** pointers = reinterpret_cast<const std::int16_t**>(sources_);
    for (int c = 0; c < colours_.channels(); ++c) {
      for (int k = 0; k < rows.count; ++k) pointers[k] = colours_.get(rows.first + k, c);
      if (pairs_) {
        kernels_.weigh_pairs({pointers, rows.weights, rows.count},
                             tables_.columns_from(columns.begin).weights,
                             columns.end - columns.begin, rows_[c]);
        continue;
      }
      const std::int16_t* weighed = pointers[0];
      if (rows.count > 1) {
        kernels_.vertical_words({pointers, rows.weights, rows.count}, tables_.row_pixels(),
                                weighed_);
        weighed = weighed_;
      }
      horizontal(weighed, columns, rows_[c]);
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
  Filter filter_;
  Axis x_, y_;
  bool pairs_;
  Plan plan_;
  Tables tables_;
  ColourRows colours_;
  const void** sources_ = nullptr;  // the rows that an output takes
  float* work_ = nullptr;
  std::int16_t* weighed_ = nullptr;  // source rows weighed, pixels times 128
  float* rows_[3] = {};              // R, G, B or gray at the outputs, pixels times kUnit
};

}  // namespace

void resample_aligned(const Kernels& kernels, const View& view, const Affine& to_frame,
                      const Options& options, RunContext& context) {
  Aligned aligned(kernels, view, to_frame, options);
  Scratch sizes(nullptr);
  aligned.take(sizes);
  Scratch scratch(context.scratch(sizes.used()));
  aligned.take(scratch);
  const Writer writer(kernels, options, aligned.plan().finish, context.output(0).bytes_data());
  aligned.run(writer);
}

}  // namespace edgert::image
