#include <algorithm>

#include "edgert/transform/image/resample.h"
#include "edgert/transform/image/scratch.h"
#include "edgert/transform/image/taps.h"
#include "edgert/transform/image/windows.h"
#include "edgert/transform/image/writer.h"

namespace edgert::image {
namespace {

std::size_t size(std::int64_t count) {
  return static_cast<std::size_t>(count);
}

Sampling across(const Component& c) {
  return {c.width, c.half_x, c.origin_x};
}
Sampling down(const Component& c) {
  return {c.height, c.half_y, c.origin_y};
}

// Strides that the horizontal kernels take.
int column_stride(int taps) {
  return taps <= 2 ? 2 : taps <= 4 ? 4 : (taps + 7) / 8 * 8;
}

// How components of one size are weighed: luma and colours, or chroma.
struct Tables {
  Taps columns, rows;
  int used = 0;   // of columns' stride
  int loads = 0;  // of windows, where they serve
  Windows windows;

  void take(Scratch& scratch, const Axis& x, const Axis& y, Filter filter, const Component& c) {
    const int taps = max_taps(x, filter, across(c));
    used = (taps + 1) / 2 * 2;
    columns.stride = column_stride(taps);
    rows.stride = max_taps(y, filter, down(c));
    take(scratch, x, columns);
    take(scratch, y, rows);
    const std::size_t groups = size(x.outputs / 4 + 2);
    windows.first = scratch.take<std::int32_t>(2 * groups);
    windows.shuffle = scratch.take<std::uint8_t>(2 * 16 * groups);
  }
  // A few more than asked for: kernels go on to a multiple of four.
  static void take(Scratch& scratch, const Axis& axis, Taps& taps) {
    taps.first = scratch.take<std::int32_t>(size(axis.outputs + 8));
    taps.weights = scratch.take<std::uint16_t>(size(std::int64_t{axis.outputs + 8} * taps.stride));
  }
};

// The rows of a component that an output row is made of.
class RowPicker {
 public:
  RowPicker(const Taps& taps, const std::uint8_t** rows) : taps_(taps), rows_(rows) {}

  // `base` is where row 0 begins, as far as it is needed.
  RowTaps pick(int output, const std::uint8_t* base, std::int64_t stride) const {
    const std::uint16_t* weights = taps_.weights + std::int64_t{output} * taps_.stride;
    int first = 0, end = taps_.stride;
    while (end > 1 && weights[end - 1] == 0) --end;
    while (first < end - 1 && weights[first] == 0) ++first;
    for (int k = first; k < end; ++k) rows_[k - first] = base + (taps_.first[output] + k) * stride;
    return {rows_, weights + first, end - first};
  }

 private:
  const Taps& taps_;
  const std::uint8_t** rows_;
};

class Aligned {
 public:
  Aligned(const Kernels& kernels, const View& view, const Affine& m, const Options& options)
      : kernels_(kernels),
        view_(view),
        filter_(options.filter),
        x_{m.a, m.c, view.width(), options.width},
        y_{m.e, m.f, view.height(), options.height},
        plan_(plan_colours(view, options, kUnit)) {}

  const Plan& plan() const { return plan_; }

  // Called twice: to learn how much memory is needed, then to get it.
  void take(Scratch& scratch) {
    luma_.take(scratch, x_, y_, filter_, view_.component[0]);
    if (chroma()) chroma_.take(scratch, x_, y_, filter_, view_.component[1]);
    const int taps = std::max(luma_.rows.stride, chroma_.rows.stride);
    const int widest = std::max({taps, luma_.columns.stride, chroma_.columns.stride});
    row_pointers_ = scratch.take<const std::uint8_t*>(size(taps));
    work_ = scratch.take<float>(size(work_floats(widest)));
    const bool packed = view_.packing == Packing::kPacked3;
    const std::int64_t samples = view_.width() + widest + 2 * kSlack;
    for (int k = 0; k < 3; ++k) {
      weighed_[k] = scratch.take<std::int16_t>(size(samples * (packed ? 3 : 1)));
      rows_[k] = scratch.take<float>(size(x_.outputs + 2 * kSlack));
    }
  }

  void run(const Writer& writer) {
    fill(luma_, view_.component[0], view_.packing == Packing::kPacked3 ? 3 : 1);
    if (chroma()) fill(chroma_, view_.component[1], 1);
    const Inside columns = inside(x_), rows = inside(y_);
    const float* in[3] = {};
    for (int k = 0; k < 3; ++k) in[k] = rows_[plan_.component[k]];
    for (int y = 0; y < y_.outputs; ++y) {
      if (y < rows.begin || y >= rows.end || columns.begin >= columns.end) {
        writer.padding(y);
        continue;
      }
      make_row(y, columns);
      writer.row(y, columns.begin, columns.end, in);
    }
  }

 private:
  bool chroma() const { return view_.yuv() && plan_.inputs > 1; }

