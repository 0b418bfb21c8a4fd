// answer.yolo: one tensor with centre boxes and class probabilities together.
//
// Layouts as Ultralytics exports them: v5 (also v7) has a row a box: cx, cy, w, h, objectness,
// classes; v8 (also v9, v11) has a column a box: cx, cy, w, h, classes.
#include <string>

#include "edgert/transform/answer/detections.h"
#include "edgert/transform/answer/frame_map.h"
#include "edgert/transform/answer/operations.h"
#include "edgert/transform/answer/score_scan.h"
#include "edgert/transform/answer/tensor_input.h"

namespace edgert {
namespace {

enum class Layout { kV5, kV8 };

// Best class of each of `count` boxes whose scores lie `count` apart. Rows outside, boxes inside:
// contiguous, without branches, so it vectorises.
void best_by_column(const float* scores, std::int64_t count, int classes, float* best,
                    std::int32_t* label) {
  std::fill_n(best, count, -std::numeric_limits<float>::infinity());
  std::fill_n(label, count, 0);
  for (std::int32_t c = 0; c < classes; ++c, scores += count) {
    for (std::int64_t i = 0; i < count; ++i) {
      const bool better = scores[i] > best[i];
      best[i] = better ? scores[i] : best[i];
      label[i] = better ? c : label[i];
    }
  }
}

class Yolo final : public Transform {
 public:
  static constexpr std::string_view kName = "answer.yolo";
  static Result<Yolo> make(const Params& params, std::span<const InputFormat> inputs);

  std::span<const TensorSpec> outputs() const override { return {&spec_, 1}; }
  Status run(std::span<const Input> inputs, RunContext& context) override;
  bool cheap() const override { return input_.is_small(); }

 private:
  Yolo(FrameMap map, TensorInput input) : map_(map), input_(input) {}
  std::int64_t scan_rows(const float* values, const Shape& shape, Candidate* out) const;
  std::int64_t scan_columns(const float* values, const Shape& shape, Candidate* out,
                            std::byte* area) const;
  // Adds a candidate unless its score or box is none; returns how many were added.
  std::int64_t add(Box centre, float raw, float share, std::int64_t index, int label,
                   Candidate& out) const;

  Layout layout_ = Layout::kV8;
  FrameMap map_;
  TensorInput input_;
  ScoreRule rule_;
  DetectionWriter writer_;
  float unit_x_ = 1, unit_y_ = 1;  // pixels that 1 stands for
  TensorSpec spec_;
};

Result<Yolo> Yolo::make(const Params& params, std::span<const InputFormat> inputs) {
  EDGERT_RETURN_IF_ERROR(
      params.only({"layout", "activation", "normalised", "min_score", "iou", "nms", "class_aware",
                   "max_detections", "fit", "input_width", "input_height"}));
  EDGERT_ASSIGN_OR_RETURN(
      const Layout layout,
      choice_option<Layout>(params, "layout", "v8", {{"v5", Layout::kV5}, {"v8", Layout::kV8}}));
  const bool v5 = layout == Layout::kV5;
  const std::string_view wanted = v5 ? "[1, N, 5 + classes]" : "[1, 4 + classes, N]";
  EDGERT_ASSIGN_OR_RETURN(const FrameMap map, FrameMap::make(params, inputs, 1));
  EDGERT_ASSIGN_OR_RETURN(const TensorInput input,
                          TensorInput::make(inputs, 0, "output", 2, wanted));
  if (input.shape[v5 ? 1 : 0] < (v5 ? 6 : 5))
    return wrong_shape("output", *inputs[0].tensor, wanted);
  Yolo op(map, input);
  op.layout_ = layout;
  EDGERT_ASSIGN_OR_RETURN(op.rule_, ScoreRule::make(params, "none", 0.25));
  if (op.rule_.activation == ScoreActivation::kSoftmax) {
    return bad_choice("activation", "softmax", "none, sigmoid");
  }
  EDGERT_ASSIGN_OR_RETURN(op.writer_, DetectionWriter::make(params, 0));
  EDGERT_ASSIGN_OR_RETURN(const bool normalised, params.boolean("normalised", false));
  if (normalised) op.unit_x_ = map.width(), op.unit_y_ = map.height();
  op.spec_ = op.writer_.spec();
  return op;
}

std::int64_t Yolo::add(Box centre, float raw, float share, std::int64_t index, int label,
                       Candidate& out) const {
  const float own = rule_.activation == ScoreActivation::kSigmoid ? sigmoid(raw) : raw;
  const float score = own * share;
  if (!(score >= rule_.min_score) || !std::isfinite(score)) return 0;
  const float x = centre.x0 * unit_x_, y = centre.y0 * unit_y_;
  const float half_width = centre.x1 * unit_x_ / 2, half_height = centre.y1 * unit_y_ / 2;
  out = {{x - half_width, y - half_height, x + half_width, y + half_height},
         score,
         static_cast<std::int32_t>(index),
         label,
         -1};
  return out.box.valid() ? 1 : 0;
}

std::int64_t Yolo::scan_rows(const float* values, const Shape& shape, Candidate* out) const {
  const float threshold = rule_.raw_threshold();
  const auto classes = static_cast<int>(shape[1]) - 5;
  ScoreRule any = rule_;
  std::int64_t found = 0;
  for (std::int64_t i = 0; i < shape[0]; ++i, values += shape[1]) {
    // A class's probability is at most 1, so objectness alone decides for nearly every row.
    if (!(values[4] >= threshold)) continue;
    Candidate best;
    any.min_score = 0;
    if (scan_scores(values + 5, 1, classes, any, &best) == 0) continue;
    const float object =
        rule_.activation == ScoreActivation::kSigmoid ? sigmoid(values[4]) : values[4];
    found += add({values[0], values[1], values[2], values[3]}, values[5 + best.label], object, i,
                 best.label, out[found]);
  }
  return found;
}

std::int64_t Yolo::scan_columns(const float* values, const Shape& shape, Candidate* out,
                                std::byte* area) const {
  const std::int64_t n = shape[1];
  auto* best = reinterpret_cast<float*>(area);
  auto* label = reinterpret_cast<std::int32_t*>(best + n);
  best_by_column(values + 4 * n, n, static_cast<int>(shape[0]) - 4, best, label);
  const float threshold = rule_.raw_threshold();
  std::int64_t found = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    if (!(best[i] >= threshold)) continue;
    found += add({values[i], values[n + i], values[2 * n + i], values[3 * n + i]}, best[i], 1, i,
                 label[i], out[found]);
  }
  return found;
}

Status Yolo::run(std::span<const Input> inputs, RunContext& context) {
  EDGERT_ASSIGN_OR_RETURN(const Shape shape, input_.check(inputs[0]));
  const bool v5 = layout_ == Layout::kV5;
  const auto boxes = static_cast<std::size_t>(shape[v5 ? 0 : 1]);
  constexpr std::size_t kBest = sizeof(float) + sizeof(std::int32_t);
  std::byte* area = context.scratch(boxes * (sizeof(Candidate) + kBest));
  auto* candidates = reinterpret_cast<Candidate*>(area);
  const float* values = inputs[0].tensor->data<const float>();
  const std::int64_t found =
      v5 ? scan_rows(values, shape, candidates)
         : scan_columns(values, shape, candidates, area + boxes * sizeof(Candidate));
  return writer_.write({candidates, static_cast<std::size_t>(found)}, map_.affine(inputs), context);
}

}  // namespace

TransformEntry yolo_entry() {
  return entry_of<Yolo>();
}

}  // namespace edgert
