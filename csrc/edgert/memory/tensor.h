// A tensor is a typed, shaped view of a buffer. Copying one shares the buffer. Its elements follow
// each other; only what slides over a stream (windows that overlap) has rows a step apart instead,
// and such a tensor is taken row by row: operations and engines refuse it as a whole.
#pragma once

#include <string>

#include "edgert/memory/buffer.h"
#include "edgert/memory/dtype.h"
#include "edgert/memory/shape.h"

namespace edgert {

// What a tensor will look like: -1 extents are known at run time, `max_bytes` bounds them.
struct TensorSpec {
  std::string name;
  DType dtype = DType::kFloat32;
  Shape shape;
  std::size_t max_bytes = 0;  // 0: derive from a static shape

  std::size_t bytes() const {
    if (max_bytes) return max_bytes;
    return shape.is_static() ? static_cast<std::size_t>(shape.elements()) * dtype_size(dtype) : 0;
  }
  std::string text() const;  // "float32 1×224×224×3"
};

class Tensor {
 public:
  Tensor() = default;
  Tensor(BufferRef buffer, DType dtype, Shape shape, std::size_t offset = 0)
      : buffer_(std::move(buffer)), offset_(offset), shape_(shape), dtype_(dtype) {}

  explicit operator bool() const { return static_cast<bool>(buffer_); }
  DType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  std::int64_t elements() const { return shape_.elements(); }
  std::size_t bytes() const { return static_cast<std::size_t>(elements()) * dtype_size(dtype_); }
  std::byte* bytes_data() const { return buffer_ ? buffer_->data() + offset_ : nullptr; }
  template <class T>
  T* data() const {
    return reinterpret_cast<T*>(bytes_data());
  }
  const BufferRef& buffer() const { return buffer_; }
  std::size_t offset() const { return offset_; }

  // Shrinks or reshapes the view within the same bytes, e.g. to the rows really filled.
  void set_shape(const Shape& shape) { shape_ = shape; }

  // Bytes from a row to the next, where rows overlap or lie apart; 0: they follow each other.
  std::size_t row_step() const { return row_step_; }
  bool contiguous() const { return row_step_ == 0 || shape_[0] <= 1; }
  void set_row_step(std::size_t bytes) { row_step_ = bytes; }

  // The i-th entry along the first axis, sharing the buffer.
  Tensor row(std::int64_t index) const;
  void reset() { *this = Tensor(); }

 private:
  BufferRef buffer_;
  std::size_t offset_ = 0, row_step_ = 0;
  Shape shape_;
  DType dtype_ = DType::kFloat32;
};

// A heap tensor, for set-up and tests.
Tensor allocate_tensor(DType dtype, const Shape& shape);

}  // namespace edgert
