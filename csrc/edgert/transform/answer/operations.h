// The answer family's operations, one file each; list.cc gathers them.
#pragma once

#include "edgert/transform/answer/options.h"

namespace edgert {

TransformEntry classes_entry();
TransformEntry boxes_entry();
TransformEntry yolo_entry();
TransformEntry detr_entry();
TransformEntry keypoints_entry();
TransformEntry mask_entry();
TransformEntry probability_entry();
TransformEntry embedding_entry();
TransformEntry filter_entry();
TransformEntry join_entry();

}  // namespace edgert
