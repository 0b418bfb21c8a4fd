// The parameters of image.to_tensor, read and checked once, when the node is made.
#pragma once

#include <array>
#include <optional>
#include <vector>

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

// Tensors that one pass makes at most.
inline constexpr int kMostTensors = 8;

// Of each tensor of a node. The first one's parameters stand by their names; those of tensor n by
// "n:name", and what says which pixels it shows is the first one's.
Result<std::vector<Options>> parse_tensors(const Params& params);

// The parameters of a node that makes the tensors of `params` and then what `more` asks for; none
// where that shows other pixels, or luma in place of colours, or they are too many.
std::optional<Params> join_tensors(const Params& params, const Params& more);

}  // namespace edgert::image
