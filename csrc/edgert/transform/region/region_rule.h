// How a region is made of a box: turned, shifted, squared and grown, in this order.
//
// The order and signs are MediaPipe's (detections_to_rects_calculator.cc and
// rect_transformation_calculator.cc), in pixels of the frame.
#pragma once

#include <vector>

#include "edgert/base/params.h"
#include "edgert/transform/geometry.h"

namespace edgert {

struct Point {
  float x = 0, y = 0;
};

struct RegionRule {
  int rotate_from = -1, rotate_to = -1;  // key points; -1: not turned
  float target_angle = 0;                // radians that their line has in the region, upwards
  float shift_x = 0, shift_y = 0;        // of the box's size, along the region's axes
  bool square = false;                   // of the longer side
  float scale_x = 1, scale_y = 1;

  // Reads the parameters of these names; `target_angle` in degrees. Key points are below `points`.
  static Result<RegionRule> make(const Params& params, int points);

  bool turns() const { return rotate_from >= 0; }
  // The angle that turns the line from `from` to `to` upright as wanted.
  float angle(Point from, Point to) const;
  // The region of a box whose angle is set.
  Region apply(Region box) const;
};

bool is_usable(const Region& region);  // finite and of some size
void write_region(const Region& region, float* row);

// A key point's index, -1 where the parameter is absent.
Result<int> point_option(const Params& params, std::string_view name, int points);

}  // namespace edgert
