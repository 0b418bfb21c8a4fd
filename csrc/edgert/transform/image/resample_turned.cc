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
  patch.x = axis_of(view.width(), c.width, c.half_x, c.origin_x);
  patch.y = axis_of(view.height(), c.height, c.half_y, c.origin_y);
  return patch;
}

bool alike(const Component& a, const Component& b) {
  return a.stride == b.stride && a.step == b.step && a.half_x == b.half_x && a.half_y == b.half_y;
}

// The components in patches; those that lie alike share one, and its weights.
struct Patches {
  Patch patch[3];
  int count = 0;

  Patches(const View& view, const Plan& plan) {
    const Component* last = nullptr;
    for (int k = 0; k < plan.inputs; ++k) {
      const Component& c = view.component[plan.component[k]];
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

class Turned {
 public:
  Turned(const Kernels& kernels, const View& view, const Affine& m, const Options& options,
         const Plan& plan, float* memory)
      : kernels_(kernels),
        view_(view),
        m_(m),
        options_(options),
        patches_(view, plan),
        grid_(m, options.filter) {
    for (int k = 0; k < plan.inputs; ++k) rows_[k] = memory + k * row_floats(options);
  }

  static std::ptrdiff_t row_floats(const Options& options) { return options.width + kSlack; }

  void run(const Writer& writer) {
    const float* in[3] = {};
    for (int k = 0; k < 3; ++k) in[k] = rows_[k] ? rows_[k] : rows_[0];
    for (int y = 0; y < options_.height; ++y) {
      int begin = 0, end = options_.width;
      while (begin < end && !in_frame(begin, y)) ++begin;
      while (begin < end && !in_frame(end - 1, y)) --end;
      for (int x = begin; x < end; x += kPatch) block(x, y, x - begin);
      writer.row(y, begin, end, in);
    }
  }

 private:
  bool in_frame(int x, int y) const {
    const double px = x + 0.5, py = y + 0.5;
    const double fx = m_.a * px + m_.b * py + m_.c, fy = m_.d * px + m_.e * py + m_.f;
    return fx >= 0 && fy >= 0 && fx < view_.width() && fy < view_.height();
  }

  void block(int x, int y, int at) {
    for (int k = 0; k < 3 && rows_[k]; ++k) std::fill_n(rows_[k] + at, kPatch, 0.0f);
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
    int k = 0;
    for (int p = 0; p < patches_.count; ++p) {
      float* out[3] = {};
      for (int c = 0; c < patches_.patch[p].count; ++c) out[c] = rows_[k++] + at;
      kernels_.patch(patches_.patch[p], fx, fy, out);
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
  Patches patches_;
  Grid grid_;
  float* rows_[3] = {};
};

}  // namespace

void resample_turned(const Kernels& kernels, const View& view, const Affine& to_frame,
                     const Options& options, RunContext& context) {
  const Grid grid(to_frame, options.filter);
  const Plan plan = plan_colours(view, options, grid.columns * grid.rows);
  const auto floats = static_cast<std::size_t>(3 * Turned::row_floats(options));
  Scratch scratch(context.scratch(floats * sizeof(float)));
  const Writer writer(kernels, options, plan.finish, context.output(0).bytes_data());
  Turned(kernels, view, to_frame, options, plan, scratch.take<float>(floats)).run(writer);
}

}  // namespace edgert::image
