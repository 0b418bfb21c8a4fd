// Where an operation that runs by itself puts its outputs: on the heap, one run at a time.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "edgert/transform/transform.h"

namespace edgert::python {

// Off the frame path, so it may allocate.
class HeapContext final : public RunContext {
 public:
  // `specs` are those of the operation, and outlive this.
  explicit HeapContext(std::span<const TensorSpec> specs) : specs_(specs), outputs_(specs.size()) {}

  Status allocate(int index, const Shape& shape) override {
    const TensorSpec& spec = specs_[static_cast<std::size_t>(index)];
    const auto bytes = static_cast<std::size_t>(shape.elements()) * dtype_size(spec.dtype);
    if (!shape.is_static() || bytes > spec.bytes())
      return Status::internal("output '" + spec.name + "'",
                              "of shape " + shape.text() + " exceeds its announced size");
    output(index) = allocate_tensor(spec.dtype, shape);
    return {};
  }
  Tensor& output(int index) override { return outputs_[static_cast<std::size_t>(index)]; }
  std::byte* scratch(std::size_t bytes) override {
    if (!scratch_ || scratch_->size() < bytes) scratch_ = allocate_buffer(bytes + 64);
    return scratch_->data();
  }

  // The outputs of the last run; there are none then.
  std::vector<Tensor> take() { return std::exchange(outputs_, std::vector<Tensor>(specs_.size())); }

 private:
  std::span<const TensorSpec> specs_;
  std::vector<Tensor> outputs_;
  BufferRef scratch_;
};

}  // namespace edgert::python
