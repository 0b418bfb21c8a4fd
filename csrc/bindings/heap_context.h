// Where an operation that runs by itself puts its outputs, one run at a time: in buffers that are
// used again when nobody holds them any more, as a plan's nodes have them.
#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "edgert/memory/pool.h"
#include "edgert/transform/transform.h"

namespace edgert::python {

// Off the frame path: where results pile up, it allocates.
class HeapContext final : public RunContext {
 public:
  // `specs` are those of the operation, and outlive this.
  explicit HeapContext(std::span<const TensorSpec> specs) : specs_(specs), outputs_(specs.size()) {
    for (const TensorSpec& spec : specs)
      pools_.push_back(std::make_unique<BufferPool>(spec.bytes(), kMostBuffers));
  }

  Status allocate(int index, const Shape& shape) override {
    const TensorSpec& spec = specs_[static_cast<std::size_t>(index)];
    const auto bytes = static_cast<std::size_t>(shape.elements()) * dtype_size(spec.dtype);
    if (!shape.is_static() || bytes > spec.bytes())
      return Status::internal("output '" + spec.name + "'",
                              "of shape " + shape.text() + " exceeds its announced size");
    BufferRef buffer = pools_[static_cast<std::size_t>(index)]->take();
    output(index) =
        buffer ? Tensor(std::move(buffer), spec.dtype, shape) : allocate_tensor(spec.dtype, shape);
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
  static constexpr std::uint32_t kMostBuffers = 8;

  std::span<const TensorSpec> specs_;
  std::vector<std::unique_ptr<BufferPool>> pools_;
  std::vector<Tensor> outputs_;
  BufferRef scratch_;
};

}  // namespace edgert::python
