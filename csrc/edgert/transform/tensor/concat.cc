#include <cstring>

#include "edgert/transform/tensor/ops.h"
#include "edgert/transform/tensor/spec.h"

namespace edgert::tensor_ops {
namespace {

constexpr std::string_view kName = "tensor.concat";

// `all` grown by `next` along `axis`; an error where other extents that are known differ.
Status join(Shape& all, const Shape& next, int axis) {
  bool fits = all.rank() == next.rank();
  for (int i = 0; fits && i < all.rank(); ++i) {
    if (i == axis) {
      all[i] = all[i] < 0 || next[i] < 0 ? -1 : all[i] + next[i];
    } else {
      fits = all[i] < 0 || next[i] < 0 || all[i] == next[i];
      if (next[i] < 0) all[i] = -1;
    }
  }
  if (fits) return {};
  return Status::invalid("shape", next.text() + " does not continue " + all.text() +
                                      " along axis " + std::to_string(axis));
}

class Concat final : public SpecifiedTransform {
 public:
  Concat(std::vector<TensorSpec> inputs, int axis, TensorSpec output)
      : SpecifiedTransform({std::move(output)}), inputs_(std::move(inputs)), axis_(axis) {}
  bool cheap() const override { return quick_move(max_elements(outputs()[0])); }

  Status run(std::span<const Input> inputs, RunContext& context) override {
    if (inputs.size() != inputs_.size()) return Status::internal(std::string(kName), "inputs lack");
    for (std::size_t i = 0; i < inputs.size(); ++i)
      EDGERT_RETURN_IF_ERROR(check_tensor(kName, inputs[i], inputs_[i]));
    if (inputs.size() == 1) {
      context.output(0) = *inputs[0].tensor;
      return {};
    }
    Shape shape = inputs[0].tensor->shape();
    for (std::size_t i = 1; i < inputs.size(); ++i)
      EDGERT_RETURN_IF_ERROR(join(shape, inputs[i].tensor->shape(), axis_));
    EDGERT_RETURN_IF_ERROR(context.allocate(0, shape));
    copy_parts(inputs, context.output(0));
    return {};
  }

 private:
  void copy_parts(std::span<const Input> inputs, const Tensor& to) const {
    std::byte* target = to.bytes_data();
    const std::int64_t outer = around_axis(to.shape(), axis_).outer;
    for (std::int64_t o = 0; o < outer; ++o) {
      for (const Input& input : inputs) {
        const std::size_t part = input.tensor->bytes() / static_cast<std::size_t>(outer);
        if (part == 0) continue;
        std::memcpy(target, input.tensor->bytes_data() + static_cast<std::size_t>(o) * part, part);
        target += part;
      }
    }
  }

  std::vector<TensorSpec> inputs_;
  int axis_;
};

}  // namespace

Made make_concat(const Params& params, Formats inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"axis"}));
  EDGERT_RETURN_IF_ERROR(expect_inputs(inputs, 1, SIZE_MAX));
  std::vector<TensorSpec> specs;
  std::int64_t elements = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    EDGERT_ASSIGN_OR_RETURN(TensorSpec spec, i == 0 ? tensor_input(inputs, 0)
                                                    : tensor_input(inputs, i, specs[0].dtype));
    elements += max_elements(spec);
    specs.push_back(std::move(spec));
  }
  EDGERT_ASSIGN_OR_RETURN(const int axis, axis_parameter(params, "axis", 0, specs[0].shape.rank()));
  Shape shape = specs[0].shape;
  for (std::size_t i = 1; i < specs.size(); ++i)
    EDGERT_RETURN_IF_ERROR(join(shape, specs[i].shape, axis));
  EDGERT_ASSIGN_OR_RETURN(TensorSpec output,
                          bounded_output("tensor", specs[0].dtype, shape, elements));
  return std::unique_ptr<Transform>(
      std::make_unique<Concat>(std::move(specs), axis, std::move(output)));
}

}  // namespace edgert::tensor_ops
