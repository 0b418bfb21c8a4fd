// The region family's operations, one file each; list.cc gathers them.
#pragma once

#include "edgert/transform/answer/options.h"

namespace edgert {

TransformEntry from_detections_entry();
TransformEntry from_keypoints_entry();
TransformEntry grid_entry();

}  // namespace edgert
