// The track family's operations, one file each; list.cc gathers them.
#pragma once

#include "edgert/transform/answer/options.h"

namespace edgert {

TransformEntry boxes_track_entry();
TransformEntry zones_entry();
TransformEntry lines_entry();
TransformEntry mask_boxes_entry();
TransformEntry mark_tile_entry();
TransformEntry join_tiles_entry();

}  // namespace edgert
