#pragma once

#include "edgert/infer/backends/tflite/engine.h"
#include "edgert/infer/backends/tflite/model_facts.h"

namespace edgert::tfl {

// Refuses tensors that edgert has no dtype for.
Result<ModelIo> read_io(const Engine& engine, const Interpreter* interpreter,
                        const ModelFacts& facts);

// The shape that the tensor has now.
Result<Shape> shape_of(const Engine& engine, const EngineTensor* tensor);

}  // namespace edgert::tfl
