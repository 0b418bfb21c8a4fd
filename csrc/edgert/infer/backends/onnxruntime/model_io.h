// What a loaded session says of its inputs, outputs and file.
#pragma once

#include <optional>

#include "edgert/infer/backends/onnxruntime/engine.h"

namespace edgert::ort {

std::optional<DType> dtype_of(ElementType type);
ElementType element_type_of(DType dtype);

// Refuses tensors that edgert has no dtype for (text, bfloat16), and what is not a tensor.
Result<ModelIo> read_io(const Engine& engine, const Session* session);

// Shape of a tensor that the engine described; an error when its rank is too high.
Result<Shape> read_shape(const Api& api, const TensorInfo* info);

}  // namespace edgert::ort
