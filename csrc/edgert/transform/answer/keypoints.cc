// answer.keypoints: landmarks of a model, back in the frame.
#include <optional>
#include <string>

#include "edgert/transform/answer/activation.h"
#include "edgert/transform/answer/detections.h"
#include "edgert/transform/answer/frame_map.h"
#include "edgert/transform/answer/operations.h"
#include "edgert/transform/answer/tensor_input.h"

namespace edgert {
namespace {

// Where the numbers of a point stand, and what they mean.
struct PointLayout {
  int stride = 3, x = 0, y = 1;
  int score = -1;  // -1: points have none of their own
  ScoreActivation activation = ScoreActivation::kNone;
  float unit_x = 1, unit_y = 1;  // pixels of the model's input that 1 stands for
  float z_scale = 1;             // from the tensor's z to pixels of the model's input
  bool has_z() const { return stride > 2 && score != 2; }

  static Result<PointLayout> make(const Params& params, const FrameMap& map);
};

Result<PointLayout> PointLayout::make(const Params& params, const FrameMap& map) {
  PointLayout layout;
  EDGERT_ASSIGN_OR_RETURN(layout.stride, whole_option(params, "stride", 3, 2, 5));
  EDGERT_ASSIGN_OR_RETURN(layout.score,
                          whole_option(params, "score_at", -1, -1, layout.stride - 1));
  if (layout.score == 0 || layout.score == 1) {
    return Status::invalid("parameter 'score_at'", "0 and 1 are a point's x and y",
                           "give 2 or more, or -1 for none");
  }
  EDGERT_ASSIGN_OR_RETURN(layout.activation, activation_option(params, "none"));
  if (layout.activation == ScoreActivation::kSoftmax) {
    return bad_choice("activation", "softmax", "none, sigmoid");
  }
  EDGERT_ASSIGN_OR_RETURN(
      const bool yx, choice_option<bool>(params, "order", "xy", {{"xy", false}, {"yx", true}}));
  if (yx) std::swap(layout.x, layout.y);
  EDGERT_ASSIGN_OR_RETURN(const bool normalised, params.boolean("normalised", false));
  if (normalised) layout.unit_x = map.width(), layout.unit_y = map.height();
  EDGERT_ASSIGN_OR_RETURN(layout.z_scale, real_option(params, "z_scale", 1, -1e6, 1e6));
  layout.z_scale *= layout.unit_x;
  return layout;
}

// The single number that says whether the model saw anything at all.
struct Presence {
  TensorInput input;
  ScoreActivation activation = ScoreActivation::kNone;

  static Result<Presence> make(const Params& params, std::span<const InputFormat> inputs);
  Result<float> read(const Input& given) const;
};

class Keypoints final : public Transform {
 public:
  static constexpr std::string_view kName = "answer.keypoints";
  static Result<Keypoints> make(const Params& params, std::span<const InputFormat> inputs);

  std::span<const TensorSpec> outputs() const override { return {&spec_, 1}; }
  Status run(std::span<const Input> inputs, RunContext& context) override;
  bool cheap() const override { return true; }

 private:
  Keypoints(FrameMap map, PointLayout layout, TensorInput points)
      : map_(map), layout_(layout), points_(points) {}
  void write(const float* point, const Affine& affine, float length, float share, float* out) const;

