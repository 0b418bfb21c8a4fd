// The parameters of image.to_tensor, read and checked once, when the node is made.
#pragma once

#include <array>

#include "edgert/base/params.h"
#include "edgert/memory/tensor.h"
#include "edgert/transform/geometry.h"

namespace edgert::image {

enum class Layout { kNhwc, kNchw };
enum class Colour { kRgb, kBgr, kGray };
enum class Filter { kBilinear, kArea, kNearest };

struct Options {
  int width = 0, height = 0;
  Layout layout = Layout::kNhwc;
  Fit fit = Fit::kStretch;
  Colour colour = Colour::kRgb;
  Filter filter = Filter::kBilinear;
  DType dtype = DType::kFloat32;
  // Element = pixel * scale + offset, by output channel; quantisation is already in them.
  std::array<double, 3> scale{1, 1, 1}, offset{0, 0, 0};
  double pad = 0;  // a pixel's value

  int channels() const { return colour == Colour::kGray ? 1 : 3; }
  Shape shape() const {
    return layout == Layout::kNhwc ? Shape{1, height, width, channels()}
                                   : Shape{1, channels(), height, width};
  }
};

Result<Options> parse_options(const Params& params);

}  // namespace edgert::image
