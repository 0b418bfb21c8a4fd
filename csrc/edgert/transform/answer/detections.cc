#include "edgert/transform/answer/detections.h"

#include <string>

#include "edgert/transform/answer/options.h"
#include "edgert/transform/answer/tensor_input.h"

namespace edgert {
namespace {

constexpr std::string_view kWanted = "detections [N, 6 + 3K]";

void map_point(const Affine& m, float& x, float& y) {
  const float u = x, v = y;
  x = m.a * u + m.b * v + m.c;
  y = m.d * u + m.e * v + m.f;
}

void map_box(const Affine& m, float* box) {
  float x[4] = {box[0], box[2], box[0], box[2]}, y[4] = {box[1], box[1], box[3], box[3]};
  for (int i = 0; i < 4; ++i) map_point(m, x[i], y[i]);
  box[0] = std::min({x[0], x[1], x[2], x[3]});
  box[1] = std::min({y[0], y[1], y[2], y[3]});
  box[2] = std::max({x[0], x[1], x[2], x[3]});
  box[3] = std::max({y[0], y[1], y[2], y[3]});
}

}  // namespace

TensorSpec detections_spec(int max_rows, int columns) {
  const auto cells = static_cast<std::size_t>(max_rows) * static_cast<std::size_t>(columns);
  return {"detections", DType::kFloat32, Shape{-1, columns}, cells * sizeof(float)};
}

Result<DetectionsInput> DetectionsInput::make(std::span<const InputFormat> inputs,
                                              std::size_t index) {
  if (index >= inputs.size() || !inputs[index].tensor) {
    return Status::invalid("detections", "input " + std::to_string(index) + " is not a tensor",
                           "expected float32 " + std::string(kWanted));
  }
  const TensorSpec& spec = *inputs[index].tensor;
  const std::int64_t columns = spec.shape.rank() == 2 ? spec.shape[1] : 0;
  if (spec.dtype != DType::kFloat32 || columns < kFirstPoint ||
      (columns - kFirstPoint) % kPointColumns != 0) {
    return wrong_shape("detections", spec, kWanted);
  }
  const auto row_bytes = static_cast<std::size_t>(columns) * sizeof(float);
  DetectionsInput input{static_cast<int>(columns), static_cast<int>(spec.bytes() / row_bytes)};
  if (input.max_rows < 1) {
    return Status::invalid("detections", "got " + spec.text() + " with no bound on its rows",
                           "give the tensor's specification max_bytes");
  }
  return input;
}

Result<int> DetectionsInput::rows(const Input& input) const {
  const Shape shape = input.tensor ? input.tensor->shape() : Shape();
  if (shape.rank() != 2 || shape[1] != columns || shape[0] > max_rows) {
    return Status::invalid(
        "detections", "got " + shape.text(),
        "expected at most " + std::to_string(max_rows) + " rows of " + std::to_string(columns));
  }
  return static_cast<int>(shape[0]);
}

void map_to_frame(float* rows, int count, int columns, const Affine& affine) {
  for (float* row = rows; row < rows + count * columns; row += columns) {
    map_box(affine, row);
    for (int at = kFirstPoint; at < columns; at += kPointColumns) {
      map_point(affine, row[at], row[at + 1]);
    }
  }
}

Result<DetectionWriter> DetectionWriter::make(const Params& params, int keypoints) {
  DetectionWriter writer;
  writer.keypoints = keypoints;
  EDGERT_ASSIGN_OR_RETURN(writer.rule.mode, choice_option<Nms>(params, "nms", "hard",
                                                               {{"hard", Nms::kHard},
                                                                {"weighted", Nms::kWeighted},
                                                                {"none", Nms::kNone}}));
  EDGERT_ASSIGN_OR_RETURN(writer.rule.iou, real_option(params, "iou", 0.5, 0, 1));
  EDGERT_ASSIGN_OR_RETURN(writer.rule.class_aware, params.boolean("class_aware", true));
  EDGERT_ASSIGN_OR_RETURN(writer.rule.max_groups,
                          whole_option(params, "max_detections", 100, 1, kMaxDetections));
  return writer;
}

void DetectionWriter::finish(std::span<const Candidate> candidates, float* rows) const {
  int next = 0;
  for (const Candidate& leader : candidates) {
    if (leader.group != next) continue;
    float* row = rows + columns() * next++;
    const float share = 1 / row[kClassColumn];
    for (int i = 0; i < columns(); ++i) row[i] *= share;
    row[kScoreColumn] = leader.score;
    row[kClassColumn] = static_cast<float>(leader.label);
    for (int at = kFirstPoint; at < columns(); at += kPointColumns) row[at + 2] = leader.score;
  }
}

}  // namespace edgert
