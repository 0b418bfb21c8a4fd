// answer.detr: transformers that give a set of queries; no suppression is needed by design.
#include <string>

#include "edgert/transform/answer/detections.h"
#include "edgert/transform/answer/frame_map.h"
#include "edgert/transform/answer/operations.h"
#include "edgert/transform/answer/score_scan.h"
#include "edgert/transform/answer/tensor_input.h"

namespace edgert {
namespace {

class Detr final : public Transform {
 public:
  static constexpr std::string_view kName = "answer.detr";
  static Result<Detr> make(const Params& params, std::span<const InputFormat> inputs);

  std::span<const TensorSpec> outputs() const override { return {&spec_, 1}; }
  Status run(std::span<const Input> inputs, RunContext& context) override;
  bool cheap() const override { return logits_.is_small(); }

 private:
  Detr(FrameMap map, TensorInput logits, TensorInput boxes)
      : map_(map), logits_(logits), boxes_(boxes) {}

  FrameMap map_;
  TensorInput logits_, boxes_;
  ScoreRule rule_;
  DetectionWriter writer_;
  TensorSpec spec_;
};

Result<Detr> Detr::make(const Params& params, std::span<const InputFormat> inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"activation", "background", "min_score", "max_detections",
                                      "fit", "input_width", "input_height"}));
  EDGERT_ASSIGN_OR_RETURN(const FrameMap map, FrameMap::make(params, inputs, 2));
  EDGERT_ASSIGN_OR_RETURN(const TensorInput logits,
                          TensorInput::make(inputs, 0, "logits", 2, "[1, Q, C]"));
  EDGERT_ASSIGN_OR_RETURN(const TensorInput boxes,
                          TensorInput::make(inputs, 1, "boxes", 2, "[1, Q, 4]"));
  if (logits.shape[1] < 1) return wrong_shape("logits", *inputs[0].tensor, "[1, Q, C]");
  if (boxes.shape[0] != logits.shape[0] || boxes.shape[1] != 4) {
    return wrong_shape("boxes", *inputs[1].tensor,
                       "[1, " + std::to_string(logits.shape[0]) + ", 4], a box a query");
  }
  Detr op(map, logits, boxes);
  EDGERT_ASSIGN_OR_RETURN(op.rule_, ScoreRule::make(params, "softmax"));
  EDGERT_ASSIGN_OR_RETURN(
      const bool background,
      params.boolean("background", op.rule_.activation == ScoreActivation::kSoftmax));
  if (background) op.rule_.nothing = static_cast<int>(logits.shape[1]) - 1;
  op.writer_.rule.mode = Nms::kNone;
  EDGERT_ASSIGN_OR_RETURN(op.writer_.rule.max_groups,
                          whole_option(params, "max_detections", 100, 1, kMaxDetections));
  op.spec_ = op.writer_.spec();
  return op;
}

Status Detr::run(std::span<const Input> inputs, RunContext& context) {
  EDGERT_ASSIGN_OR_RETURN(const Shape logits, logits_.check(inputs[0]));
  EDGERT_ASSIGN_OR_RETURN(const Shape boxes, boxes_.check(inputs[1]));
  if (boxes[0] != logits[0]) {
    return Status::invalid(std::string(kName),
                           "logits are " + logits.text() + ", boxes " + boxes.text(),
                           "expected a box a query");
  }
  auto* candidates = reinterpret_cast<Candidate*>(
      context.scratch(static_cast<std::size_t>(logits[0]) * sizeof(Candidate)));
  const std::int64_t scored = scan_scores(inputs[0].tensor->data<const float>(), logits[0],
                                          static_cast<int>(logits[1]), rule_, candidates);
  const float* raw = inputs[1].tensor->data<const float>();
  std::size_t count = 0;
  for (std::int64_t i = 0; i < scored; ++i) {
    Candidate candidate = candidates[i];
    const float* box = raw + 4 * candidate.index;  // cx, cy, width, height in 0..1
    candidate.box = {(box[0] - box[2] / 2) * map_.width(), (box[1] - box[3] / 2) * map_.height(),
                     (box[0] + box[2] / 2) * map_.width(), (box[1] + box[3] / 2) * map_.height()};
    if (candidate.box.valid()) candidates[count++] = candidate;
  }
  return writer_.write({candidates, count}, map_.affine(inputs), context);
}

}  // namespace

TransformEntry detr_entry() {
  return entry_of<Detr>();
}

}  // namespace edgert
