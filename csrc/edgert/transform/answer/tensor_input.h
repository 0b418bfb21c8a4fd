// What an answer's tensors must look like: checked once against the specification when the
// operation is made, and once a run against what came.
#pragma once

#include <string_view>

#include "edgert/transform/transform.h"

namespace edgert {

// A float32 tensor of one frame. Leading axes are the batch: 1, or free until run time, where they
// must be 1. `shape` is what follows them; an extent in it may be -1.
struct TensorInput {
  std::string_view name;  // for messages: "boxes"
  Shape shape;

  // `wanted` says in words what the operation needs: "[…, N, 4]".
  static Result<TensorInput> make(std::span<const InputFormat> inputs, std::size_t index,
                                  std::string_view name, int rank, std::string_view wanted);

  // So few elements that a pass over them takes microseconds.
  bool is_small() const { return shape.is_static() && shape.elements() <= 65536; }

  // The shape of what came, without the batch axes, or why it does not fit.
  Result<Shape> check(const Input& input) const;
};

// How many extents of 1 stand at the end, as after global pooling without a flatten. They are no
// features or classes of their own.
int trailing_ones(const Shape& shape);

Status wrong_shape(std::string_view name, const TensorSpec& got, std::string_view wanted);

}  // namespace edgert
