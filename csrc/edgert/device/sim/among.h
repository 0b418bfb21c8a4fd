// How long runs take among other work on a whole box, as a Profile measured it: what simulations
// of the processor's lanes draw from, beside what runs take alone (run_times.h).
#pragma once

#include <cstddef>
#include <vector>

#include "edgert/device/sim/spells.h"

namespace edgert {

// Nanoseconds at kAmongShares of the runs, ascending; empty: not measured.
using AmongQuantiles = std::vector<double>;
inline constexpr double kAmongShares[] = {0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999};
inline constexpr std::size_t kAmongCount = sizeof(kAmongShares) / sizeof(double);

// Of one model, with so many lanes at work, this one among them, each with another model.
struct AmongPoint {
  int lanes = 1;
  AmongQuantiles quantiles;  // after another model
  AmongQuantiles again{};    // of a run that follows one of its own model; empty: not measured
};

struct AmongTimes {
  std::vector<std::vector<AmongPoint>> models;  // as the plan's; points ascend by lanes
  AmongQuantiles wake;                          // from a push to the first run of a lane that slept
  int cores = 0;                                // that lanes and sources share; 0: not known
  SpellTimes spells;                            // when runs are slow
};

// Where a share `at` (0 to 1) is below; at the ends as the first and the last quantile say.
double at_share(const AmongQuantiles& quantiles, double at);

class Among {
 public:
  explicit Among(const AmongTimes& times) : times_(times) {}

  bool knows(int model) const { return !points(model).empty(); }
  bool knows_again(int model) const;
  // With the fewest lanes that were measured; `again`: after a run of its own model.
  double length(int model, bool again, double at) const;
  // By how much the run at that share takes longer with so many lanes at work. What is usual and
  // what is rare isn't equally slowed: with all cores at work, whatever else wants one delays a
  // run.
  double slowdown(int model, bool again, int lanes, double at) const;
  double wake(double at) const { return times_.wake.empty() ? 0 : at_share(times_.wake, at); }

 private:
  const std::vector<AmongPoint>& points(int model) const;

  const AmongTimes times_;
};

}  // namespace edgert
