#include "edgert/memory/tensor.h"

namespace edgert {

std::string TensorSpec::text() const {
  return std::string(dtype_name(dtype)) + " " + shape.text();
}

Tensor Tensor::row(std::int64_t index) const {
  const Shape inner(shape_.dims().subspan(1));
  const auto own = static_cast<std::size_t>(inner.elements()) * dtype_size(dtype_);
  const std::size_t step = row_step_ ? row_step_ : own;
  return {buffer_, dtype_, inner, offset_ + step * static_cast<std::size_t>(index)};
}

Tensor allocate_tensor(DType dtype, const Shape& shape) {
  const auto bytes = static_cast<std::size_t>(shape.elements()) * dtype_size(dtype);
  return {allocate_buffer(bytes), dtype, shape};
}

}  // namespace edgert
