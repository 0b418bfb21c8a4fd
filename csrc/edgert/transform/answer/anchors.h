// The prior boxes that SSD detectors predict offsets to.
//
// Both rules are those of MediaPipe's SsdAnchorsCalculator (mediapipe/calculators/tflite/
// ssd_anchors_calculator.cc), which for `ssd_mobilenet` equal the TensorFlow object detection
// API's.
#pragma once

#include <vector>

#include "edgert/base/params.h"

namespace edgert {

struct Anchor {
  float cx = 0, cy = 0, width = 1, height = 1;  // 0..1 of the model's input
};

// Reads `anchors` and the `anchor_*` parameters. Row by row, layer by layer; layers of one stride
// in a row share their cells.
Result<std::vector<Anchor>> make_anchors(const Params& params, int input_width, int input_height);

}  // namespace edgert
