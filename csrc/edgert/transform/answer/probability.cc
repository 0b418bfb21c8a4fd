// answer.probability: one number out of a model's scores.
#include <string>

#include "edgert/transform/answer/activation.h"
#include "edgert/transform/answer/operations.h"
#include "edgert/transform/answer/tensor_input.h"

namespace edgert {
namespace {

class Probability final : public Transform {
 public:
  static constexpr std::string_view kName = "answer.probability";
  static Result<Probability> make(const Params& params, std::span<const InputFormat> inputs);

  std::span<const TensorSpec> outputs() const override { return {&spec_, 1}; }
  Status run(std::span<const Input> inputs, RunContext& context) override;
  bool cheap() const override { return true; }

 private:
  explicit Probability(TensorInput scores) : scores_(scores) {}

  TensorInput scores_;
  ScoreActivation activation_ = ScoreActivation::kNone;
  std::int64_t index_ = 0;
  TensorSpec spec_{"probability", DType::kFloat32, Shape{1}, 0};
};

Result<Probability> Probability::make(const Params& params, std::span<const InputFormat> inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"index", "activation"}));
  const bool scalar = !inputs.empty() && inputs[0].tensor && inputs[0].tensor->shape.rank() == 0;
  EDGERT_ASSIGN_OR_RETURN(const TensorInput scores,
                          TensorInput::make(inputs, 0, "scores", scalar ? 0 : 1, "[…, C]"));
  const std::int64_t count = scores.shape.elements();
  Probability op(scores);
  EDGERT_ASSIGN_OR_RETURN(op.activation_, activation_option(params, "none"));
  EDGERT_ASSIGN_OR_RETURN(op.index_, whole_option(params, "index", 0, 0, 1 << 24));
  if (count <= op.index_) {
    return Status::invalid("parameter 'index'",
                           "got " + std::to_string(op.index_) + " of " + inputs[0].tensor->text(),
                           "expected less than the last axis");
  }
  return op;
}

Status Probability::run(std::span<const Input> inputs, RunContext& context) {
  EDGERT_ASSIGN_OR_RETURN(const Shape shape, scores_.check(inputs[0]));
  EDGERT_RETURN_IF_ERROR(context.allocate(0, Shape{1}));
  const float* scores = inputs[0].tensor->data<const float>();
  float value = scores[index_];
  if (activation_ == ScoreActivation::kSigmoid) value = sigmoid(value);
  if (activation_ == ScoreActivation::kSoftmax) {
    float peak = value;
    for (std::int64_t i = 0; i < shape.elements(); ++i) peak = std::max(peak, scores[i]);
    value = std::exp(value - peak) / exponential_sum(scores, shape.elements(), peak);
  }
  *context.output(0).data<float>() = std::isnan(value) ? 0 : value;
  return {};
}

}  // namespace

TransformEntry probability_entry() {
  return entry_of<Probability>();
}

}  // namespace edgert
