#include "edgert/transform/region/region_rule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "edgert/transform/answer/options.h"

namespace edgert {

Result<int> point_option(const Params& params, std::string_view name, int points) {
  if (!params.has(name)) return -1;
  if (points < 1) {
    return Status::invalid("parameter '" + std::string(name) + "'", "the input has no key points",
                           "leave it out");
  }
  return whole_option(params, name, -1, 0, points - 1);
}

Result<RegionRule> RegionRule::make(const Params& params, int points) {
  RegionRule rule;
  EDGERT_ASSIGN_OR_RETURN(rule.rotate_from, point_option(params, "rotate_from", points));
  EDGERT_ASSIGN_OR_RETURN(rule.rotate_to, point_option(params, "rotate_to", points));
  if ((rule.rotate_from < 0) != (rule.rotate_to < 0)) {
    return Status::invalid("parameter 'rotate_from'", "needs 'rotate_to', and it needs this one");
  }
  EDGERT_ASSIGN_OR_RETURN(const float degrees, real_option(params, "target_angle", 0, -360, 360));
  rule.target_angle = degrees * std::numbers::pi_v<float> / 180;
  EDGERT_ASSIGN_OR_RETURN(rule.shift_x, real_option(params, "shift_x", 0, -100, 100));
  EDGERT_ASSIGN_OR_RETURN(rule.shift_y, real_option(params, "shift_y", 0, -100, 100));
  EDGERT_ASSIGN_OR_RETURN(rule.square, params.boolean("square", false));
  EDGERT_ASSIGN_OR_RETURN(const std::vector<double> scale, params.reals("scale", {1.0}));
  if (scale.empty() || scale.size() > 2) {
    return Status::invalid("parameter 'scale'", "expected one number, or one for x and one for y");
  }
  rule.scale_x = static_cast<float>(scale[0]);
  rule.scale_y = static_cast<float>(scale.back());
  if (!(rule.scale_x > 0 && rule.scale_y > 0 && rule.scale_x <= 1000 && rule.scale_y <= 1000)) {
    return Status::invalid("parameter 'scale'", "must be above 0 and at most 1000");
  }
  return rule;
}

float RegionRule::angle(Point from, Point to) const {
  constexpr float kTurn = 2 * std::numbers::pi_v<float>;
  const float turn = target_angle - std::atan2(from.y - to.y, to.x - from.x);
  return turn - kTurn * std::floor((turn + kTurn / 2) / kTurn);  // -π..π
}

Region RegionRule::apply(Region box) const {
  const float dx = box.width * shift_x, dy = box.height * shift_y;
  const float cosine = std::cos(box.angle), sine = std::sin(box.angle);
  box.cx += dx * cosine - dy * sine;
  box.cy += dx * sine + dy * cosine;
  if (square) box.width = box.height = std::max(box.width, box.height);
  box.width *= scale_x;
  box.height *= scale_y;
  return box;
}

bool is_usable(const Region& region) {
  return region.width > 0 && region.height > 0 &&
         std::isfinite(region.cx + region.cy + region.width + region.height + region.angle);
}

void write_region(const Region& region, float* row) {
  const float values[] = {region.cx, region.cy, region.width, region.height, region.angle};
  std::copy_n(values, 5, row);
}

}  // namespace edgert
