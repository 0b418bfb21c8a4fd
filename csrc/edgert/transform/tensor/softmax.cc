#include <algorithm>
#include <cmath>

#include "edgert/transform/tensor/ops.h"
#include "edgert/transform/tensor/spec.h"

namespace edgert::tensor_ops {
namespace {

constexpr std::string_view kName = "tensor.softmax";

// Over `extent` elements that are `step` apart; the largest is taken off first, so that exp
// cannot overflow.
void softmax(const float* from, float* to, std::int64_t extent, std::int64_t step) {
  float top = from[0];
  for (std::int64_t i = 1; i < extent; ++i) top = std::max(top, from[i * step]);
  float sum = 0;
  for (std::int64_t i = 0; i < extent; ++i) sum += to[i * step] = std::exp(from[i * step] - top);
  const float factor = 1 / sum;
  for (std::int64_t i = 0; i < extent; ++i) to[i * step] *= factor;
}

class Softmax final : public SpecifiedTransform {
 public:
  Softmax(TensorSpec input, int axis, TensorSpec output)
      : SpecifiedTransform({std::move(output)}), input_(std::move(input)), axis_(axis) {}
  bool cheap() const override { return quick_maths(max_elements(input_)); }

  Status run(std::span<const Input> inputs, RunContext& context) override {
    EDGERT_RETURN_IF_ERROR(check_tensor(kName, inputs[0], input_));
    const Tensor& from = *inputs[0].tensor;
    EDGERT_RETURN_IF_ERROR(context.allocate(0, from.shape()));
    if (from.elements() == 0) return {};
    const AxisView view = around_axis(from.shape(), axis_);
    const float* source = from.data<const float>();
    float* target = context.output(0).data<float>();
    for (std::int64_t o = 0; o < view.outer; ++o) {
      const std::int64_t row = o * view.extent * view.inner;
      for (std::int64_t i = 0; i < view.inner; ++i)
        softmax(source + row + i, target + row + i, view.extent, view.inner);
    }
    return {};
  }

 private:
  TensorSpec input_;
  int axis_;
};

}  // namespace

Made make_softmax(const Params& params, Formats inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"axis"}));
  EDGERT_RETURN_IF_ERROR(expect_inputs(inputs, 1, 1));
  EDGERT_ASSIGN_OR_RETURN(const TensorSpec input, tensor_input(inputs, 0, DType::kFloat32));
  EDGERT_ASSIGN_OR_RETURN(const int axis, axis_parameter(params, "axis", -1, input.shape.rank()));
  return std::unique_ptr<Transform>(std::make_unique<Softmax>(
      input, axis, TensorSpec{"tensor", DType::kFloat32, input.shape, input.max_bytes}));
}

}  // namespace edgert::tensor_ops
