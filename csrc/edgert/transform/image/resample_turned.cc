#include <algorithm>
#include <cmath>

#include "edgert/transform/image/resample.h"
#include "edgert/transform/image/scratch.h"
#include "edgert/transform/image/taps.h"
#include "edgert/transform/image/writer.h"

namespace edgert::image {
namespace {

PatchAxis axis_of(int pixels, int samples, bool half, double origin) {
  const int taps = half && origin > 0 ? 3 : 2;
  return {static_cast<float>(pixels), static_cast<float>(samples), static_cast<float>(origin), half,
          std::min(taps, samples)};
}

Patch patch_of(const View& view, const Component& c) {
  Patch patch{};
  patch.data[0] = c.data;
  patch.count = 1;
  patch.stride = c.stride;
  patch.step = c.step;
  patch.wide_shift = c.wide ? c.shift : -1;
  patch.x = axis_of(view.width(), c.width, c.half_x, c.origin_x);
  patch.y = axis_of(view.height(), c.height, c.half_y, c.origin_y);
  return patch;
}

bool alike(const Component& a, const Component& b) {
  return a.stride == b.stride && a.step == b.step && a.half_x == b.half_x && a.half_y == b.half_y;
}

// The first `count` components in patches; those that lie alike share one, and its weights.
struct Patches {
  Patch patch[3];
  int count = 0;

  Patches(const View& view, int components) {
    const Component* last = nullptr;
    for (int k = 0; k < components; ++k) {
      const Component& c = view.component[k];
      if (last && alike(*last, c)) {
        Patch& shared = patch[count - 1];
        shared.data[shared.count++] = c.data;
      } else {
        patch[count++] = patch_of(view, c);
      }
      last = &c;
    }
  }
};

// Places within an output pixel whose mean it is: the middle, or a grid when it averages.
struct Grid {
  int columns = 1, rows = 1;
  Grid(const Affine& m, Filter filter) {
    if (filter != Filter::kArea) return;
    columns = steps(std::hypot(m.a, m.d));
    rows = steps(std::hypot(m.b, m.e));
  }
  static int steps(double scale) {
    return std::clamp(static_cast<int>(std::ceil(scale - 1e-4)), 1, kMaxTurnedGrid);
  }
};

// kPatch places along an axis between two pixels: the left one, and the weight of the other.
struct Between {
  float index[2][kPatch], weight[2][kPatch];

  Between(const float* at, int pixels) {
    const float last = static_cast<float>(pixels - 1);
    for (int i = 0; i < kPatch; ++i) {
      const float place = std::clamp(at[i], 0.0f, last);
      index[0][i] = std::floor(place);
      index[1][i] = std::min(index[0][i] + 1, last);
      weight[1][i] = place - index[0][i];
      weight[0][i] = 1 - weight[1][i];
    }
  }
};

class Turned {
 public:
  Turned(const Kernels& kernels, const View& view, const Affine& m, const Options& options,
         float* memory)
      : kernels_(kernels),
        view_(view),
        m_(m),
        options_(options),
        components_(view.yuv() && options.colour == Colour::kGray ? 1 : view.count),
        matrix_(view.yuv() ? float_matrix(view, components_ == 1) : ColourMatrixF{}),
        patches_(view, components_),
        grid_(m, options.filter) {
    for (int k = 0; k < components_; ++k) rows_[k] = memory + k * row_floats(options);
  }

  static std::ptrdiff_t row_floats(const Options& options) { return options.width + kSlack; }

  void run(const Writers& writers) {
    FinishRows rows{};
    for (int k = 0; k < 3; ++k) rows.floats[k] = rows_[k];
    for (int y = 0; y < options_.height; ++y) {
      int begin = 0, end = options_.width;
      while (begin < end && !in_frame(begin, y)) ++begin;
      while (begin < end && !in_frame(end - 1, y)) --end;
      for (int x = begin; x < end; x += kPatch) block(x, y, x - begin);
      writers.row(y, begin, end, rows);
    }
  }

 private:
  bool in_frame(int x, int y) const {
    const double px = x + 0.5, py = y + 0.5;
    const double fx = m_.a * px + m_.b * py + m_.c, fy = m_.d * px + m_.e * py + m_.f;
    return fx >= 0 && fy >= 0 && fx < view_.width() && fy < view_.height();
  }

  void block(int x, int y, int at) {
    for (int k = 0; k < components_; ++k) std::fill_n(rows_[k] + at, kPatch, 0.0f);
    for (int row = 0; row < grid_.rows; ++row) {
      for (int column = 0; column < grid_.columns; ++column) {
        sample(x + (column + 0.5) / grid_.columns, y + (row + 0.5) / grid_.rows, at);
      }
    }
  }

  void sample(double x, double y, int at) {
    float fx[kPatch], fy[kPatch];
    const double cx = m_.a * x + m_.b * y + m_.c, cy = m_.d * x + m_.e * y + m_.f;
    for (int i = 0; i < kPatch; ++i) {
      fx[i] = static_cast<float>(cx + double{m_.a} * i);
      fy[i] = static_cast<float>(cy + double{m_.d} * i);
    }
    to_indices(fx, view_.width());
    to_indices(fy, view_.height());
    float* out[3] = {rows_[0] + at, rows_[1] + at, rows_[2] + at};
    if (view_.yuv()) {
      add_colours(Between(fx, view_.width()), Between(fy, view_.height()), out);
    } else {
      add_samples(fx, fy, out);
    }
  }

  void add_samples(const float* x, const float* y, float* const out[3]) {
    int k = 0;
    for (int p = 0; p < patches_.count; ++p) {
      kernels_.patch(patches_.patch[p], x, y, out + k);
      k += patches_.patch[p].count;
    }
  }

  // Each of the four pixels around becomes a colour first.
  void add_colours(const Between& x, const Between& y, float* const out[3]) {
    for (int row = 0; row < 2; ++row) {
      for (int column = 0; column < 2; ++column) {
        float weights[kPatch], most = 0;
        for (int i = 0; i < kPatch; ++i) {
          weights[i] = x.weight[column][i] * y.weight[row][i];
          most = std::max(most, weights[i]);
        }
        if (most == 0) continue;
        float components[3][kPatch] = {};
        float* to[3] = {components[0], components[1], components[2]};
        add_samples(x.index[column], y.index[row], to);
        const float* in[3] = {components[0], components[1], components[2]};
        kernels_.add_colours(matrix_, in, components_, weights, out);
      }
    }
  }

  void to_indices(float* positions, int size) const {
    for (int i = 0; i < kPatch; ++i) {
      positions[i] = options_.filter == Filter::kNearest
                         ? static_cast<float>(nearest_pixel(positions[i], size))
                         : positions[i] - 0.5f;
    }
  }

  const Kernels& kernels_;
  const View& view_;
  const Affine& m_;
  const Options& options_;
  int components_;
  ColourMatrixF matrix_;
  Patches patches_;
  Grid grid_;
  float* rows_[3] = {};
};

}  // namespace

void resample_turned(const Kernels& kernels, const View& view, const Affine& to_frame,
                     Tensors tensors, RunContext& context) {
  const Options& options = tensors[0];
  const Grid grid(to_frame, options.filter);
  const auto floats = static_cast<std::size_t>(3 * Turned::row_floats(options));
  Scratch scratch(context.scratch(floats * sizeof(float)));
  const Writers writers(kernels, view, tensors, grid.columns * grid.rows, context);
  Turned(kernels, view, to_frame, options, scratch.take<float>(floats)).run(writers);
}

}  // namespace edgert::image
