#include <array>

#include "edgert/transform/answer/operations.h"

namespace edgert {

std::span<const TransformEntry> answer_transforms() {
  static const std::array kEntries = {
      classes_entry(), boxes_entry(),       yolo_entry(),      detr_entry(),   keypoints_entry(),
      mask_entry(),    probability_entry(), embedding_entry(), filter_entry(), join_entry()};
  return kEntries;
}

}  // namespace edgert
