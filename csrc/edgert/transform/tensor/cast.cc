#include <cmath>

#include "edgert/transform/tensor/convert.h"
#include "edgert/transform/tensor/ops.h"
#include "edgert/transform/tensor/spec.h"

namespace edgert::tensor_ops {
namespace {

constexpr std::string_view kCast = "tensor.cast";
constexpr std::string_view kDequantize = "tensor.dequantize";

class Cast final : public SpecifiedTransform {
 public:
  Cast(TensorSpec input, TensorSpec output)
      : SpecifiedTransform({output}), input_(std::move(input)) {
    if (input_.dtype != output.dtype) loop_ = cast_loop(input_.dtype, output.dtype);
  }
  bool cheap() const override { return !loop_ || quick_move(max_elements(input_)); }

  Status run(std::span<const Input> inputs, RunContext& context) override {
    EDGERT_RETURN_IF_ERROR(check_tensor(kCast, inputs[0], input_));
    const Tensor& from = *inputs[0].tensor;
    if (!loop_) {
      context.output(0) = from;
      return {};
    }
    EDGERT_RETURN_IF_ERROR(context.allocate(0, from.shape()));
    loop_(from.bytes_data(), context.output(0).bytes_data(),
          static_cast<std::size_t>(from.elements()));
    return {};
  }

 private:
  TensorSpec input_;
  CastLoop loop_ = nullptr;  // null: the types are equal
};

class Requantise final : public SpecifiedTransform {
 public:
  Requantise(std::string_view where, TensorSpec input, TensorSpec output, QuantiseLoop loop,
             Quantisation how)
      : SpecifiedTransform({std::move(output)}),
        where_(where),
        input_(std::move(input)),
        loop_(loop),
        how_(how) {}
  bool cheap() const override { return quick_move(max_elements(input_)); }

  Status run(std::span<const Input> inputs, RunContext& context) override {
    EDGERT_RETURN_IF_ERROR(check_tensor(where_, inputs[0], input_));
    const Tensor& from = *inputs[0].tensor;
    EDGERT_RETURN_IF_ERROR(context.allocate(0, from.shape()));
    loop_(from.bytes_data(), context.output(0).bytes_data(),
          static_cast<std::size_t>(from.elements()), how_);
    return {};
  }

 private:
  std::string_view where_;
  TensorSpec input_;
  QuantiseLoop loop_;
  Quantisation how_;
};

Result<Quantisation> read_quantisation(const Params& params, std::string_view scale_name,
                                       std::string_view zero_name) {
  EDGERT_ASSIGN_OR_RETURN(const double scale, params.real(scale_name, 1));
  EDGERT_ASSIGN_OR_RETURN(const double zero, params.real(zero_name, 0));
  if (!(scale > 0) || !std::isfinite(scale)) {
    return bad_parameter(scale_name, "must be above 0");
  }
  if (zero != std::nearbyint(zero) || std::abs(zero) > 2147483648.0) {
    return bad_parameter(zero_name, "must be a whole number of 32 bits");
  }
  return Quantisation{scale, zero};
}

}  // namespace

Made make_cast(const Params& params, Formats inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"dtype", "quant_scale", "quant_zero"}));
  EDGERT_RETURN_IF_ERROR(expect_inputs(inputs, 1, 1));
  EDGERT_ASSIGN_OR_RETURN(const TensorSpec input, tensor_input(inputs, 0));
  EDGERT_ASSIGN_OR_RETURN(const std::string name, params.text("dtype", ""));
  const auto dtype = dtype_from_name(name);
  if (!dtype) return bad_parameter("dtype", "'" + name + "' is no element type");
  EDGERT_ASSIGN_OR_RETURN(TensorSpec output,
                          bounded_output("tensor", *dtype, input.shape, max_elements(input)));
  const bool to_float = dtype_name(*dtype).starts_with("float");
  if (!params.has("quant_scale") || to_float) {
    return std::unique_ptr<Transform>(std::make_unique<Cast>(input, std::move(output)));
  }
  EDGERT_ASSIGN_OR_RETURN(const Quantisation how,
                          read_quantisation(params, "quant_scale", "quant_zero"));
  const QuantiseLoop loop = quantise_loop(input.dtype, *dtype);
  if (!loop) {
    return bad_parameter("dtype", "no quantisation from " + input.text() + " to " + name);
  }
  return std::unique_ptr<Transform>(
      std::make_unique<Requantise>(kCast, input, std::move(output), loop, how));
}

Made make_dequantize(const Params& params, Formats inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"scale", "zero"}));
  EDGERT_RETURN_IF_ERROR(expect_inputs(inputs, 1, 1));
  EDGERT_ASSIGN_OR_RETURN(const TensorSpec input, tensor_input(inputs, 0));
  EDGERT_ASSIGN_OR_RETURN(const Quantisation how, read_quantisation(params, "scale", "zero"));
  const QuantiseLoop loop = dequantise_loop(input.dtype);
  if (!loop) {
    return Status::invalid("input 0", "expected an integer of at most 32 bits, is " + input.text());
  }
  EDGERT_ASSIGN_OR_RETURN(TensorSpec output, bounded_output("tensor", DType::kFloat32, input.shape,
                                                            max_elements(input)));
  return std::unique_ptr<Transform>(
      std::make_unique<Requantise>(kDequantize, input, std::move(output), loop, how));
}

}  // namespace edgert::tensor_ops
