// Non-maximum suppression over candidates, without allocation.
#pragma once

#include <cstdint>
#include <span>

#include "edgert/transform/answer/candidate.h"

namespace edgert {

enum class Nms : std::uint8_t {
  kHard,      // the best of each group stands for it
  kWeighted,  // the group's mean, weighted by score, with the best's score (as MediaPipe does)
  kNone,
};

struct NmsRule {
  Nms mode = Nms::kHard;
  float iou = 0.5f;         // what overlaps more is of one group
  bool class_aware = true;  // groups never mix classes
  int max_groups = 100;
};

// Gives each of the candidates, which are sorted by score, its group: the best one that is free
// leads the next group and takes along all free ones that overlap it. Those left when max_groups is
// reached stay in group -1. Returns the number of groups; leaders appear in the order of groups.
int group_overlapping(std::span<Candidate> candidates, const NmsRule& rule);

}  // namespace edgert
