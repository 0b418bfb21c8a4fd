#include "edgert/transform/tensor/ops.h"

namespace edgert {

std::span<const TransformEntry> tensor_transforms() {
  static constexpr TransformEntry kEntries[] = {
      {"tensor.reshape", tensor_ops::make_reshape},
      {"tensor.transpose", tensor_ops::make_transpose},
      {"tensor.cast", tensor_ops::make_cast},
      {"tensor.dequantize", tensor_ops::make_dequantize},
      {"tensor.slice", tensor_ops::make_slice},
      {"tensor.concat", tensor_ops::make_concat},
      {"tensor.softmax", tensor_ops::make_softmax},
      {"tensor.sigmoid", tensor_ops::make_sigmoid},
      {"tensor.reduce", tensor_ops::make_reduce},
      {"tensor.threshold", tensor_ops::make_threshold},
  };
  return kEntries;
}

}  // namespace edgert
