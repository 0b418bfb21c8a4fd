#include <optional>

#include "edgert/transform/tensor/ops.h"
#include "edgert/transform/tensor/spec.h"

namespace edgert::tensor_ops {
namespace {

constexpr std::string_view kName = "tensor.reshape";

// `target` with its -1 filled in, or nothing when it cannot hold exactly `elements`.
std::optional<Shape> resolve(const Shape& target, std::int64_t elements) {
  Shape shape = target;
  std::int64_t known = 1;
  int open = -1;
  for (int i = 0; i < shape.rank(); ++i) {
    if (shape[i] < 0)
      open = i;
    else
      known *= shape[i];
  }
  if (open >= 0 && elements % known == 0) shape[open] = elements / known;
  if (shape.elements() != elements) return std::nullopt;
  return shape;
}

class Reshape final : public SpecifiedTransform {
 public:
  Reshape(TensorSpec input, Shape target, TensorSpec output)
      : SpecifiedTransform({std::move(output)}), input_(std::move(input)), target_(target) {}
  bool cheap() const override { return true; }

  Status run(std::span<const Input> inputs, RunContext& context) override {
    EDGERT_RETURN_IF_ERROR(check_tensor(kName, inputs[0], input_));
    const auto shape = resolve(target_, inputs[0].tensor->elements());
    if (!shape) {
      return Status::invalid(std::string(kName),
                             inputs[0].tensor->shape().text() + " does not fit " + target_.text());
    }
    Tensor& output = context.output(0) = *inputs[0].tensor;
    output.set_shape(*shape);
    return {};
  }

 private:
  TensorSpec input_;
  Shape target_;
};

Result<Shape> read_target(const Params& params) {
  EDGERT_ASSIGN_OR_RETURN(const auto extents, params.integers("shape"));
  if (extents.empty() || extents.size() > Shape::kMaxRank) {
    return bad_parameter("shape", "expected one to eight extents");
  }
  int open = 0;
  for (std::int64_t extent : extents) {
    if (extent == -1)
      ++open;
    else if (extent < 1)
      return bad_parameter("shape", "extents are at least 1, or -1 once");
  }
  if (open > 1) return bad_parameter("shape", "-1 is allowed once");
  return Shape(std::span(extents.data(), extents.size()));
}

}  // namespace

Made make_reshape(const Params& params, Formats inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"shape"}));
  EDGERT_RETURN_IF_ERROR(expect_inputs(inputs, 1, 1));
  EDGERT_ASSIGN_OR_RETURN(const TensorSpec input, tensor_input(inputs, 0));
  EDGERT_ASSIGN_OR_RETURN(const Shape target, read_target(params));
  Shape shape = target;
  if (input.shape.is_static()) {
    const auto resolved = resolve(target, input.shape.elements());
    if (!resolved) {
      return bad_parameter("shape",
                           target.text() + " does not hold the elements of " + input.shape.text());
    }
    shape = *resolved;
  }
  EDGERT_ASSIGN_OR_RETURN(TensorSpec output,
                          bounded_output("tensor", input.dtype, shape, max_elements(input)));
  return std::unique_ptr<Transform>(std::make_unique<Reshape>(input, target, std::move(output)));
}

}  // namespace edgert::tensor_ops
