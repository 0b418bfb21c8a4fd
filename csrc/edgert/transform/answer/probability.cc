// answer.probability: one number out of a model's scores, or the mean of the last few of them.
#include <string>
#include <vector>

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
  bool stateful() const override { return last_.size() > 1; }
  void reset() override { count_ = next_ = 0; }

 private:
  explicit Probability(TensorInput scores) : scores_(scores) {}
  float averaged(float value);

  TensorInput scores_;
  ScoreActivation activation_ = ScoreActivation::kNone;
  std::int64_t index_ = 0;
  std::vector<float> last_;  // a ring of what is averaged
  std::size_t count_ = 0, next_ = 0;
  bool decides_ = false;
  float cutoff_ = 0;
  TensorSpec spec_{"probability", DType::kFloat32, Shape{1}, 0};
};

Result<Probability> Probability::make(const Params& params, std::span<const InputFormat> inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"index", "activation", "average", "cutoff"}));
  const bool scalar = !inputs.empty() && inputs[0].tensor && inputs[0].tensor->shape.rank() == 0;
  EDGERT_ASSIGN_OR_RETURN(const TensorInput scores,
                          TensorInput::make(inputs, 0, "scores", scalar ? 0 : 1, "[…, C]"));
  const std::int64_t count = scores.shape.elements();
  Probability op(scores);
  EDGERT_ASSIGN_OR_RETURN(op.activation_, activation_option(params, "none"));
  EDGERT_ASSIGN_OR_RETURN(op.index_, whole_option(params, "index", 0, 0, 1 << 24));
  EDGERT_ASSIGN_OR_RETURN(const std::int64_t average,
                          whole_option(params, "average", 1, 1, 1 << 16));
  op.last_.resize(static_cast<std::size_t>(average));
  op.decides_ = params.has("cutoff");
  EDGERT_ASSIGN_OR_RETURN(const double cutoff, params.real("cutoff", 0));
  op.cutoff_ = static_cast<float>(cutoff);
  if (op.decides_) op.spec_.shape = Shape{2};
  if (count <= op.index_) {
    return Status::invalid("parameter 'index'",
                           "got " + std::to_string(op.index_) + " of " + inputs[0].tensor->text(),
                           "expected less than the last axis");
  }
  return op;
}

// Nothing is probable before as many came as are averaged.
float Probability::averaged(float value) {
  last_[next_] = value;
  next_ = (next_ + 1) % last_.size();
  count_ = std::min(count_ + 1, last_.size());
  if (count_ < last_.size()) return 0;
  double sum = 0;
  for (float one : last_) sum += one;
  return static_cast<float>(sum / static_cast<double>(count_));
}

Status Probability::run(std::span<const Input> inputs, RunContext& context) {
  EDGERT_ASSIGN_OR_RETURN(const Shape shape, scores_.check(inputs[0]));
  EDGERT_RETURN_IF_ERROR(context.allocate(0, spec_.shape));
  const float* scores = inputs[0].tensor->data<const float>();
  float value = scores[index_];
  if (activation_ == ScoreActivation::kSigmoid) value = sigmoid(value);
  if (activation_ == ScoreActivation::kSoftmax) {
    float peak = value;
    for (std::int64_t i = 0; i < shape.elements(); ++i) peak = std::max(peak, scores[i]);
    value = std::exp(value - peak) / exponential_sum(scores, shape.elements(), peak);
  }
  value = averaged(std::isnan(value) ? 0 : value);
  float* out = context.output(0).data<float>();
  out[0] = value;
  if (decides_) out[1] = value > cutoff_ ? 1.0F : 0.0F;
  return {};
}

}  // namespace

TransformEntry probability_entry() {
  return entry_of<Probability>();
}

}  // namespace edgert
