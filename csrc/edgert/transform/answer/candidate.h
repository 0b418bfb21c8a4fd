// A possible detection, in the units of the model's input, before overlaps are resolved.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

namespace edgert {

// Coordinates beyond this many pixels are broken, not far away.
inline bool within_reach(float coordinate) {
  return std::abs(coordinate) <= 1e7f;
}

struct Box {
  float x0 = 0, y0 = 0, x1 = 0, y1 = 0;

  float area() const { return (x1 - x0) * (y1 - y0); }
  // Of some size and within reach; anything else (NaN, infinity) is no detection.
  bool valid() const {
    return x1 > x0 && y1 > y0 && within_reach(x0) && within_reach(y0) && within_reach(x1) &&
           within_reach(y1);
  }
};

// Intersection over union of two valid boxes.
inline float overlap(const Box& a, const Box& b) {
  const float width = std::min(a.x1, b.x1) - std::max(a.x0, b.x0);
  const float height = std::min(a.y1, b.y1) - std::max(a.y0, b.y0);
  if (!(width > 0 && height > 0)) return 0;
  const float both = width * height;
  return both / (a.area() + b.area() - both);
}

struct Candidate {
  Box box;
  float score = 0;
  std::int32_t index = 0;   // the row it was decoded from
  std::int32_t label = 0;   // class
  std::int32_t group = -1;  // set by group_overlapping
};

// Highest score first; equal scores by row, so that the order never depends on the sort.
inline void sort_by_score(std::span<Candidate> candidates) {
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.score > b.score || (a.score == b.score && a.index < b.index);
  });
}

}  // namespace edgert
