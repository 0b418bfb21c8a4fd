#include "edgert/transform/answer/anchors.h"

#include <cmath>

#include "edgert/transform/answer/options.h"

namespace edgert {
namespace {

enum class Kind { kSsdMobilenet, kMediapipe };

struct AnchorRule {
  std::vector<std::int64_t> strides;
  float min_scale = 0.2f, max_scale = 0.95f;
  std::vector<double> ratios;
  bool interpolated = true;   // one more of the mean scale between this layer and the next
  bool reduce_lowest = true;  // the first layer has three
  bool fixed = false;         // all of size 1
  int width = 0, height = 0;
};

float scale_of(const AnchorRule& rule, std::size_t layer) {
  const std::size_t layers = rule.strides.size();
  if (layers == 1) return (rule.min_scale + rule.max_scale) / 2;
  return rule.min_scale + (rule.max_scale - rule.min_scale) * static_cast<float>(layer) /
                              static_cast<float>(layers - 1);
}

void add_size(std::vector<Anchor>& sizes, float scale, double ratio) {
  const auto root = static_cast<float>(std::sqrt(ratio));
  sizes.push_back({0, 0, scale * root, scale / root});
}

// The boxes that each cell of one layer has.
void add_layer(std::vector<Anchor>& sizes, const AnchorRule& rule, std::size_t layer) {
  const float scale = scale_of(rule, layer);
  if (layer == 0 && rule.reduce_lowest) {
    add_size(sizes, 0.1f, 1.0);
    add_size(sizes, scale, 2.0);
    add_size(sizes, scale, 0.5);
    return;
  }
  for (const double ratio : rule.ratios) add_size(sizes, scale, ratio);
  if (!rule.interpolated) return;
  const float next = layer + 1 == rule.strides.size() ? 1.0f : scale_of(rule, layer + 1);
  add_size(sizes, std::sqrt(scale * next), 1.0);
}

void add_grid(std::vector<Anchor>& anchors, const std::vector<Anchor>& sizes,
              const AnchorRule& rule, std::int64_t stride) {
  const std::int64_t columns = (rule.width + stride - 1) / stride;
  const std::int64_t rows = (rule.height + stride - 1) / stride;
  for (std::int64_t y = 0; y < rows; ++y) {
    for (std::int64_t x = 0; x < columns; ++x) {
      for (Anchor anchor : sizes) {
        if (rule.fixed) anchor.width = anchor.height = 1;
        anchor.cx = (static_cast<float>(x) + 0.5f) / static_cast<float>(columns);
        anchor.cy = (static_cast<float>(y) + 0.5f) / static_cast<float>(rows);
        anchors.push_back(anchor);
      }
    }
  }
}

std::vector<Anchor> generate(const AnchorRule& rule) {
  std::vector<Anchor> anchors;
  for (std::size_t layer = 0; layer < rule.strides.size();) {
    const std::int64_t stride = rule.strides[layer];
    std::vector<Anchor> sizes;
    for (; layer < rule.strides.size() && rule.strides[layer] == stride; ++layer) {
      add_layer(sizes, rule, layer);
    }
    add_grid(anchors, sizes, rule, stride);
  }
  return anchors;
}

Status read_mediapipe(const Params& params, AnchorRule& rule) {
  EDGERT_ASSIGN_OR_RETURN(rule.strides, params.integers("anchor_strides"));
  EDGERT_ASSIGN_OR_RETURN(const int per_cell, whole_option(params, "anchor_per_cell", 1, 1, 16));
  rule.ratios.assign(static_cast<std::size_t>(per_cell), 1.0);
  rule.reduce_lowest = false;
  rule.fixed = true;
  return {};
}

Status read_ssd_mobilenet(const Params& params, AnchorRule& rule) {
  EDGERT_ASSIGN_OR_RETURN(const int layers, whole_option(params, "anchor_layers", 6, 1, 16));
  for (int i = 0; i < layers; ++i) rule.strides.push_back(std::int64_t{16} << i);
  EDGERT_ASSIGN_OR_RETURN(rule.strides, params.integers("anchor_strides", rule.strides));
  EDGERT_ASSIGN_OR_RETURN(rule.min_scale, real_option(params, "anchor_min_scale", 0.2, 0.001, 1));
  EDGERT_ASSIGN_OR_RETURN(rule.max_scale, real_option(params, "anchor_max_scale", 0.95, 0.001, 1));
  EDGERT_ASSIGN_OR_RETURN(rule.ratios, params.reals("anchor_ratios", {1.0, 2.0, 0.5, 3.0, 0.3333}));
  EDGERT_ASSIGN_OR_RETURN(rule.reduce_lowest, params.boolean("anchor_reduce_lowest", true));
  return {};
}

Status check(const AnchorRule& rule) {
  if (rule.strides.empty()) {
    return Status::invalid("parameter 'anchor_strides'", "missing",
                           "give the stride of each layer in pixels, e.g. [8, 16, 16, 16]");
  }
  for (const std::int64_t stride : rule.strides) {
    if (stride < 1) return Status::invalid("parameter 'anchor_strides'", "must be 1 or more");
  }
  for (const double ratio : rule.ratios) {
    if (!(ratio > 0)) return Status::invalid("parameter 'anchor_ratios'", "must be above 0");
  }
  return {};
}

}  // namespace

Result<std::vector<Anchor>> make_anchors(const Params& params, int input_width, int input_height) {
  AnchorRule rule;
  rule.width = input_width;
  rule.height = input_height;
  EDGERT_ASSIGN_OR_RETURN(const Kind kind,
                          choice_option<Kind>(params, "anchors", "",
                                              {{"ssd_mobilenet", Kind::kSsdMobilenet},
                                               {"mediapipe", Kind::kMediapipe}}));
  EDGERT_RETURN_IF_ERROR(kind == Kind::kMediapipe ? read_mediapipe(params, rule)
                                                  : read_ssd_mobilenet(params, rule));
  EDGERT_ASSIGN_OR_RETURN(rule.interpolated, params.boolean("anchor_interpolated", true));
  EDGERT_RETURN_IF_ERROR(check(rule));
  return generate(rule);
}

}  // namespace edgert
