#include "edgert/transform/image/options.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "edgert/base/param_reads.h"

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
  const std::size_t wanted = static_cast<std::size_t>(channels);
  EDGERT_ASSIGN_OR_RETURN(const std::vector<double> given,
                          params.reals(name, {values.begin(), values.begin() + channels}));
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
  ParamReads::means(params, name, std::vector<double>(values.begin(), values.begin() + channels));
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

constexpr std::string_view kOfPixels[] = {"width", "height", "fit", "filter"};

bool says_pixels(std::string_view name) {
  return std::ranges::find(kOfPixels, name) != std::end(kOfPixels);
}

std::string prefix_of(int tensor) {
  return std::to_string(tensor) + ":";
}

// Tensor n's alone: with its own names, and what it shares with the first one.
Params params_of(const Params& all, int tensor) {
  const std::string prefix = prefix_of(tensor);
  Params found;
  for (const auto& [name, value] : all.values()) {
    if (tensor > 1 && says_pixels(name)) found.set(name, value);
    if (tensor == 1 && name.find(':') == std::string::npos) found.set(name, value);
    if (tensor > 1 && name.starts_with(prefix)) found.set(name.substr(prefix.size()), value);
  }
  return found;
}

int count_tensors(const Params& all) {
  int count = 1;
  const auto has = [&](int tensor) {
    return std::ranges::any_of(all.values(), [prefix = prefix_of(tensor)](const auto& entry) {
      return entry.first.starts_with(prefix);
    });
  };
  while (count <= kMostTensors && has(count + 1)) ++count;
  return count;
}

bool same_pixels(const Options& a, const Options& b) {
  return a.width == b.width && a.height == b.height && a.fit == b.fit && a.filter == b.filter &&
         (a.colour == Colour::kGray) == (b.colour == Colour::kGray);
}

}  // namespace

Result<std::vector<Options>> parse_tensors(const Params& params) {
  const int count = count_tensors(params);
  for (const auto& [name, value] : params.values()) {
    const std::size_t colon = name.find(':');
    if (colon == std::string::npos) continue;
    int tensor = 2;
    while (tensor <= count && !name.starts_with(prefix_of(tensor))) ++tensor;
    if (tensor > std::min(count, kMostTensors)) {
      return Status::invalid(
          "parameter '" + name + "'", "is of no tensor",
          "further tensors are 2: to " + prefix_of(kMostTensors) + ", without a gap");
    }
  }
  std::vector<Options> tensors;
  for (int tensor = 1; tensor <= count; ++tensor) {
    const Params own = params_of(params, tensor);
    const ParamReads reads(own);
    EDGERT_ASSIGN_OR_RETURN(Options options, parse_options(own));
    const Params meant = reads.meant();
    for (const auto& [name, value] : meant.values())
      if (tensor == 1 || !says_pixels(name))
        ParamReads::means(params, tensor == 1 ? name : prefix_of(tensor) + name, value);
    if (tensor > 1 && !same_pixels(options, tensors[0])) {
      return Status::invalid("parameter '" + prefix_of(tensor) + "colour'",
                             "gray and colours are made in passes apart");
    }
    tensors.push_back(options);
  }
  return tensors;
}

std::optional<Params> join_tensors(const Params& params, const Params& more) {
  const int count = count_tensors(params);
  const auto one = parse_options(params_of(params, 1)), other = parse_options(more);
  if (count >= kMostTensors || !one.ok() || !other.ok() || !same_pixels(*one, *other)) return {};
  Params joined = params;
  // The layout is always said, so that there is a name of each tensor.
  const std::string prefix = prefix_of(count + 1);
  joined.set(prefix + "layout", std::string(other->layout == Layout::kNhwc ? "nhwc" : "nchw"));
  for (const auto& [name, value] : more.values()) {
    if (!says_pixels(name)) joined.set(prefix + name, value);
  }
  return joined;
}

}  // namespace edgert::image
