#include "edgert/transform/image/reference.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "edgert/transform/image/colour.h"
#include "edgert/transform/image/pixel_math.h"
#include "edgert/transform/image/taps.h"

namespace edgert::image {
namespace {

using Pixel = std::array<double, 3>;

struct Weighed {
  int index;
  double weight;
};

void add(Pixel& sum, const Pixel& pixel, double weight) {
  for (std::size_t c = 0; c < 3; ++c) sum[c] += pixel[c] * weight;
}

// The two places around `at`, drawn to 0..count - 1.
std::array<Weighed, 2> around(double at, int count) {
  at = std::clamp(at, 0.0, count - 1.0);
  const int left = static_cast<int>(at);
  return {{{left, 1 - (at - left)}, {std::min(left + 1, count - 1), at - left}}};
}

PixelPlane plane_of(const Component& c) {
  return {c.data,
          c.stride,
          c.step,
          c.width,
          c.height,
          c.half_x,
          c.half_y,
          c.wide,
          c.shift,
          static_cast<float>(c.origin_x),
          static_cast<float>(c.origin_y)};
}

PixelSource source_of(const View& view, Colour colour) {
  const YuvMatrix m = yuv_matrix(view.format.range, view.format.matrix);
  PixelSource source{};
  for (int c = 0; c < view.count; ++c) source.plane[c] = plane_of(view.component[c]);
  source.width = view.width();
  source.height = view.height();
  source.kind = view.count == 1 ? PixelSource::kGray
                : view.yuv()    ? PixelSource::kYuv
                                : PixelSource::kRgb;
  source.gray = colour == Colour::kGray;
  source.gain = m.gain;
  source.bias = m.bias;
  source.r_v = m.r_v;
  source.g_u = m.g_u;
  source.g_v = m.g_v;
  source.b_u = m.b_u;
  return source;
}

// A pixel of the frame in the channels of the tensor.
class Colours {
 public:
  Colours(const View& view, Colour colour) : source_(source_of(view, colour)), colour_(colour) {}

  Pixel at(int x, int y) const {
    const PixelColour<double> p = colour_at<double>(source_, x, y);
    if (colour_ == Colour::kBgr) return {p.c[2], p.c[1], p.c[0]};
    return {p.c[0], p.c[1], p.c[2]};
  }

 private:
  PixelSource source_;
  Colour colour_;
};

// Pixels along one axis that make up an output.
std::vector<Weighed> covered(double position, double scale, int size, Filter filter) {
  if (filter == Filter::kNearest) return {{nearest_pixel(position, size), 1}};
  std::vector<Weighed> weights;
  if (filter == Filter::kBilinear || scale <= 1) {
    for (const Weighed& w : around(position - 0.5, size)) weights.push_back(w);
    return weights;
  }
  const double low = std::max(position - scale / 2, 0.0);
  const double high = std::min(position + scale / 2, static_cast<double>(size));
  for (int i = 0; i < size; ++i) {
    const double part = std::min(i + 1.0, high) - std::max<double>(i, low);
    if (part > 0) weights.push_back({i, part / (high - low)});
  }
  return weights;
}

class Sampler {
 public:
  Sampler(const View& view, const Affine& m, const Options& options)
      : view_(view), m_(m), filter_(options.filter), colours_(view, options.colour) {}

  bool in_frame(double x, double y) const {
    const auto [fx, fy] = place(x, y);
    return fx >= 0 && fy >= 0 && fx < view_.width() && fy < view_.height();
  }

  // At a place of the tensor.
  Pixel at(double x, double y) const {
    if (m_.axis_aligned() || filter_ != Filter::kArea) return mean(x, y);
    const int columns = steps(std::hypot(m_.a, m_.d)), rows = steps(std::hypot(m_.b, m_.e));
    Pixel sum{};
    for (int row = 0; row < rows; ++row) {
      for (int column = 0; column < columns; ++column) {
        add(sum, mean(x - 0.5 + (column + 0.5) / columns, y - 0.5 + (row + 0.5) / rows),
            1.0 / (columns * rows));
      }
    }
    return sum;
  }

 private:
  static int steps(double scale) {
    return std::clamp(static_cast<int>(std::ceil(scale - 1e-4)), 1, kMaxTurnedGrid);
  }
  std::array<double, 2> place(double x, double y) const {
    return {m_.a * x + m_.b * y + m_.c, m_.d * x + m_.e * y + m_.f};
  }
  Pixel mean(double x, double y) const {
    const auto [fx, fy] = place(x, y);
    const bool aligned = m_.axis_aligned();
    Pixel sum{};
    for (const Weighed& row : covered(fy, aligned ? m_.e : 1, view_.height(), filter_)) {
      for (const Weighed& column : covered(fx, aligned ? m_.a : 1, view_.width(), filter_)) {
        add(sum, colours_.at(column.index, row.index), row.weight * column.weight);
      }
    }
    return sum;
  }

  const View& view_;
  const Affine& m_;
  Filter filter_;
  Colours colours_;
};

std::size_t place_in(const Options& o, int x, int y, int c) {
  return static_cast<std::size_t>(o.layout == Layout::kNhwc
                                      ? (std::int64_t{y} * o.width + x) * o.channels() + c
                                      : (std::int64_t{c} * o.height + y) * o.width + x);
}

}  // namespace

std::vector<double> reference(const View& view, const Affine& to_frame, const Options& o) {
  const Sampler sampler(view, to_frame, o);
  std::vector<double> values(static_cast<std::size_t>(o.shape().elements()));
  for (int y = 0; y < o.height; ++y) {
    for (int x = 0; x < o.width; ++x) {
      const bool in_frame = sampler.in_frame(x + 0.5, y + 0.5);
      const Pixel pixel = in_frame ? sampler.at(x + 0.5, y + 0.5) : Pixel{o.pad, o.pad, o.pad};
      for (int c = 0; c < o.channels(); ++c) {
        const auto channel = static_cast<std::size_t>(c);
        values[place_in(o, x, y, c)] = pixel[channel] * o.scale[channel] + o.offset[channel];
      }
    }
  }
  return values;
}

}  // namespace edgert::image
