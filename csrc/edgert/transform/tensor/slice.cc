#include <algorithm>
#include <cstring>
#include <limits>

#include "edgert/transform/tensor/ops.h"
#include "edgert/transform/tensor/spec.h"

namespace edgert::tensor_ops {
namespace {

constexpr std::string_view kName = "tensor.slice";
constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();

struct Range {
  int axis = 0;
  std::int64_t start = 0, stop = kEnd;  // counted from the end when negative

  static std::int64_t clip(std::int64_t position, std::int64_t extent) {
    return std::clamp<std::int64_t>(position < 0 ? position + extent : position, 0, extent);
  }
  std::int64_t first(std::int64_t extent) const { return clip(start, extent); }
  std::int64_t count(std::int64_t extent) const {
    return std::max<std::int64_t>(clip(stop, extent) - first(extent), 0);
  }
};

class Slice final : public SpecifiedTransform {
 public:
  Slice(TensorSpec input, Range range, TensorSpec output)
      : SpecifiedTransform({std::move(output)}), input_(std::move(input)), range_(range) {}
  bool cheap() const override { return quick_move(max_elements(outputs()[0])); }

  Status run(std::span<const Input> inputs, RunContext& context) override {
    EDGERT_RETURN_IF_ERROR(check_tensor(kName, inputs[0], input_));
    const Tensor& from = *inputs[0].tensor;
    const AxisView view = around_axis(from.shape(), range_.axis);
    Shape shape = from.shape();
    shape[range_.axis] = range_.count(view.extent);
    const auto unit = static_cast<std::size_t>(view.inner) * dtype_size(from.dtype());
    const auto skipped = static_cast<std::size_t>(range_.first(view.extent)) * unit;
    if (view.outer == 1 && (from.offset() + skipped) % kBufferAlignment == 0) {
      context.output(0) = Tensor(from.buffer(), from.dtype(), shape, from.offset() + skipped);
      return {};
    }
    EDGERT_RETURN_IF_ERROR(context.allocate(0, shape));
    const auto part = static_cast<std::size_t>(shape[range_.axis]) * unit;
    const auto whole = static_cast<std::size_t>(view.extent) * unit;
    if (part > 0) copy_parts(from, context.output(0), view.outer, skipped, part, whole);
    return {};
  }

 private:
  static void copy_parts(const Tensor& from, const Tensor& to, std::int64_t parts,
                         std::size_t skipped, std::size_t part, std::size_t whole) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(parts); ++i)
      std::memcpy(to.bytes_data() + i * part, from.bytes_data() + i * whole + skipped, part);
  }

  TensorSpec input_;
  Range range_;
};

}  // namespace

Made make_slice(const Params& params, Formats inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"axis", "start", "stop"}));
  EDGERT_RETURN_IF_ERROR(expect_inputs(inputs, 1, 1));
  EDGERT_ASSIGN_OR_RETURN(const TensorSpec input, tensor_input(inputs, 0));
  Range range;
  EDGERT_ASSIGN_OR_RETURN(range.axis, axis_parameter(params, "axis", 0, input.shape.rank()));
  EDGERT_ASSIGN_OR_RETURN(range.start, params.integer("start", 0));
  EDGERT_ASSIGN_OR_RETURN(range.stop, params.integer("stop", kEnd));
  Shape shape = input.shape;
  if (const std::int64_t extent = shape[range.axis]; extent >= 0) {
    shape[range.axis] = range.count(extent);
    if (shape[range.axis] == 0) {
      return bad_parameter("stop", "nothing is left of " + input.text());
    }
  }
  EDGERT_ASSIGN_OR_RETURN(TensorSpec output,
                          bounded_output("tensor", input.dtype, shape, max_elements(input)));
  return std::unique_ptr<Transform>(std::make_unique<Slice>(input, range, std::move(output)));
}

}  // namespace edgert::tensor_ops
