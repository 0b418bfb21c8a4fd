#include "edgert/transform/answer/box_decoder.h"

#include <cmath>

#include "edgert/transform/answer/detections.h"
#include "edgert/transform/answer/options.h"

namespace edgert {

Result<BoxDecoder> BoxDecoder::make(const Params& params, int input_width, int input_height) {
  BoxDecoder decoder;
  EDGERT_ASSIGN_OR_RETURN(decoder.format_, choice_option<Format>(params, "format", "corners",
                                                                 {{"ssd", Format::kSsd},
                                                                  {"mediapipe", Format::kMediapipe},
                                                                  {"corners", Format::kCorners},
                                                                  {"centre", Format::kCentre}}));
  const bool anchored = decoder.format_ == Format::kSsd || decoder.format_ == Format::kMediapipe;
  EDGERT_ASSIGN_OR_RETURN(const bool normalised, params.boolean("normalised", true));
  if (anchored || normalised) {
    decoder.unit_x_ = static_cast<float>(input_width);
    decoder.unit_y_ = static_cast<float>(input_height);
  }
  EDGERT_ASSIGN_OR_RETURN(
      decoder.yx_, choice_option<bool>(params, "order", "xy", {{"xy", false}, {"yx", true}}));
  EDGERT_ASSIGN_OR_RETURN(decoder.keypoints_,
                          whole_option(params, "keypoints", 0, 0, kMaxKeypoints));
  if (decoder.keypoints_ > 0 && decoder.format_ != Format::kMediapipe) {
    return Status::invalid("parameter 'keypoints'", "only format mediapipe has key points");
  }
  EDGERT_RETURN_IF_ERROR(decoder.read_scales(params));
  if (!anchored) return decoder;
  EDGERT_ASSIGN_OR_RETURN(decoder.anchors_, make_anchors(params, input_width, input_height));
  return decoder;
}

Status BoxDecoder::read_scales(const Params& params) {
  if (format_ == Format::kSsd) {  // in the tensor's order: y, x, h, w
    EDGERT_ASSIGN_OR_RETURN(const std::vector<double> s, params.reals("scales", {10, 10, 5, 5}));
    if (s.size() != 4) return Status::invalid("parameter 'scales'", "expected four: y, x, h, w");
    scales_ = {static_cast<float>(1 / s[1]), static_cast<float>(1 / s[0]),
               static_cast<float>(1 / s[3]), static_cast<float>(1 / s[2])};
  }
  if (format_ == Format::kMediapipe) {
    EDGERT_ASSIGN_OR_RETURN(const std::vector<double> s,
                            params.reals("scale_xy", {unit_x_, unit_y_}));
    if (s.empty() || s.size() > 2) {
      return Status::invalid("parameter 'scale_xy'",
                             "expected one number, or one for x and one for y");
    }
    const auto x = static_cast<float>(1 / s[0]), y = static_cast<float>(1 / s.back());
    scales_ = {x, y, x, y};
  }
  for (const float scale : scales_) {
    if (!(std::isfinite(scale) && scale > 0)) {
      return Status::invalid("parameter 'scales'", "scales must be above 0");
    }
  }
  return {};
}

Box BoxDecoder::centre(float cx, float cy, float width, float height) const {
  const float x = cx * unit_x_, y = cy * unit_y_;
  const float half_width = width * unit_x_ / 2, half_height = height * unit_y_ / 2;
  return {x - half_width, y - half_height, x + half_width, y + half_height};
}

Box BoxDecoder::ssd(const float* row, const Anchor& anchor) const {
  return centre(row[1] * scales_[0] * anchor.width + anchor.cx,
                row[0] * scales_[1] * anchor.height + anchor.cy,
                std::exp(row[3] * scales_[2]) * anchor.width,
                std::exp(row[2] * scales_[3]) * anchor.height);
}

Box BoxDecoder::box(const float* row, std::int64_t index) const {
  const int x = yx_ ? 1 : 0, y = yx_ ? 0 : 1;
  switch (format_) {
    case Format::kSsd:
      return ssd(row, anchors_[static_cast<std::size_t>(index)]);
    case Format::kMediapipe: {
      const Anchor& anchor = anchors_[static_cast<std::size_t>(index)];
      return centre(row[0] * scales_[0] + anchor.cx, row[1] * scales_[1] + anchor.cy,
                    row[2] * scales_[2], row[3] * scales_[3]);
    }
    case Format::kCorners:
      return {row[x] * unit_x_, row[y] * unit_y_, row[2 + x] * unit_x_, row[2 + y] * unit_y_};
    case Format::kCentre:
      return centre(row[x], row[y], row[2 + x], row[2 + y]);
  }
  return {};
}

void BoxDecoder::keypoint(const float* row, std::int64_t index, int k, float& x, float& y) const {
  const Anchor& anchor = anchors_[static_cast<std::size_t>(index)];
  x = (row[4 + 2 * k] * scales_[0] + anchor.cx) * unit_x_;
  y = (row[5 + 2 * k] * scales_[1] + anchor.cy) * unit_y_;
}

}  // namespace edgert
