#include <array>

#include "edgert/transform/region/operations.h"

namespace edgert {

std::span<const TransformEntry> region_transforms() {
  static const std::array kEntries = {from_detections_entry(), from_keypoints_entry(),
                                      grid_entry()};
  return kEntries;
}

}  // namespace edgert
