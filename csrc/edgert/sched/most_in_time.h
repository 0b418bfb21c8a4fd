// Which works can be in time together, most of them: the rule of Moore and Hodgson (Management
// Science 15, 1968), on several lanes.
//
// Works are taken up in the order of their deadlines, each on the lane that is free first; where
// one would end too late, the longest of those taken up is left out, until the rest is in time. Of
// one lane that leaves out as few as possible; of several it is a heuristic (the problem is
// NP-hard).
#pragma once

#include <cstddef>
#include <span>

#include "edgert/base/clock.h"

namespace edgert {

struct Contender {
  Nanos due;
  Nanos need;   // of one lane
  bool judged;  // the one that is asked about
};

inline constexpr std::size_t kMostContenders = 64;  // those that are due first
inline constexpr std::size_t kMostJudgedLanes = 64;

// Whether the judged one is left out. `free_at`: when each lane is free, 1..kMostJudgedLanes of
// them. Puts the contenders in order; looks at the first kMostContenders.
bool left_out(std::span<Contender> contenders, std::span<const Nanos> free_at);

}  // namespace edgert
