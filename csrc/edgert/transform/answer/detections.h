// The layout of detections, and the last steps that every detector's answer takes.
#pragma once

#include <algorithm>
#include <span>
#include <string_view>

#include "edgert/transform/answer/candidate.h"
#include "edgert/transform/answer/frame_map.h"
#include "edgert/transform/answer/nms.h"
#include "edgert/transform/transform.h"

namespace edgert {

// Columns of a row: x0, y0, x1, y1, score, class, then x, y, score for each key point.
inline constexpr int kScoreColumn = 4, kClassColumn = 5, kFirstPoint = 6, kPointColumns = 3;
inline constexpr int kMaxDetections = 10000, kMaxKeypoints = 256;

TensorSpec detections_spec(int max_rows, int columns);

// An input that is detections.
struct DetectionsInput {
  int columns = kFirstPoint;
  int max_rows = 0;
  int keypoints() const { return (columns - kFirstPoint) / kPointColumns; }

  static Result<DetectionsInput> make(std::span<const InputFormat> inputs, std::size_t index);
  // Rows of what came, or why it is not what was specified.
  Result<int> rows(const Input& input) const;
};

// Moves boxes and key points of `rows` from the model's input to the frame. A box in a turned
// region becomes the upright box around it.
void map_to_frame(float* rows, int count, int columns, const Affine& affine);

// Sorts, suppresses, merges, maps and writes candidates as output 0.
struct DetectionWriter {
  NmsRule rule;
  int keypoints = 0;

  // Reads `iou`, `nms`, `class_aware`, `max_detections`.
  static Result<DetectionWriter> make(const Params& params, int keypoints);
  int columns() const { return kFirstPoint + kPointColumns * keypoints; }
  TensorSpec spec() const { return detections_spec(rule.max_groups, columns()); }

  // `point(candidate, k, x, y)` gives key point k of a candidate, where there are any.
  template <class Point>
  Status write(std::span<Candidate> candidates, const Affine& affine, RunContext& context,
               const Point& point) const {
    if (!is_usable(affine)) candidates = {};  // a broken region
    sort_by_score(candidates);
    const int groups = group_overlapping(candidates, rule);
    EDGERT_RETURN_IF_ERROR(context.allocate(0, Shape{groups, columns()}));
    float* rows = context.output(0).data<float>();
    std::fill_n(rows, groups * columns(), 0.0f);
    for (const Candidate& candidate : candidates) add(candidate, rows, point);
    finish(candidates, rows);
    map_to_frame(rows, groups, columns(), affine);
    return {};
  }
  Status write(std::span<Candidate> candidates, const Affine& affine, RunContext& context) const {
    return write(candidates, affine, context, [](const Candidate&, int, float&, float&) {});
  }

 private:
  // How much a candidate counts in its group; the class column collects the sum meanwhile.
  float weight(const Candidate& candidate, const float* row) const {
    if (rule.mode == Nms::kWeighted) return std::clamp(candidate.score, 1e-6f, 1e6f);
    return row[kClassColumn] == 0 ? 1.0f : 0.0f;  // the leader comes first
  }
  template <class Point>
  void add(const Candidate& candidate, float* rows, const Point& point) const {
    if (candidate.group < 0) return;
    float* row = rows + candidate.group * columns();
    const float share = weight(candidate, row);
    if (share == 0) return;
    row[0] += share * candidate.box.x0;
    row[1] += share * candidate.box.y0;
    row[2] += share * candidate.box.x1;
    row[3] += share * candidate.box.y1;
    row[kClassColumn] += share;
    for (int k = 0; k < keypoints; ++k) {
      float x = 0, y = 0;
      point(candidate, k, x, y);
      row[kFirstPoint + kPointColumns * k] += share * x;
      row[kFirstPoint + kPointColumns * k + 1] += share * y;
    }
  }
  void finish(std::span<const Candidate> candidates, float* rows) const;
};

}  // namespace edgert
