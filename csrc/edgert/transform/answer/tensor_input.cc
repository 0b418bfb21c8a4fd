#include "edgert/transform/answer/tensor_input.h"

#include <string>

namespace edgert {
namespace {

Shape trailing(const Shape& shape, int rank) {
  return Shape(shape.dims().last(static_cast<std::size_t>(rank)));
}

bool batch_of_one(const Shape& shape, int rank, bool free_allowed) {
  for (int i = 0; i < shape.rank() - rank; ++i) {
    if (shape[i] != 1 && !(free_allowed && shape[i] < 0)) return false;
  }
  return true;
}

}  // namespace

int trailing_ones(const Shape& shape) {
  int ones = 0;
  while (ones + 1 < shape.rank() && shape[shape.rank() - 1 - ones] == 1) ++ones;
  return ones;
}

Status wrong_shape(std::string_view name, const TensorSpec& got, std::string_view wanted) {
  return Status::invalid(std::string(name), "got " + got.text(),
                         "expected float32 " + std::string(wanted));
}

Result<TensorInput> TensorInput::make(std::span<const InputFormat> inputs, std::size_t index,
                                      std::string_view name, int rank, std::string_view wanted) {
  if (index >= inputs.size() || !inputs[index].tensor) {
    return Status::invalid(std::string(name),
                           "input " + std::to_string(index) + " is missing or a frame",
                           "expected float32 " + std::string(wanted));
  }
  const TensorSpec& spec = *inputs[index].tensor;
  if (spec.dtype != DType::kFloat32) {
    return Status::invalid(std::string(name), "got " + spec.text(),
                           "expected float32 " + std::string(wanted) +
                               ", put tensor.dequantize or tensor.cast before it");
  }
  if (spec.shape.rank() < rank || !batch_of_one(spec.shape, rank, true)) {
    return wrong_shape(name, spec, wanted);
  }
  return TensorInput{name, trailing(spec.shape, rank)};
}

Result<Shape> TensorInput::check(const Input& input) const {
  const int rank = shape.rank();
  const Tensor* tensor = input.tensor;
  if (tensor && tensor->contiguous() && tensor->dtype() == DType::kFloat32 &&
      tensor->shape().rank() >= rank && batch_of_one(tensor->shape(), rank, false)) {
    const Shape got = trailing(tensor->shape(), rank);
    if (shape.accepts(got)) return got;
  }
  return Status::invalid(std::string(name),
                         tensor ? "got " + tensor->shape().text() : "got no tensor",
                         "expected float32 " + shape.text() + " of one frame");
}

}  // namespace edgert
