// answer.boxes: detectors that give a tensor of boxes and a tensor of scores.
#include <string>

#include "edgert/transform/answer/box_decoder.h"
#include "edgert/transform/answer/detections.h"
#include "edgert/transform/answer/frame_map.h"
#include "edgert/transform/answer/operations.h"
#include "edgert/transform/answer/score_scan.h"
#include "edgert/transform/answer/tensor_input.h"

namespace edgert {
namespace {

class Boxes final : public Transform {
 public:
  static constexpr std::string_view kName = "answer.boxes";
  static Result<Boxes> make(const Params& params, std::span<const InputFormat> inputs);

  std::span<const TensorSpec> outputs() const override { return {&spec_, 1}; }
  Status run(std::span<const Input> inputs, RunContext& context) override;
  bool cheap() const override { return scores_.is_small(); }

 private:
  Boxes(FrameMap map, BoxDecoder decoder, TensorInput boxes, TensorInput scores)
      : map_(map), decoder_(std::move(decoder)), boxes_(boxes), scores_(scores) {}
  bool points_valid(const float* raw, std::int64_t index) const;
  Status check_counts(const InputFormat& boxes, const InputFormat& scores) const;

  FrameMap map_;
  BoxDecoder decoder_;
  TensorInput boxes_, scores_;
  ScoreRule rule_;
  DetectionWriter writer_;
  TensorSpec spec_;
};

// Scores are [N, C], or [N] of detectors with one class.
Result<TensorInput> score_input(std::span<const InputFormat> inputs, std::int64_t rows) {
  constexpr std::string_view kWanted = "[…, N, C] or [1, N], N as the boxes'";
  const TensorSpec* spec = inputs.size() > 1 ? inputs[1].tensor : nullptr;
  const int rank = spec ? spec->shape.rank() : 0;
  const bool one_class =
      rank == 1 || (rank == 2 && spec->shape[0] == 1 && rows != 1 && spec->shape[1] == rows);
  return TensorInput::make(inputs, 1, "scores", one_class ? 1 : 2, kWanted);
}

Result<Boxes> Boxes::make(const Params& params, std::span<const InputFormat> inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"format",
                                      "normalised",
                                      "order",
                                      "scales",
                                      "scale_xy",
                                      "anchors",
                                      "anchor_strides",
                                      "anchor_per_cell",
                                      "anchor_interpolated",
                                      "anchor_min_scale",
                                      "anchor_max_scale",
                                      "anchor_ratios",
                                      "anchor_layers",
                                      "anchor_reduce_lowest",
                                      "activation",
                                      "background",
                                      "keypoints",
                                      "min_score",
                                      "iou",
                                      "nms",
                                      "class_aware",
                                      "max_detections",
                                      "fit",
                                      "input_width",
                                      "input_height"}));
  EDGERT_ASSIGN_OR_RETURN(const FrameMap map, FrameMap::make(params, inputs, 2));
  EDGERT_ASSIGN_OR_RETURN(
      BoxDecoder decoder,
      BoxDecoder::make(params, static_cast<int>(map.width()), static_cast<int>(map.height())));
  EDGERT_ASSIGN_OR_RETURN(const TensorInput boxes,
                          TensorInput::make(inputs, 0, "boxes", 2, "[…, N, 4 + 2 × keypoints]"));
  EDGERT_ASSIGN_OR_RETURN(const TensorInput scores, score_input(inputs, boxes.shape[0]));
  Boxes op(map, std::move(decoder), boxes, scores);
  EDGERT_RETURN_IF_ERROR(op.check_counts(inputs[0], inputs[1]));
  EDGERT_ASSIGN_OR_RETURN(op.rule_, ScoreRule::make(params, "sigmoid"));
  EDGERT_ASSIGN_OR_RETURN(const bool background, params.boolean("background", false));
  if (background) op.rule_.nothing = 0;
  EDGERT_ASSIGN_OR_RETURN(op.writer_, DetectionWriter::make(params, op.decoder_.keypoints()));
  op.spec_ = op.writer_.spec();
  return op;
}

Status Boxes::check_counts(const InputFormat& boxes, const InputFormat& scores) const {
  if (boxes_.shape[1] != decoder_.columns()) {
    return wrong_shape("boxes", *boxes.tensor,
                       "[…, N, " + std::to_string(decoder_.columns()) + "]");
  }
  const auto anchors = static_cast<std::int64_t>(decoder_.anchors().size());
  if (anchors > 0 && boxes_.shape[0] != anchors) {
    return wrong_shape("boxes", *boxes.tensor,
                       "[…, " + std::to_string(anchors) + ", " +
                           std::to_string(decoder_.columns()) +
                           "], one row an anchor of this input size");
  }
  const bool no_classes = scores_.shape.rank() == 2 && scores_.shape[1] < 1;
  if (scores_.shape[0] != boxes_.shape[0] || no_classes) {
    return wrong_shape("scores", *scores.tensor,
                       "[…, " + std::to_string(boxes_.shape[0]) + ", C], a row a box");
  }
  return {};
}

bool Boxes::points_valid(const float* raw, std::int64_t index) const {
  for (int k = 0; k < decoder_.keypoints(); ++k) {
    float x = 0, y = 0;
    decoder_.keypoint(raw + index * decoder_.columns(), index, k, x, y);
    if (!within_reach(x) || !within_reach(y)) return false;
  }
  return true;
}

Status Boxes::run(std::span<const Input> inputs, RunContext& context) {
  EDGERT_ASSIGN_OR_RETURN(const Shape boxes, boxes_.check(inputs[0]));
  EDGERT_ASSIGN_OR_RETURN(const Shape scores, scores_.check(inputs[1]));
  if (scores[0] != boxes[0]) {
    return Status::invalid(std::string(kName),
                           "boxes are " + boxes.text() + ", scores " + scores.text(),
                           "expected a score a box");
  }
  const std::int64_t rows = boxes[0];
  const int columns = scores.rank() == 2 ? static_cast<int>(scores[1]) : 1;
  const float* raw = inputs[0].tensor->data<const float>();
  auto* candidates = reinterpret_cast<Candidate*>(
      context.scratch(static_cast<std::size_t>(rows) * sizeof(Candidate)));
  const std::int64_t scored =
      scan_scores(inputs[1].tensor->data<const float>(), rows, columns, rule_, candidates);
  std::size_t count = 0;
  for (std::int64_t i = 0; i < scored; ++i) {
    Candidate candidate = candidates[i];
    candidate.box = decoder_.box(raw + candidate.index * decoder_.columns(), candidate.index);
    if (candidate.box.valid() && points_valid(raw, candidate.index))
      candidates[count++] = candidate;
  }
  const auto point = [&](const Candidate& candidate, int k, float& x, float& y) {
    decoder_.keypoint(raw + candidate.index * decoder_.columns(), candidate.index, k, x, y);
  };
  return writer_.write({candidates, count}, map_.affine(inputs), context, point);
}

}  // namespace

TransformEntry boxes_entry() {
  return entry_of<Boxes>();
}

}  // namespace edgert
