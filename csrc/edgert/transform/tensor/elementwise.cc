#include <cmath>
#include <limits>

#include "edgert/transform/tensor/ops.h"
#include "edgert/transform/tensor/spec.h"

namespace edgert::tensor_ops {
namespace {

constexpr std::string_view kSigmoid = "tensor.sigmoid";
constexpr std::string_view kThreshold = "tensor.threshold";

class Sigmoid final : public SpecifiedTransform {
 public:
  Sigmoid(TensorSpec input, TensorSpec output)
      : SpecifiedTransform({std::move(output)}), input_(std::move(input)) {}
  bool cheap() const override { return quick_maths(max_elements(input_)); }

  Status run(std::span<const Input> inputs, RunContext& context) override {
    EDGERT_RETURN_IF_ERROR(check_tensor(kSigmoid, inputs[0], input_));
    const Tensor& from = *inputs[0].tensor;
    EDGERT_RETURN_IF_ERROR(context.allocate(0, from.shape()));
    const float* source = from.data<const float>();
    float* target = context.output(0).data<float>();
    for (std::int64_t i = 0; i < from.elements(); ++i)
      target[i] = 1 / (1 + std::exp(-source[i]));  // exp gives infinity, and that gives 0
    return {};
  }

 private:
  TensorSpec input_;
};

class Threshold final : public SpecifiedTransform {
 public:
  Threshold(TensorSpec input, float above, TensorSpec output)
      : SpecifiedTransform({std::move(output)}), input_(std::move(input)), above_(above) {}
  bool cheap() const override { return quick_move(max_elements(input_)); }

  Status run(std::span<const Input> inputs, RunContext& context) override {
    EDGERT_RETURN_IF_ERROR(check_tensor(kThreshold, inputs[0], input_));
    const Tensor& from = *inputs[0].tensor;
    EDGERT_RETURN_IF_ERROR(context.allocate(0, from.shape()));
    const float* source = from.data<const float>();
    auto* target = context.output(0).data<std::uint8_t>();
    for (std::int64_t i = 0; i < from.elements(); ++i) target[i] = source[i] > above_;
    return {};
  }

 private:
  TensorSpec input_;
  float above_;
};

}  // namespace

Made make_sigmoid(const Params& params, Formats inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({}));
  EDGERT_RETURN_IF_ERROR(expect_inputs(inputs, 1, 1));
  EDGERT_ASSIGN_OR_RETURN(const TensorSpec input, tensor_input(inputs, 0, DType::kFloat32));
  return std::unique_ptr<Transform>(std::make_unique<Sigmoid>(
      input, TensorSpec{"tensor", DType::kFloat32, input.shape, input.max_bytes}));
}

Made make_threshold(const Params& params, Formats inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"above"}));
  EDGERT_RETURN_IF_ERROR(expect_inputs(inputs, 1, 1));
  EDGERT_ASSIGN_OR_RETURN(const TensorSpec input, tensor_input(inputs, 0, DType::kFloat32));
  EDGERT_ASSIGN_OR_RETURN(const double above,
                          params.real("above", std::numeric_limits<double>::quiet_NaN()));
  if (std::isnan(above)) return bad_parameter("above", "must be given");
  TensorSpec output{"tensor", DType::kUInt8, input.shape,
                    static_cast<std::size_t>(max_elements(input))};
  return std::unique_ptr<Transform>(
      std::make_unique<Threshold>(input, static_cast<float>(above), std::move(output)));
}

}  // namespace edgert::tensor_ops
