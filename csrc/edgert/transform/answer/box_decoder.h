// Decodes one row of a detector's box tensor into pixels of the model's input.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "edgert/transform/answer/anchors.h"
#include "edgert/transform/answer/candidate.h"

namespace edgert {

class BoxDecoder {
 public:
  // Reads `format`, `normalised`, `order`, `scales`, `scale_xy`, `keypoints` and the anchors.
  static Result<BoxDecoder> make(const Params& params, int input_width, int input_height);

  int keypoints() const { return keypoints_; }
  int columns() const { return 4 + 2 * keypoints_; }
  const std::vector<Anchor>& anchors() const { return anchors_; }

  Box box(const float* row, std::int64_t index) const;
  void keypoint(const float* row, std::int64_t index, int k, float& x, float& y) const;

 private:
  enum class Format : std::uint8_t { kSsd, kMediapipe, kCorners, kCentre };

  Status read_scales(const Params& params);
  Box ssd(const float* row, const Anchor& anchor) const;
  Box centre(float cx, float cy, float width, float height) const;

  Format format_ = Format::kCorners;
  bool yx_ = false;                          // of corners and centre: y comes first
  float unit_x_ = 1, unit_y_ = 1;            // pixels that 1 stands for
  std::array<float, 4> scales_{1, 1, 1, 1};  // what raw values are multiplied by: x, y, w, h
  int keypoints_ = 0;
  std::vector<Anchor> anchors_;
};

}  // namespace edgert
