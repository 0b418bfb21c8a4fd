#include "edgert/transform/image/options.h"

#include <cmath>
#include <string>
#include <utility>

namespace edgert::image {
namespace {

constexpr std::int64_t kMaxSide = 16384;

template <class T>
using Names = std::initializer_list<std::pair<std::string_view, T>>;

// The value whose name the text parameter holds; the first of `names` when it is absent.
template <class T>
Status choose(const Params& params, std::string_view name, Names<T> names, T& chosen) {
  EDGERT_ASSIGN_OR_RETURN(const std::string text,
                          params.text(name, std::string(names.begin()->first)));
  std::string known;
  for (const auto& [candidate, value] : names) {
    if (candidate == text) {
      chosen = value;
      return {};
    }
    known += (known.empty() ? "" : ", ") + std::string(candidate);
  }
  return Status::invalid("parameter '" + std::string(name) + "'", "unknown value '" + text + "'",
                         "use one of " + known);
}

Status read_side(const Params& params, std::string_view name, int& side) {
  EDGERT_ASSIGN_OR_RETURN(const std::int64_t value, params.integer(name, 0));
  if (value < 1 || value > kMaxSide) {
    return Status::invalid(
        "parameter '" + std::string(name) + "'",
        params.has(name) ? std::to_string(value) + " is out of range" : std::string("missing"),
        "give pixels of the tensor, 1 to " + std::to_string(kMaxSide));
  }
  side = static_cast<int>(value);
  return {};
}

Status read_channels(const Params& params, std::string_view name, int channels,
                     std::array<double, 3>& values) {
  EDGERT_ASSIGN_OR_RETURN(const std::vector<double> given, params.reals(name));
  if (!params.has(name)) return {};
  const std::size_t wanted = static_cast<std::size_t>(channels);
  if (given.size() != 1 && given.size() != wanted) {
    return Status::invalid("parameter '" + std::string(name) + "'",
                           std::to_string(given.size()) + " numbers",
                           "give one, or one a channel: " + std::to_string(channels));
  }
  for (std::size_t c = 0; c < wanted; ++c) {
    values[c] = given[given.size() == 1 ? 0 : c];
    if (!std::isfinite(values[c])) {
      return Status::invalid("parameter '" + std::string(name) + "'", "not a finite number");
    }
  }
  return {};
}

// Folds round(value / quant_scale) + quant_zero into scale and offset.
Status fold_quantisation(const Params& params, Options& options) {
  const bool whole = options.dtype == DType::kUInt8 || options.dtype == DType::kInt8;
  if (!whole && (params.has("quant_scale") || params.has("quant_zero"))) {
    return Status::invalid("parameter 'quant_scale'", "given for a floating dtype",
                           "leave quant_scale and quant_zero out, or set dtype to uint8 or int8");
  }
  EDGERT_ASSIGN_OR_RETURN(const double scale, params.real("quant_scale", 1));
  EDGERT_ASSIGN_OR_RETURN(const std::int64_t zero, params.integer("quant_zero", 0));
  if (!(scale > 0) || !std::isfinite(scale)) {
    return Status::invalid("parameter 'quant_scale'", "must be a number above 0");
  }
  for (std::size_t c = 0; c < 3; ++c) {
    options.scale[c] /= scale;
    options.offset[c] = options.offset[c] / scale + static_cast<double>(zero);
  }
  return {};
}

}  // namespace

Result<Options> parse_options(const Params& params) {
  EDGERT_RETURN_IF_ERROR(
      params.only({"width", "height", "layout", "fit", "colour", "scale", "offset", "dtype",
                   "quant_scale", "quant_zero", "filter", "pad"}));
  Options o;
  EDGERT_RETURN_IF_ERROR(read_side(params, "width", o.width));
  EDGERT_RETURN_IF_ERROR(read_side(params, "height", o.height));
  EDGERT_RETURN_IF_ERROR(choose<Layout>(
      params, "layout", {{"nhwc", Layout::kNhwc}, {"nchw", Layout::kNchw}}, o.layout));
  EDGERT_RETURN_IF_ERROR(choose<Fit>(params, "fit",
                                     {{"stretch", Fit::kStretch},
                                      {"letterbox", Fit::kLetterbox},
                                      {"centre_crop", Fit::kCentreCrop}},
                                     o.fit));
  EDGERT_RETURN_IF_ERROR(choose<Colour>(
      params, "colour", {{"rgb", Colour::kRgb}, {"bgr", Colour::kBgr}, {"gray", Colour::kGray}},
      o.colour));
  EDGERT_RETURN_IF_ERROR(choose<Filter>(
      params, "filter",
      {{"bilinear", Filter::kBilinear}, {"area", Filter::kArea}, {"nearest", Filter::kNearest}},
      o.filter));
  EDGERT_RETURN_IF_ERROR(choose<DType>(params, "dtype",
                                       {{"float32", DType::kFloat32},
                                        {"float16", DType::kFloat16},
                                        {"uint8", DType::kUInt8},
                                        {"int8", DType::kInt8}},
                                       o.dtype));
  EDGERT_RETURN_IF_ERROR(read_channels(params, "scale", o.channels(), o.scale));
  EDGERT_RETURN_IF_ERROR(read_channels(params, "offset", o.channels(), o.offset));
  EDGERT_RETURN_IF_ERROR(fold_quantisation(params, o));
  EDGERT_ASSIGN_OR_RETURN(o.pad, params.real("pad", 0));
  if (!(o.pad >= 0 && o.pad <= 255)) {
    return Status::invalid("parameter 'pad'", "must be a pixel's value, 0 to 255");
  }
  return o;
}

}  // namespace edgert::image
