// Runs a transform in a test: every output and the scratch area come from the heap.
//
// Outputs are filled with 0xCD before each allocation, so that a transform that leaves elements
// unwritten shows. An allocation beyond the specification's bytes is refused, as the executor does.
#pragma once

#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <span>
#include <vector>

#include "edgert/transform/transform.h"

namespace edgert {

class TestContext final : public RunContext {
 public:
  TestContext() = default;
  explicit TestContext(const Transform& transform) { expect(transform.outputs()); }

  // The outputs that the next runs will allocate. Forgets what was there.
  void expect(std::span<const TensorSpec> specs) {
    specs_.assign(specs.begin(), specs.end());
    outputs_.assign(specs_.size(), Tensor());
  }

  Status allocate(int index, const Shape& shape) override {
    if (index < 0 || static_cast<std::size_t>(index) >= specs_.size()) {
      return Status::internal("test context", "no such output");
    }
    const TensorSpec& spec = specs_[static_cast<std::size_t>(index)];
    const auto bytes = static_cast<std::size_t>(shape.elements()) * dtype_size(spec.dtype);
    if (!shape.is_static() || !spec.shape.accepts(shape) || bytes > spec.bytes()) {
      return Status::internal("test context", "output of " + shape.text() +
                                                  " does not fit the specification " + spec.text());
    }
    Tensor& tensor = output(index) = allocate_tensor(spec.dtype, shape);
    if (bytes > 0) std::memset(tensor.bytes_data(), 0xCD, bytes);
    ++allocations_;
    return {};
  }

  Tensor& output(int index) override { return outputs_[static_cast<std::size_t>(index)]; }

  std::byte* scratch(std::size_t bytes) override {
    scratch_ = allocate_buffer(bytes > 0 ? bytes : 1);
    std::memset(scratch_->data(), 0xCD, bytes);
    return scratch_->data();
  }

  // Runs `transform` on these inputs after forgetting the outputs of the run before.
  Status run(Transform& transform, std::span<const Input> inputs) {
    expect(transform.outputs());
    return transform.run(inputs, *this);
  }
  Status run(Transform& transform, std::initializer_list<Input> inputs) {
    return run(transform, std::span<const Input>(inputs.begin(), inputs.size()));
  }

  int allocations() const { return allocations_; }

 private:
  std::vector<TensorSpec> specs_;
  std::vector<Tensor> outputs_;
  BufferRef scratch_;
  int allocations_ = 0;
};

// Inputs from what a test holds.
inline Input input_of(const Frame& frame) {
  return {&frame, nullptr};
}
inline Input input_of(const FrameRef& frame) {
  return {frame.get(), nullptr};
}
inline Input input_of(const Tensor& tensor) {
  return {nullptr, &tensor};
}

inline InputFormat format_of(const FrameFormat& format) {
  return {&format, nullptr};
}
inline InputFormat format_of(const TensorSpec& spec) {
  return {nullptr, &spec};
}

// A heap tensor that holds `values`.
template <class T>
Tensor tensor_of(DType dtype, const Shape& shape, const std::vector<T>& values) {
  Tensor tensor = allocate_tensor(dtype, shape);
  if (!values.empty()) std::memcpy(tensor.bytes_data(), values.data(), values.size() * sizeof(T));
  return tensor;
}
inline Tensor tensor_of(const Shape& shape, const std::vector<float>& values) {
  return tensor_of(DType::kFloat32, shape, values);
}

}  // namespace edgert
