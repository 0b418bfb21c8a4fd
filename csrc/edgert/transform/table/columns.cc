// Arithmetic on the columns, which are the last axis.
#include <cmath>

#include "edgert/transform/table/ops.h"
#include "edgert/transform/tensor/spec.h"

namespace edgert::table_ops {
namespace {

constexpr std::string_view kScale = "table.scale";
constexpr std::string_view kMagnitude = "table.magnitude";

class Scale final : public SpecifiedTransform {
 public:
  Scale(TensorSpec input, std::vector<float> mean, std::vector<float> factor, TensorSpec output)
      : SpecifiedTransform({std::move(output)}),
        input_(std::move(input)),
        mean_(std::move(mean)),
        factor_(std::move(factor)) {}
  bool cheap() const override { return quick_move(max_elements(input_)); }

  Status run(std::span<const Input> inputs, RunContext& context) override {
    EDGERT_RETURN_IF_ERROR(check_tensor(kScale, inputs[0], input_));
    const Tensor& from = *inputs[0].tensor;
    EDGERT_RETURN_IF_ERROR(context.allocate(0, from.shape()));
    const float* source = from.data<const float>();
    float* target = context.output(0).data<float>();
    const std::size_t columns = mean_.size();
    const auto rows = static_cast<std::size_t>(from.elements()) / columns;
    for (std::size_t row = 0; row < rows; ++row, source += columns, target += columns)
      for (std::size_t i = 0; i < columns; ++i) target[i] = (source[i] - mean_[i]) * factor_[i];
    return {};
  }

 private:
  TensorSpec input_;
  std::vector<float> mean_, factor_;  // one a column
};

class Magnitude final : public SpecifiedTransform {
 public:
  Magnitude(TensorSpec input, TensorSpec output)
      : SpecifiedTransform({std::move(output)}), input_(std::move(input)) {}
  bool cheap() const override { return quick_move(max_elements(input_)); }

  Status run(std::span<const Input> inputs, RunContext& context) override {
    EDGERT_RETURN_IF_ERROR(check_tensor(kMagnitude, inputs[0], input_));
    const Tensor& from = *inputs[0].tensor;
    Shape shape = from.shape();
    const std::int64_t columns = shape[shape.rank() - 1];
    shape[shape.rank() - 1] = 1;
    EDGERT_RETURN_IF_ERROR(context.allocate(0, shape));
    const float* source = from.data<const float>();
    float* target = context.output(0).data<float>();
    for (std::int64_t row = 0; row < shape.elements(); ++row, source += columns) {
      float sum = 0;
      for (std::int64_t i = 0; i < columns; ++i) sum += source[i] * source[i];
      target[row] = std::sqrt(sum);
    }
    return {};
  }

 private:
  TensorSpec input_;
};

// The float32 input, whose last extent must be known.
Result<TensorSpec> columns_input(Formats inputs) {
  EDGERT_RETURN_IF_ERROR(expect_inputs(inputs, 1, 1));
  EDGERT_ASSIGN_OR_RETURN(TensorSpec input, tensor_input(inputs, 0, DType::kFloat32));
  if (input.shape.rank() == 0 || input.shape[input.shape.rank() - 1] < 1) {
    return Status::invalid("input 0", "unknown columns: " + input.text());
  }
  return input;
}

}  // namespace

Made make_scale(const Params& params, Formats inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"mean", "deviation"}));
  EDGERT_ASSIGN_OR_RETURN(const TensorSpec input, columns_input(inputs));
  const auto columns = static_cast<std::size_t>(input.shape[input.shape.rank() - 1]);
  EDGERT_ASSIGN_OR_RETURN(const auto mean, columns_parameter(params, "mean", 0, columns));
  EDGERT_ASSIGN_OR_RETURN(const auto deviation, columns_parameter(params, "deviation", 1, columns));
  std::vector<float> means, factors;
  for (std::size_t i = 0; i < columns; ++i) {
    if (!(deviation[i] > 0)) return bad_parameter("deviation", "must be above 0");
    means.push_back(static_cast<float>(mean[i]));
    factors.push_back(static_cast<float>(1 / deviation[i]));
  }
  return std::unique_ptr<Transform>(
      std::make_unique<Scale>(input, std::move(means), std::move(factors),
                              TensorSpec{"rows", DType::kFloat32, input.shape, input.max_bytes}));
}

Made make_magnitude(const Params& params, Formats inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({}));
  EDGERT_ASSIGN_OR_RETURN(const TensorSpec input, columns_input(inputs));
  Shape shape = input.shape;
  const std::int64_t columns = std::exchange(shape[shape.rank() - 1], 1);
  EDGERT_ASSIGN_OR_RETURN(TensorSpec output, bounded_output("magnitude", DType::kFloat32, shape,
                                                            max_elements(input) / columns));
  return std::unique_ptr<Transform>(std::make_unique<Magnitude>(input, std::move(output)));
}

}  // namespace edgert::table_ops
