#include "edgert/transform/track/polygon.h"

#include <algorithm>
#include <cmath>

namespace edgert {
namespace {

// One side of a box: a spot is within where sign * (coordinate - limit) >= 0.
struct Side {
  bool upright;  // limits x
  double limit, sign;
  double beyond(Spot at) const { return sign * ((upright ? at.x : at.y) - limit); }
};

std::size_t clip(std::span<const Spot> in, const Side& side, Spot* out) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < in.size(); ++i) {
    const Spot from = in[i], to = in[(i + 1) % in.size()];
    const double a = side.beyond(from), b = side.beyond(to);
    if (a >= 0) out[count++] = from;
    if ((a >= 0) != (b >= 0)) {
      const double t = a / (a - b);
      out[count++] = {from.x + t * (to.x - from.x), from.y + t * (to.y - from.y)};
    }
  }
  return count;
}

double area(std::span<const Spot> outline) {
  double twice = 0;
  for (std::size_t i = 0; i < outline.size(); ++i) {
    const Spot &a = outline[i], &b = outline[(i + 1) % outline.size()];
    twice += a.x * b.y - b.x * a.y;
  }
  return std::abs(twice) / 2;
}

}  // namespace

Spot foot_of(const Box& box) {
  return {(double{box.x0} + box.x1) / 2, box.y1};
}
Spot centre_of(const Box& box) {
  return {(double{box.x0} + box.x1) / 2, (double{box.y0} + box.y1) / 2};
}
Spot point_of(const Box& box, By by) {
  return by == By::kFoot ? foot_of(box) : centre_of(box);
}

bool contains(std::span<const Spot> outline, Spot at) {
  bool inside = false;
  for (std::size_t i = 0; i < outline.size(); ++i) {
    const Spot &a = outline[i], &b = outline[(i + 1) % outline.size()];
    if ((a.y > at.y) == (b.y > at.y)) continue;
    if (at.x < a.x + (at.y - a.y) / (b.y - a.y) * (b.x - a.x)) inside = !inside;
  }
  return inside;
}

double share_inside(std::span<const Spot> outline, const Box& box, std::span<Spot> room) {
  Spot* const halves[] = {room.data(), room.data() + room.size() / 2};
  const Side sides[] = {
      {true, box.x0, 1}, {true, box.x1, -1}, {false, box.y0, 1}, {false, box.y1, -1}};
  std::span<const Spot> part = outline;
  for (int i = 0; i < 4; ++i) {
    part = {halves[i % 2], clip(part, sides[i], halves[i % 2])};
    if (part.empty()) return 0;
  }
  return area(part) / ((double{box.x1} - box.x0) * (double{box.y1} - box.y0));
}

Result<Outlines> Outlines::make(const Params& params, int least, int most) {
  Outlines made;
  EDGERT_ASSIGN_OR_RETURN(const std::vector<double> points, params.reals("points"));
  EDGERT_ASSIGN_OR_RETURN(const std::vector<std::int64_t> sizes, params.integers("sizes"));
  EDGERT_ASSIGN_OR_RETURN(made.relative_, params.boolean("relative", true));
  if (sizes.empty() || sizes.size() > 256) {
    return Status::invalid("parameter 'sizes'", "must name 1 to 256 outlines");
  }
  std::size_t corners = 0;
  for (const std::int64_t size : sizes) {
    if (size < least || size > most) {
      return Status::invalid("parameter 'sizes'", "got an outline of " + std::to_string(size) +
                                                      " points, expected " + std::to_string(least) +
                                                      " to " + std::to_string(most));
    }
    corners += static_cast<std::size_t>(size);
    made.starts_.push_back(corners);
  }
  if (points.size() != 2 * corners) {
    return Status::invalid("parameter 'points'",
                           "got " + std::to_string(points.size()) + " numbers for " +
                               std::to_string(corners) + " points",
                           "give x and y of each");
  }
  for (std::size_t i = 0; i < corners; ++i) {
    const Spot spot{points[2 * i], points[2 * i + 1]};
    if (!(std::abs(spot.x) <= 1e6 && std::abs(spot.y) <= 1e6)) {
      return Status::invalid("parameter 'points'", "has numbers that are no places in a frame");
    }
    made.spots_.push_back(spot);
  }
  return made;
}

std::size_t Outlines::most_corners() const {
  std::size_t most = 0;
  for (std::size_t i = 0; i < size(); ++i) most = std::max(most, starts_[i + 1] - starts_[i]);
  return most;
}

void Outlines::place(double width, double height, std::span<Spot> room) const {
  const double x = relative_ ? width : 1, y = relative_ ? height : 1;
  for (std::size_t i = 0; i < spots_.size(); ++i) room[i] = {spots_[i].x * x, spots_[i].y * y};
}

}  // namespace edgert
