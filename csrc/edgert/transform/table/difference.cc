// What each row differs from the one before it.
#include <algorithm>
#include <vector>

#include "edgert/transform/table/ops.h"
#include "edgert/transform/tensor/spec.h"

namespace edgert::table_ops {
namespace {

constexpr std::string_view kDifference = "table.difference";

// Of the rows of a tensor by themselves.
class Difference final : public SpecifiedTransform {
 public:
  Difference(TensorSpec input, TensorSpec output)
      : SpecifiedTransform({std::move(output)}), input_(std::move(input)) {}
  bool cheap() const override { return quick_move(max_elements(input_)); }

  Status run(std::span<const Input> inputs, RunContext& context) override {
    EDGERT_RETURN_IF_ERROR(check_tensor(kDifference, inputs[0], input_));
    const Tensor& from = *inputs[0].tensor;
    const std::int64_t columns = from.shape()[1];
    const std::int64_t rows = std::max<std::int64_t>(from.shape()[0] - 1, 0);
    EDGERT_RETURN_IF_ERROR(context.allocate(0, {rows, columns}));
    const float* source = from.data<const float>();
    float* target = context.output(0).data<float>();
    for (std::int64_t i = 0; i < rows * columns; ++i) target[i] = source[i + columns] - source[i];
    return {};
  }

 private:
  TensorSpec input_;
};

// Of the rows of a stream: the last row of the chunk before counts, too.
class StreamDifference final : public SpecifiedTransform {
 public:
  StreamDifference(TensorSpec input, TensorSpec output)
      : SpecifiedTransform({std::move(output)}),
        input_(std::move(input)),
        last_(static_cast<std::size_t>(input_.shape[1])) {}
  bool stateful() const override { return true; }
  bool cheap() const override { return quick_move(max_elements(input_)); }
  void reset() override { started_ = false; }

  Status run(std::span<const Input> inputs, RunContext& context) override {
    EDGERT_RETURN_IF_ERROR(check_tensor(kDifference, inputs[0], input_));
    const Tensor& from = *inputs[0].tensor;
    const auto columns = static_cast<std::int64_t>(last_.size());
    const std::int64_t rows = from.shape()[0];
    const std::int64_t first = started_ ? 0 : 1;
    EDGERT_RETURN_IF_ERROR(context.allocate(0, {std::max<std::int64_t>(rows - first, 0), columns}));
    const float* source = from.data<const float>();
    float* target = context.output(0).data<float>();
    for (std::int64_t row = first; row < rows; ++row) {
      const float* before = row > 0 ? source + (row - 1) * columns : last_.data();
      for (std::int64_t i = 0; i < columns; ++i) *target++ = source[row * columns + i] - before[i];
    }
    if (rows > 0) std::copy_n(source + (rows - 1) * columns, columns, last_.begin());
    started_ = started_ || rows > 0;
    return {};
  }

 private:
  TensorSpec input_;
  std::vector<float> last_;
  bool started_ = false;
};

}  // namespace

Made make_difference(const Params& params, Formats inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"stream"}));
  EDGERT_RETURN_IF_ERROR(expect_inputs(inputs, 1, 1));
  EDGERT_ASSIGN_OR_RETURN(TensorSpec input, tensor_input(inputs, 0, DType::kFloat32));
  EDGERT_ASSIGN_OR_RETURN(const bool stream, params.boolean("stream", false));
  if (input.shape.rank() != 2 || input.shape[1] < 1)
    return Status::invalid("input 0", "expected rows [n, c], is " + input.text());
  const std::int64_t most = max_elements(input);
  if (!stream && most <= input.shape[1])
    return Status::invalid("input 0", "has one row at most, and a difference is of two",
                           "say stream: true, so that the row before counts");
  Shape shape = input.shape;
  if (stream)
    shape[0] = -1;
  else if (shape[0] > 0)
    --shape[0];
  EDGERT_ASSIGN_OR_RETURN(TensorSpec output, bounded_output("rows", DType::kFloat32, shape, most));
  if (stream)
    return std::unique_ptr<Transform>(
        std::make_unique<StreamDifference>(std::move(input), std::move(output)));
  return std::unique_ptr<Transform>(
      std::make_unique<Difference>(std::move(input), std::move(output)));
}

}  // namespace edgert::table_ops
