#include <algorithm>
#include <array>

#include "edgert/transform/tensor/ops.h"
#include "edgert/transform/tensor/spec.h"

namespace edgert::tensor_ops {
namespace {

constexpr std::string_view kName = "tensor.reduce";

enum class How { kMax, kMean, kSum };

// Without the axis; of a vector, one element is left.
Shape without_axis(const Shape& shape, int axis) {
  if (shape.rank() == 1) return {1};
  std::array<std::int64_t, Shape::kMaxRank> kept{};
  std::size_t count = 0;
  for (int i = 0; i < shape.rank(); ++i)
    if (i != axis) kept[count++] = shape[i];
  return Shape(std::span(kept.data(), count));
}

class Reduce final : public SpecifiedTransform {
 public:
  Reduce(TensorSpec input, int axis, How how, TensorSpec output)
      : SpecifiedTransform({std::move(output)}), input_(std::move(input)), axis_(axis), how_(how) {}
  bool cheap() const override { return quick_move(max_elements(input_)); }

  Status run(std::span<const Input> inputs, RunContext& context) override {
    EDGERT_RETURN_IF_ERROR(check_tensor(kName, inputs[0], input_));
    const Tensor& from = *inputs[0].tensor;
    const AxisView view = around_axis(from.shape(), axis_);
    if (view.extent == 0 && how_ != How::kSum) return Status::skipped();
    EDGERT_RETURN_IF_ERROR(context.allocate(0, without_axis(from.shape(), axis_)));
    float* target = context.output(0).data<float>();
    for (std::int64_t o = 0; o < view.outer; ++o) {
      reduce(from.data<const float>() + o * view.extent * view.inner, target, view);
      target += view.inner;
    }
    return {};
  }

 private:
  void reduce(const float* from, float* to, const AxisView& view) const {
    std::fill_n(to, view.inner, 0.0F);
    if (how_ == How::kMax) std::copy_n(from, view.inner, to);
    for (std::int64_t e = 0; e < view.extent; ++e, from += view.inner) {
      if (how_ == How::kMax) {
        for (std::int64_t i = 0; i < view.inner; ++i) to[i] = std::max(to[i], from[i]);
      } else {
        for (std::int64_t i = 0; i < view.inner; ++i) to[i] += from[i];
      }
    }
    if (how_ == How::kMean) {
      const float factor = 1 / static_cast<float>(view.extent);
      for (std::int64_t i = 0; i < view.inner; ++i) to[i] *= factor;
    }
  }

  TensorSpec input_;
  int axis_;
  How how_;
};

}  // namespace

Made make_reduce(const Params& params, Formats inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"axis", "how"}));
  EDGERT_RETURN_IF_ERROR(expect_inputs(inputs, 1, 1));
  EDGERT_ASSIGN_OR_RETURN(const TensorSpec input, tensor_input(inputs, 0, DType::kFloat32));
  EDGERT_ASSIGN_OR_RETURN(const int axis, axis_parameter(params, "axis", 0, input.shape.rank()));
  EDGERT_ASSIGN_OR_RETURN(const std::string text, params.text("how", ""));
  How how = How::kMax;
  if (text == "mean")
    how = How::kMean;
  else if (text == "sum")
    how = How::kSum;
  else if (text != "max")
    return bad_parameter("how", "expected max, mean or sum");
  // Rows that are left of the largest input, whichever of its extents is large then.
  const std::int64_t extent = std::max<std::int64_t>(input.shape[axis], 1);
  EDGERT_ASSIGN_OR_RETURN(TensorSpec output,
                          bounded_output("tensor", DType::kFloat32, without_axis(input.shape, axis),
                                         max_elements(input) / extent));
  return std::unique_ptr<Transform>(std::make_unique<Reduce>(input, axis, how, std::move(output)));
}

}  // namespace edgert::tensor_ops