  void fill(Tables& tables, const Component& c, int elements) {
    fill_taps(x_, filter_, across(c), kColumnOne, work_, tables.columns);
    fill_taps(y_, filter_, down(c), kRowOne, work_, tables.rows);
    // From now on counted from the first sample that is read, in elements of a weighed row.
    const Inside range = inside(x_);
    std::int32_t* first = tables.columns.first;
    for (int i = range.begin; i < range.end; ++i) {
      first[i] = (first[i] - tables.columns.low) * elements;
    }
    const int count = range.end - range.begin;
    if (count <= 0) return;
    std::fill_n(first + range.end, 8, first[range.end - 1]);
    std::fill_n(tables.columns.weights + std::int64_t{range.end} * tables.columns.stride,
                8 * tables.columns.stride, std::uint16_t{0});
    if (!kernels_.shuffles || tables.columns.stride != 2 || elements != 1) return;
    tables.loads = window_loads(first + range.begin, count);
    fill_windows(first + range.begin, count, tables.loads, tables.windows);
  }

  void make_row(int y, Inside columns) {
    switch (view_.packing) {
      case Packing::kPacked3:
        return packed(y, columns);
      case Packing::kYuyv:
        return yuyv(y, columns);
      case Packing::kSemiPlanar:
        plane(0, y, columns);
        if (chroma()) pairs(y, columns);
        return;
      case Packing::kGray:
      case Packing::kPlanar:
        for (int k = 0; k < plan_.inputs; ++k) plane(k, y, columns);
        return;
    }
  }

  RowTaps pick(const Tables& tables, int y, const std::uint8_t* base, std::int64_t stride) const {
    return RowPicker(tables.rows, row_pointers_).pick(y, base, stride);
  }

  ColumnTaps columns_of(const Tables& tables, Inside columns) const {
    const std::uint16_t* weights =
        tables.columns.weights + std::int64_t{columns.begin} * tables.columns.stride;
    return {tables.columns.first + columns.begin,
            reinterpret_cast<const std::int16_t*>(weights),
            tables.columns.stride,
            tables.used,
            tables.loads,
            tables.windows.first,
            tables.windows.shuffle};
  }

  // From what was weighed of component k, beginning with the first sample that is needed.
  void horizontal(int k, const std::int16_t* weighed, Inside columns) {
    kernels_.horizontal(weighed, columns_of(k == 0 ? luma_ : chroma_, columns),
                        columns.end - columns.begin, rows_[k]);
  }

  void plane(int k, int y, Inside columns) {
    const Component& c = view_.component[k];
    const Tables& tables = k == 0 ? luma_ : chroma_;
    const RowTaps rows = pick(tables, y, c.data + tables.columns.low, c.stride);
    kernels_.vertical(rows, tables.columns.high - tables.columns.low, weighed_[k]);
    horizontal(k, weighed_[k], columns);
  }

  void pairs(int y, Inside columns) {
    const Component& u = view_.component[1];
    const Taps& taps = chroma_.columns;
    const RowTaps rows = pick(chroma_, y, u.data + 2 * taps.low, u.stride);
    kernels_.vertical_pairs(rows, taps.high - taps.low, weighed_[1], weighed_[2]);
    for (int k = 1; k < 3; ++k) horizontal(k, weighed_[k], columns);
  }

  void yuyv(int y, Inside columns) {
    const Component& luma = view_.component[0];
    const Taps& taps = luma_.columns;
    if (!chroma()) {
      const RowTaps rows = pick(luma_, y, luma.data + 2 * taps.low, luma.stride);
      kernels_.vertical_pairs(rows, taps.high - taps.low, weighed_[0], weighed_[1]);
      return horizontal(0, weighed_[0], columns);
    }
    const int low = std::min(taps.low / 2, chroma_.columns.low);
    const int high = std::max((taps.high + 1) / 2, chroma_.columns.high);
    const RowTaps rows = pick(luma_, y, luma.data + 4 * low, luma.stride);
    kernels_.vertical_yuyv(rows, high - low, weighed_[0], weighed_[1], weighed_[2]);
    horizontal(0, weighed_[0] + taps.low - 2 * low, columns);
    for (int k = 1; k < 3; ++k) horizontal(k, weighed_[k] + chroma_.columns.low - low, columns);
  }

  void packed(int y, Inside columns) {
    // The pixel's first byte is red or blue; rows_ is in the order red, green, blue.
    const bool bgr = view_.component[2].data < view_.component[0].data;
    const Component& first = view_.component[bgr ? 2 : 0];
    const Taps& taps = luma_.columns;
    const RowTaps rows = pick(luma_, y, first.data + 3 * taps.low, first.stride);
    kernels_.vertical(rows, 3 * (taps.high - taps.low), weighed_[0]);
    float* out[3] = {rows_[bgr ? 2 : 0], rows_[1], rows_[bgr ? 0 : 2]};
    kernels_.horizontal_packed(weighed_[0], columns_of(luma_, columns), columns.end - columns.begin,
                               out);
  }

  const Kernels& kernels_;
  const View& view_;
  Filter filter_;
  Axis x_, y_;
  Plan plan_;
  Tables luma_, chroma_;
  const std::uint8_t** row_pointers_ = nullptr;
  float* work_ = nullptr;
  std::int16_t* weighed_[3] = {};  // by component: source rows weighed, pixels times 128
  float* rows_[3] = {};            // by component: at the outputs, pixels times kUnit
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
