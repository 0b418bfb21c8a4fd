#include <algorithm>
#include <array>

#include "edgert/base/param_reads.h"
#include "edgert/transform/tensor/ops.h"
#include "edgert/transform/tensor/spec.h"

namespace edgert::tensor_ops {
namespace {

constexpr std::string_view kName = "tensor.transpose";

struct Axis {
  std::int64_t extent = 1, stride = 0;  // of the output; elements of the input
};
using Axes = std::array<Axis, Shape::kMaxRank>;

// The output's axes in input strides, right-aligned, neighbours that stay neighbours merged.
Axes plan_axes(const Shape& input, std::span<const int> order) {
  std::array<std::int64_t, Shape::kMaxRank> strides{};
  std::int64_t stride = 1;
  for (int i = input.rank() - 1; i >= 0; --i) {
    strides[static_cast<std::size_t>(i)] = stride;
    stride *= input[i];
  }
  Axes axes;
  std::size_t next = axes.size();
  for (std::size_t i = order.size(); i-- > 0;) {
    const Axis axis{input[order[i]], strides[static_cast<std::size_t>(order[i])]};
    if (axis.extent == 1) continue;
    if (next < axes.size() && axis.stride == axes[next].extent * axes[next].stride) {
      axes[next].extent *= axis.extent;
    } else {
      axes[--next] = axis;
    }
  }
  return axes;
}

template <class T>
T* copy_planes(const T* from, T* to, std::span<const Axis> axes) {
  if (axes.size() > 2) {
    for (std::int64_t i = 0; i < axes[0].extent; ++i)
      to = copy_planes(from + i * axes[0].stride, to, axes.subspan(1));
    return to;
  }
  for (std::int64_t i = 0; i < axes[0].extent; ++i)
    for (std::int64_t j = 0; j < axes[1].extent; ++j)
      *to++ = from[i * axes[0].stride + j * axes[1].stride];
  return to;
}

template <class T>
void permute(const Tensor& from, const Tensor& to, std::span<const int> order) {
  const Axes axes = plan_axes(from.shape(), order);
  copy_planes(from.data<const T>(), to.data<T>(), axes);
}

class Transpose final : public SpecifiedTransform {
 public:
  Transpose(TensorSpec input, std::vector<int> order, TensorSpec output)
      : SpecifiedTransform({std::move(output)}),
        input_(std::move(input)),
        order_(std::move(order)) {
    int last = -1;
    for (int axis : order_) {
      if (input_.shape[axis] == 1) continue;
      view_ = view_ && axis > last;
      last = axis;
    }
  }
  bool cheap() const override { return view_ || quick_move(max_elements(input_)); }

  Status run(std::span<const Input> inputs, RunContext& context) override {
    EDGERT_RETURN_IF_ERROR(check_tensor(kName, inputs[0], input_));
    const Tensor& from = *inputs[0].tensor;
    Shape shape = from.shape();
    for (std::size_t i = 0; i < order_.size(); ++i)
      shape[static_cast<int>(i)] = from.shape()[order_[i]];
    if (view_) {
      context.output(0) = from;
      context.output(0).set_shape(shape);
      return {};
    }
    EDGERT_RETURN_IF_ERROR(context.allocate(0, shape));
    if (from.elements() > 0) move_elements(from, context.output(0));
    return {};
  }

 private:
  void move_elements(const Tensor& from, const Tensor& to) const {
    switch (dtype_size(from.dtype())) {
      case 1:
        return permute<std::uint8_t>(from, to, order_);
      case 2:
        return permute<std::uint16_t>(from, to, order_);
      case 4:
        return permute<std::uint32_t>(from, to, order_);
      default:
        return permute<std::uint64_t>(from, to, order_);
    }
  }

  TensorSpec input_;
  std::vector<int> order_;
  bool view_ = true;  // only axes of extent 1 move: the bytes stay in order
};

Result<std::vector<int>> read_axes(const Params& params, int rank) {
  EDGERT_ASSIGN_OR_RETURN(auto axes, params.integers("axes"));
  if (axes.empty()) {
    for (int i = rank; i-- > 0;) axes.push_back(i);
  }
  std::vector<int> order, sorted;
  for (std::int64_t axis : axes) order.push_back(static_cast<int>(axis < 0 ? axis + rank : axis));
  sorted = order;
  std::ranges::sort(sorted);
  bool permutation = static_cast<int>(sorted.size()) == rank;
  for (int i = 0; permutation && i < rank; ++i)
    permutation = sorted[static_cast<std::size_t>(i)] == i;
  if (!permutation) {
    return bad_parameter(
        "axes", "expected each axis of a tensor of rank " + std::to_string(rank) + " once");
  }
  ParamReads::means(params, "axes", std::vector<std::int64_t>(order.begin(), order.end()));
  return order;
}

}  // namespace

Made make_transpose(const Params& params, Formats inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"axes"}));
  EDGERT_RETURN_IF_ERROR(expect_inputs(inputs, 1, 1));
  EDGERT_ASSIGN_OR_RETURN(const TensorSpec input, tensor_input(inputs, 0));
  EDGERT_ASSIGN_OR_RETURN(std::vector<int> order, read_axes(params, input.shape.rank()));
  Shape shape = input.shape;
  for (std::size_t i = 0; i < order.size(); ++i) shape[static_cast<int>(i)] = input.shape[order[i]];
  EDGERT_ASSIGN_OR_RETURN(TensorSpec output,
                          bounded_output("tensor", input.dtype, shape, max_elements(input)));
  return std::unique_ptr<Transform>(
      std::make_unique<Transpose>(input, std::move(order), std::move(output)));
}

}  // namespace edgert::tensor_ops