  FrameMap map_;
  PointLayout layout_;
  TensorInput points_;
  std::optional<Presence> presence_;
  TensorSpec spec_;
};

Result<Presence> Presence::make(const Params& params, std::span<const InputFormat> inputs) {
  EDGERT_ASSIGN_OR_RETURN(const TensorInput input,
                          TensorInput::make(inputs, 1, "presence", 0, "of one element"));
  Presence presence{input};
  EDGERT_ASSIGN_OR_RETURN(presence.activation,
                          activation_option(params, "none", "presence_activation"));
  if (presence.activation == ScoreActivation::kSoftmax) {
    return bad_choice("presence_activation", "softmax", "none, sigmoid");
  }
  return presence;
}

Result<float> Presence::read(const Input& given) const {
  EDGERT_RETURN_IF_ERROR(input.check(given).status());
  const float raw = *given.tensor->data<const float>();
  const float value = activation == ScoreActivation::kSigmoid ? sigmoid(raw) : raw;
  return std::isfinite(value) ? value : 0.0f;
}

// Points are [K, stride], or flat.
Result<TensorInput> point_input(std::span<const InputFormat> inputs, int stride) {
  const TensorSpec* spec = inputs.empty() ? nullptr : inputs[0].tensor;
  const int rank = spec ? spec->shape.rank() : 0;
  const bool rows = rank >= 2 && spec->shape[rank - 1] == stride;
  return TensorInput::make(inputs, 0, "points", rows ? 2 : 1, "[…, count × stride]");
}

Result<Keypoints> Keypoints::make(const Params& params, std::span<const InputFormat> inputs) {
  EDGERT_RETURN_IF_ERROR(
      params.only({"count", "keep", "stride", "order", "normalised", "score_at", "activation",
                   "presence_activation", "z_scale", "fit", "input_width", "input_height"}));
  const bool has_presence = inputs.size() > 1 && inputs[1].tensor;
  EDGERT_ASSIGN_OR_RETURN(const FrameMap map, FrameMap::make(params, inputs, has_presence ? 2 : 1));
  EDGERT_ASSIGN_OR_RETURN(const PointLayout layout, PointLayout::make(params, map));
  EDGERT_ASSIGN_OR_RETURN(const TensorInput points, point_input(inputs, layout.stride));
  const std::int64_t elements = points.shape.elements();
  EDGERT_ASSIGN_OR_RETURN(
      const int count,
      whole_option(params, "count", static_cast<int>(elements / layout.stride), 1, 1 << 20));
  if (elements != std::int64_t{count} * layout.stride) {
    return wrong_shape("points", *inputs[0].tensor,
                       "of " + std::to_string(count) + " × " + std::to_string(layout.stride) +
                           " elements (count × stride)");
  }
  Keypoints op(map, layout, points);
  if (has_presence) {
    EDGERT_ASSIGN_OR_RETURN(op.presence_, Presence::make(params, inputs));
  }
  EDGERT_ASSIGN_OR_RETURN(const int keep, whole_option(params, "keep", count, 1, count));
  op.spec_ = {"keypoints", DType::kFloat32, Shape{keep, 4}, 0};
  return op;
}

// A point that is not finite becomes zeros: nothing was seen there.
void Keypoints::write(const float* point, const Affine& m, float length, float share,
                      float* out) const {
  const float x = point[layout_.x] * layout_.unit_x, y = point[layout_.y] * layout_.unit_y;
  out[0] = m.a * x + m.b * y + m.c;
  out[1] = m.d * x + m.e * y + m.f;
  out[2] = layout_.has_z() ? point[2] * layout_.z_scale * length : 0.0f;
  float score = 1;
  if (layout_.score >= 0) score = point[layout_.score];
  if (layout_.score >= 0 && layout_.activation == ScoreActivation::kSigmoid) score = sigmoid(score);
  out[3] = score * share;
  if (!std::isfinite(out[0] + out[1] + out[2] + out[3])) std::fill_n(out, 4, 0.0f);
}

Status Keypoints::run(std::span<const Input> inputs, RunContext& context) {
  EDGERT_RETURN_IF_ERROR(points_.check(inputs[0]).status());
  float share = 1;
  if (presence_) {
    EDGERT_ASSIGN_OR_RETURN(share, presence_->read(inputs[1]));
  }
  EDGERT_RETURN_IF_ERROR(context.allocate(0, spec_.shape));
  const Affine affine = map_.affine(inputs);
  const float length = std::hypot(affine.a, affine.d);  // z is in units of x
  const float* point = inputs[0].tensor->data<const float>();
  float* out = context.output(0).data<float>();
  for (std::int64_t i = 0; i < spec_.shape[0]; ++i, point += layout_.stride, out += 4) {
    write(point, affine, length, share, out);
  }
  return {};
}

}  // namespace

TransformEntry keypoints_entry() {
  return entry_of<Keypoints>();
}

}  // namespace edgert
