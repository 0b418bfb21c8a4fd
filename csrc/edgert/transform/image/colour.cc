#include "edgert/transform/image/colour.h"

#include <cmath>

namespace edgert::image {
namespace {

Element element_of(DType dtype) {
  switch (dtype) {
    case DType::kFloat16:
      return Element::kFloat16;
    case DType::kUInt8:
      return Element::kUInt8;
    case DType::kInt8:
      return Element::kInt8;
    default:
      return Element::kFloat32;
  }
}

Finish encoding(const Options& options) {
  Finish f;
  f.element = element_of(options.dtype);
  f.interleaved = options.layout == Layout::kNhwc;
  f.channels = options.channels();
  for (std::size_t c = 0; c < 3; ++c) {
    f.scale[c] = static_cast<float>(options.scale[c]);
    f.offset[c] = static_cast<float>(options.offset[c]);
  }
  return f;
}

void use(Plan& plan, std::initializer_list<int> components) {
  plan.inputs = 0;
  for (const int c : components) plan.component[plan.inputs++] = c;
}

std::int16_t fixed(double value) {
  return static_cast<std::int16_t>(std::lround(value));
}

}  // namespace

YuvMatrix yuv_matrix(ColourRange range, ColourMatrix matrix) {
  const double kr = matrix == ColourMatrix::kBt709 ? 0.2126 : 0.299;
  const double kb = matrix == ColourMatrix::kBt709 ? 0.0722 : 0.114;
  const double kg = 1 - kr - kb;
  const bool video = range == ColourRange::kVideo;
  const double luma = video ? 255.0 / 219 : 1, chroma = video ? 255.0 / 224 : 1;
  YuvMatrix m;
  m.gain = luma;
  m.bias = video ? -16 * luma : 0;
  m.r_v = 2 * (1 - kr) * chroma;
  m.b_u = 2 * (1 - kb) * chroma;
  m.g_u = -m.b_u * kb / kg;
  m.g_v = -m.r_v * kr / kg;
  return m;
}

ColourMatrix16 fixed_matrix(const View& view, bool gray) {
  const YuvMatrix m = yuv_matrix(view.format.range, view.format.matrix);
  constexpr double kLuma = 65536.0 * 64 / 128, kChroma = 65536.0 * 64 / 256;
  ColourMatrix16 fixed_point{static_cast<std::uint16_t>(std::lround(m.gain * kLuma)),
                             fixed(m.r_v * kChroma),
                             fixed(m.g_u * kChroma),
                             fixed(m.g_v * kChroma),
                             fixed(m.b_u * kChroma / 2),
                             {}};
  // Each product is rounded down, by 1/2 in the mean; the last is doubled.
  const double lost[3] = {gray ? 0.5 : 1.0, 1.5, 1.5};
  for (int c = 0; c < 3; ++c) fixed_point.bias[c] = fixed(m.bias * 64 + lost[c]);
  return fixed_point;
}

ByteMatrix byte_matrix(const View& view, bool gray) {
  const YuvMatrix m = yuv_matrix(view.format.range, view.format.matrix);
  constexpr double kLuma = 65536.0 * kColourUnit / 257, kChroma = 65536.0 * kColourUnit / 128;
  const auto factor = [](double value) {
    return static_cast<std::uint16_t>(std::lround(std::abs(value)));
  };
  ByteMatrix matrix{factor(m.gain * kLuma),  factor(m.r_v * kChroma), factor(m.g_u * kChroma),
                    factor(m.g_v * kChroma), factor(m.b_u * kChroma), {}};
  // Chroma is not less 128 yet. Each product is rounded down, by 1/2 in the mean, and green's
  // chroma is taken away.
  const double chroma[3] = {-128 * m.r_v, -128 * (m.g_u + m.g_v), -128 * m.b_u};
  const double lost[3] = {1, -0.5, 1};
  for (int c = 0; c < 3; ++c) {
    const double bias = m.bias + (gray ? 0 : chroma[c]);
    matrix.bias[c] = fixed(bias * kColourUnit + (gray ? 0.5 : lost[c]));
  }
  return matrix;
}

double dense_unit(const View& view) {
  return kDenseUnit / yuv_matrix(view.format.range, view.format.matrix).gain;
}

DenseMatrix dense_matrix(const View& view) {
  const YuvMatrix m = yuv_matrix(view.format.range, view.format.matrix);
  const double unit = kDenseUnit / m.gain;  // luma isn't scaled
  const auto factor = [&](double value) {
    return static_cast<std::uint16_t>(std::lround(std::abs(value) * unit * 256));
  };
  // What luma adds to makes 65535 of a pixel of 255. Green's products are rounded down and taken
  // away; the other products lose as much as the means of terms gain.
  const double top = 65535 - 255 * unit + m.bias * unit;
  const auto offset = [&](double chroma, double lost) {
    return static_cast<std::uint16_t>(std::lround(top - 128 * chroma * unit + lost));
  };
  return {factor(m.r_v),
          factor(m.g_u),
          factor(m.g_v),
          factor(m.b_u),
          {offset(m.r_v, 0), offset(m.g_u + m.g_v, -1.5), offset(m.b_u, 0)},
          static_cast<std::uint16_t>(65535 - std::lround(255 * unit))};
}

ColourMatrixF float_matrix(const View& view, bool gray) {
  const YuvMatrix m = yuv_matrix(view.format.range, view.format.matrix);
  const auto f = [](double value) { return static_cast<float>(value); };
  ColourMatrixF matrix{f(m.gain), f(m.r_v), f(m.g_u), f(m.g_v), f(m.b_u), {}};
  matrix.bias[0] = f(gray ? m.bias : m.bias - 128 * m.r_v);
  matrix.bias[1] = f(m.bias - 128 * (m.g_u + m.g_v));
  matrix.bias[2] = f(m.bias - 128 * m.b_u);
  return matrix;
}

Plan plan_colours(const View& view, const Options& options, double unit) {
  Plan plan{encoding(options), 1, {0, 0, 0}};
  plan.finish.gain = static_cast<float>(1 / unit);
  if (view.count == 1) return plan;
  const bool gray = options.colour == Colour::kGray;
  if (gray && view.yuv()) return plan;
  if (options.colour == Colour::kBgr) {
    use(plan, {2, 1, 0});
  } else {
    use(plan, {0, 1, 2});
  }
  if (!gray) return plan;
  plan.finish.colour = Finish::Colour::kLuma;
  for (int c = 0; c < 3; ++c) plan.finish.weight[c] = static_cast<float>(kGrayWeights[c] / unit);
  return plan;
}

}  // namespace edgert::image
