// Who takes the time of cheap transforms where time is simulated: at work they run at once on the
// lane that readied them, so what ran there before takes so much longer.
#pragma once

#include <vector>

#include "edgert/base/clock.h"

namespace edgert {

struct Plan;

// `nodes`: nanoseconds by node of the plan. Each cheap transform's go to the last node before it in
// its scope that waits for a lane by itself, a model or a transform. One without such a node waits
// for a lane, too, and keeps its own; of those that read only rows, or what rows gave, none is
// taken.
void carry_cheap_times(const Plan& plan, std::vector<Nanos>& nodes);

}  // namespace edgert
