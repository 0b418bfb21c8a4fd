// Polygons in a frame: what lies in them. Given in pixels, or relative to the frame's size.
#pragma once

#include <span>
#include <vector>

#include "edgert/base/params.h"
#include "edgert/base/status.h"
#include "edgert/transform/answer/candidate.h"

namespace edgert {

struct Spot {
  double x = 0, y = 0;
};

// Which point of a box, or how much of it, lies in a polygon.
enum class By : std::uint8_t { kFoot, kCentre, kOverlap };

Spot foot_of(const Box& box);  // the middle of the lower side
Spot centre_of(const Box& box);
Spot point_of(const Box& box, By by);  // of kOverlap, the centre

// Even-odd rule; an outline may cross itself.
bool contains(std::span<const Spot> outline, Spot at);

// The share of the box's area that lies in the polygon, by Sutherland and Hodgman's clipping,
// which is exact for areas of outlines that don't cross themselves. `room` has clip_room() spots.
double share_inside(std::span<const Spot> outline, const Box& box, std::span<Spot> room);
constexpr std::size_t clip_room(std::size_t corners) {
  return 2 * (8 * corners + 16);
}

// Several polygons in one parameter: `points` holds x and y of all corners, `sizes` how many
// corners each has. `scale` brings them to pixels.
class Outlines {
 public:
  // At least one polygon of `least` to `most` corners each, and finite numbers.
  static Result<Outlines> make(const Params& params, int least, int most);

  std::size_t size() const { return starts_.size() - 1; }
  std::size_t most_corners() const;
  bool relative() const { return relative_; }
  // Corners in pixels of a frame of this size; `room` has corners() spots.
  void place(double width, double height, std::span<Spot> room) const;
  std::size_t corners() const { return spots_.size(); }
  std::span<const Spot> one(std::span<const Spot> placed, std::size_t index) const {
    return placed.subspan(starts_[index], starts_[index + 1] - starts_[index]);
  }

 private:
  std::vector<Spot> spots_;
  std::vector<std::size_t> starts_{0};
  bool relative_ = true;
};

}  // namespace edgert
