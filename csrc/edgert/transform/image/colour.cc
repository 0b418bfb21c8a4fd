#include "edgert/transform/image/colour.h"

#include <utility>

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

void from_yuv(Plan& plan, const View& view, Colour colour, double unit) {
  const YuvMatrix m = yuv_matrix(view.format.range, view.format.matrix);
  Finish& f = plan.finish;
  f.gain = static_cast<float>(m.gain / unit);
  f.bias[0] = static_cast<float>(m.bias);
  if (colour == Colour::kGray) return use(plan, {0});
  f.colour = Finish::Colour::kMatrix;
  f.first_by_2 = static_cast<float>(m.r_v / unit);
  f.middle_by_1 = static_cast<float>(m.g_u / unit);
  f.middle_by_2 = static_cast<float>(m.g_v / unit);
  f.last_by_1 = static_cast<float>(m.b_u / unit);
  f.bias[0] = static_cast<float>(m.bias - 128 * m.r_v);
  f.bias[1] = static_cast<float>(m.bias - 128 * (m.g_u + m.g_v));
  f.bias[2] = static_cast<float>(m.bias - 128 * m.b_u);
  if (colour == Colour::kRgb) return use(plan, {0, 1, 2});
  // Blue first: the same form with U and V exchanged.
  std::swap(f.first_by_2, f.last_by_1);
  std::swap(f.middle_by_1, f.middle_by_2);
  std::swap(f.bias[0], f.bias[2]);
  use(plan, {0, 2, 1});
}

void from_rgb(Plan& plan, Colour colour, double unit) {
  plan.finish.gain = static_cast<float>(1 / unit);
  if (colour == Colour::kRgb) return use(plan, {0, 1, 2});
  if (colour == Colour::kBgr) return use(plan, {2, 1, 0});
  plan.finish.colour = Finish::Colour::kLuma;
  for (int c = 0; c < 3; ++c) plan.finish.weight[c] = static_cast<float>(kGrayWeights[c] / unit);
  use(plan, {0, 1, 2});
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

Plan plan_colours(const View& view, const Options& options, double unit) {
  Plan plan{encoding(options), 1, {0, 0, 0}};
  if (view.yuv()) {
    from_yuv(plan, view, options.colour, unit);
  } else if (view.count == 3) {
    from_rgb(plan, options.colour, unit);
  } else {
    plan.finish.gain = static_cast<float>(1 / unit);
  }
  return plan;
}

}  // namespace edgert::image
