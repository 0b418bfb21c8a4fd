// What stands for data where time is simulated: nothing is computed, conditions open in a share of
// the cases, and steps that find regions or windows find so many.
//
// Thread rule: one thread, as everything on a virtual clock.
#pragma once

#include <cstdint>
#include <vector>

#include "edgert/base/random.h"
#include "edgert/plan/spec.h"

namespace edgert {

struct PretenceSpec {
  // By node of the plan; negative or missing: what is usual.
  // Of a gate: the share of cases in which it is open; of a recall by scene: in which the scene has
  // changed. Usual: always.
  std::vector<double> open;
  std::vector<double> rows;  // of a node whose rows are run one by one: how many, on average;
                             // usual: as many as there can be
  std::uint64_t seed = 1;
};

class Pretence {
 public:
  Pretence(const PlanSpec& plan, const PretenceSpec& spec);

  bool open(int gate);
  // Spread evenly: of 0.25 rows each fourth call gives one.
  std::int64_t rows(int node);

 private:
  std::vector<double> open_, rows_, owed_;
  Random random_;
};

}  // namespace edgert
