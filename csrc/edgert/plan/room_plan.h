// How much room a frame's tensors need, and of which kind: planned when a plan is compiled, said by
// `edgert explain`.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "edgert/plan/spec.h"

namespace edgert {

// Which outputs, by node, nobody reads once the work of their frame is done: neither people nor
// later frames, whose results and states stay as long as somebody likes.
using ShortOutputs = std::vector<std::vector<bool>>;
ShortOutputs short_outputs(const PlanSpec& spec);

// Bytes of one frame's tensors, one row of every region: all together, and those that need room at
// once, at most, where nodes run one after the other.
struct Room {
  std::uint64_t sum = 0, peak = 0;
};

// Either each output lies in a block of about its size, which another takes when it is free; or
// what stays for a frame's work only lies in regions (memory/regions.h), and the rest in blocks.
// Regions need less room where sizes differ, unless results, which they keep apart, are large.
struct RoomPlan {
  std::vector<Room> sensors;
  std::map<std::string, std::uint64_t> regions;  // bytes of one, by whose alone it is; 0: blocks
};
RoomPlan plan_room(const PlanSpec& spec, const ShortOutputs& short_ones);

}  // namespace edgert
