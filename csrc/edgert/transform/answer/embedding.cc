// answer.embedding: a model's feature vector, as it is or of unit length.
#include <cmath>

#include "edgert/transform/answer/operations.h"
#include "edgert/transform/answer/tensor_input.h"

namespace edgert {
namespace {

class Embedding final : public Transform {
 public:
  static constexpr std::string_view kName = "answer.embedding";
  static Result<Embedding> make(const Params& params, std::span<const InputFormat> inputs);

  std::span<const TensorSpec> outputs() const override { return {&spec_, 1}; }
  Status run(std::span<const Input> inputs, RunContext& context) override;
  bool cheap() const override { return true; }

 private:
  explicit Embedding(TensorInput features) : features_(features) {}

  TensorInput features_;
  bool normalise_ = true;
  TensorSpec spec_;
};

Result<Embedding> Embedding::make(const Params& params, std::span<const InputFormat> inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"normalise"}));
  const TensorSpec* spec = inputs.size() == 1 ? inputs[0].tensor : nullptr;
  const int rank = spec ? 1 + trailing_ones(spec->shape) : 1;
  EDGERT_ASSIGN_OR_RETURN(const TensorInput features,
                          TensorInput::make(inputs, 0, "features", rank, "[…, D]"));
  const std::int64_t count = features.shape.elements();
  if (count < 1) return wrong_shape("features", *inputs[0].tensor, "[…, D] with a fixed D");
  Embedding op(features);
  EDGERT_ASSIGN_OR_RETURN(op.normalise_, params.boolean("normalise", true));
  op.spec_ = {"embedding", DType::kFloat32, Shape{count}, 0};
  return op;
}

Status Embedding::run(std::span<const Input> inputs, RunContext& context) {
  EDGERT_ASSIGN_OR_RETURN(const Shape shape, features_.check(inputs[0]));
  const Shape flat{shape.elements()};
  if (!normalise_) {  // the same bytes, seen as a vector
    context.output(0) = *inputs[0].tensor;
    context.output(0).set_shape(flat);
    return {};
  }
  EDGERT_RETURN_IF_ERROR(context.allocate(0, flat));
  const float* values = inputs[0].tensor->data<const float>();
  float* unit = context.output(0).data<float>();
  double square = 0;
  for (std::int64_t i = 0; i < flat[0]; ++i) square += static_cast<double>(values[i]) * values[i];
  const double scale = square > 0 && std::isfinite(square) ? 1 / std::sqrt(square) : 0;
  for (std::int64_t i = 0; i < flat[0]; ++i) {
    unit[i] = scale > 0 ? static_cast<float>(values[i] * scale) : 0.0f;
  }
  return {};
}

}  // namespace

TransformEntry embedding_entry() {
  return entry_of<Embedding>();
}

}  // namespace edgert
