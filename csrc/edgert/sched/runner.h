// What lanes do with what they drew: the seam between the scheduler and who knows what work is.
#pragma once

#include <cstdint>

#include "edgert/device/stream.h"
#include "edgert/sched/handful.h"
#include "edgert/sched/lane.h"

namespace edgert {

// Called on lanes.
class Runner {
 public:
  virtual ~Runner() = default;

  // Runs all works of the list (Work::next), which it leaves as it is, on the group's instance;
  // when it returns, another lane may use that.
  virtual void run(Work* works, std::uint32_t group, int instance, Lane& lane) = 0;
  // What follows from the run of one, on the same lane, without the instance.
  virtual void settle(Work* work, Lane& lane) = 0;
  // Whether `next`, the next best of the group, is drawn with what was drawn. Short: it is asked
  // while the group is claimed.
  virtual bool joins(const Handful& drawn, Work& next) { return joins_short(drawn, next); }

  // On a device's stream, in place of run(): fills `into` with what is to be enqueued for all works
  // of the list. False: nothing is, as their outcome is known already; then only settle() follows.
  virtual bool prepare(Work* /*works*/, int /*instance*/, StreamRun& /*into*/) { return false; }
  // What prepare() filled is complete, and the device is done with its tensors.
  virtual void complete(Work* /*works*/, StreamRun& /*run*/, Completion& /*completion*/, Lane&) {}
};

}  // namespace edgert
