// answer.mask: one channel of a segmentation as probabilities, at the model's resolution.
#include <algorithm>

#include "edgert/transform/answer/activation.h"
#include "edgert/transform/answer/frame_map.h"
#include "edgert/transform/answer/operations.h"
#include "edgert/transform/answer/tensor_input.h"

namespace edgert {
namespace {

enum class Layout { kNhwc, kNchw };

// Where a pixel's channels lie.
struct MaskLayout {
  std::int64_t height = 0, width = 0, channels = 1;
  std::int64_t pixel_step = 1, channel_step = 1;

  static MaskLayout of(const Shape& shape, Layout layout) {
    if (shape.rank() == 2) return {shape[0], shape[1], 1, 1, 0};
    if (layout == Layout::kNhwc) return {shape[0], shape[1], shape[2], shape[2], 1};
    return {shape[1], shape[2], shape[0], 1, shape[1] * shape[2]};
  }
};

float unit(float value) {
  return value > 0 ? std::min(value, 1.0f) : 0.0f;
}  // NaN is 0

float softmax_at(const float* pixel, const MaskLayout& layout, std::int64_t channel) {
  float peak = pixel[0];
  for (std::int64_t c = 1; c < layout.channels; ++c) {
    peak = std::max(peak, pixel[c * layout.channel_step]);
  }
  return std::exp(pixel[channel * layout.channel_step] - peak) /
         exponential_sum(pixel, layout.channels, peak, layout.channel_step);
}

class Mask final : public Transform {
 public:
  static constexpr std::string_view kName = "answer.mask";
  static Result<Mask> make(const Params& params, std::span<const InputFormat> inputs);

  std::span<const TensorSpec> outputs() const override { return {&spec_, 1}; }
  Status run(std::span<const Input> inputs, RunContext& context) override;
  bool cheap() const override {
    return layout_.width * layout_.height <= (activation_ == ScoreActivation::kNone ? 65536 : 4096);
  }

 private:
  explicit Mask(TensorInput scores) : scores_(scores) {}

  TensorInput scores_;
  MaskLayout layout_;
  std::int64_t channel_ = 0;
  ScoreActivation activation_ = ScoreActivation::kNone;
  TensorSpec spec_;
};

Result<Mask> Mask::make(const Params& params, std::span<const InputFormat> inputs) {
  EDGERT_RETURN_IF_ERROR(
      params.only({"activation", "channel", "layout", "fit", "input_width", "input_height"}));
  EDGERT_ASSIGN_OR_RETURN(const Layout order, choice_option<Layout>(params, "layout", "nhwc",
                                                                    {{"nhwc", Layout::kNhwc},
                                                                     {"nchw", Layout::kNchw}}));
  const TensorSpec* spec = inputs.empty() ? nullptr : inputs[0].tensor;
  const int rank = spec && spec->shape.rank() == 2 ? 2 : 3;
  EDGERT_ASSIGN_OR_RETURN(const TensorInput scores,
                          TensorInput::make(inputs, 0, "scores", rank,
                                            order == Layout::kNhwc ? "[1, H, W, C] or [H, W]"
                                                                   : "[1, C, H, W] or [H, W]"));
  if (scores.shape.elements() < 1) return wrong_shape("scores", *spec, "with fixed H, W and C");
  if (inputs.size() > 1) {  // the mask's resolution is the model's, so the frame is not used
    EDGERT_RETURN_IF_ERROR(check_frame(inputs, 1));
  }
  Mask op(scores);
  op.layout_ = MaskLayout::of(scores.shape, order);
  EDGERT_ASSIGN_OR_RETURN(op.activation_, activation_option(params, "none"));
  EDGERT_ASSIGN_OR_RETURN(op.channel_, whole_option(params, "channel", 0, 0,
                                                    static_cast<int>(op.layout_.channels) - 1));
  op.spec_ = {"mask", DType::kFloat32, Shape{op.layout_.height, op.layout_.width}, 0};
  return op;
}

Status Mask::run(std::span<const Input> inputs, RunContext& context) {
  EDGERT_RETURN_IF_ERROR(scores_.check(inputs[0]).status());
  EDGERT_RETURN_IF_ERROR(context.allocate(0, spec_.shape));
  const float* pixel = inputs[0].tensor->data<const float>();
  const float* value = pixel + channel_ * layout_.channel_step;
  float* out = context.output(0).data<float>();
  const std::int64_t pixels = layout_.width * layout_.height, step = layout_.pixel_step;
  switch (activation_) {
    case ScoreActivation::kNone:
      for (std::int64_t i = 0; i < pixels; ++i) out[i] = unit(value[i * step]);
      break;
    case ScoreActivation::kSigmoid:
      for (std::int64_t i = 0; i < pixels; ++i) out[i] = unit(sigmoid(value[i * step]));
      break;
    case ScoreActivation::kSoftmax:
      for (std::int64_t i = 0; i < pixels; ++i) {
        out[i] = unit(softmax_at(pixel + i * step, layout_, channel_));
      }
      break;
  }
  return {};
}

}  // namespace

TransformEntry mask_entry() {
  return entry_of<Mask>();
}

}  // namespace edgert
