#include <array>

#include "edgert/transform/track/operations.h"

namespace edgert {

std::span<const TransformEntry> track_transforms() {
  static const std::array kEntries = {boxes_track_entry(), zones_entry(),     lines_entry(),
                                      mask_boxes_entry(),  mark_tile_entry(), join_tiles_entry()};
  return kEntries;
}

}  // namespace edgert
