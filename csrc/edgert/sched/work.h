// One execution that waits for a lane: an item in a group's queue, embedded in its owner.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>

#include "edgert/base/clock.h"
#include "edgert/sched/rank.h"

namespace edgert {

// A pipeline that may want an execution. Owners of one application stand next to each other.
struct Owner {
  std::uint32_t application = 0, pipeline = 0;
};

inline constexpr int kMostOwners = 64;  // of one execution; further ones are not told apart
inline constexpr std::uint32_t kNoFlow = 0xffffffff;

struct Work {
  Work* next = nullptr;  // link of the intake; once drawn, of those that were drawn together
  Nanos ready = 0;       // when it was submitted
  Nanos deadline = kNever;
  Nanos latest_start = kNever;  // deadline less what it and what follows it is expected to take
  std::uint64_t order = 0;      // age: when its activation was admitted (ns); smaller is older
  Nanos cost = 0;               // the run time that is expected; 0: unknown
  // How far behind its rank it stands among the work of other groups, so that what leads to more
  // work of its group comes first: company for a batch. Inside the group the rank alone counts.
  Nanos patience = 0;
  const Owner* owners = nullptr;
  // Bits of `owners`. Atomic, since one may come while it waits.
  std::atomic<std::uint64_t> wanted_by{0};

  // Set by the ranker when it is submitted; read by the group's claimant, who sets it to the one
  // that it was drawn for.
  Rank rank;
  std::uint32_t flow = kNoFlow;  // under `fair`: the application whose turn it waits for
  Nanos charged = 0;             // what its owners' shares were charged so far
  std::int64_t corrected = 0;    // FairShare::corrections() of the flow at that time
  std::uint64_t charged_to = 0;  // bits of `owners`; 0: nothing was charged
  // A better major rank that an owner brought who came late. Reset before the work is used again.
  std::atomic<std::int64_t> raised{INT64_MAX};
};

// Calls `use(application)` for each application among the owners in `mask`, once.
template <class Use>
void each_application(const Work& work, std::uint64_t mask, Use&& use) {
  std::uint32_t last = kNoFlow;
  for (; mask != 0; mask &= mask - 1) {
    const std::uint32_t application = work.owners[std::countr_zero(mask)].application;
    if (application != last) use(application);
    last = application;
  }
}

inline int count_applications(const Work& work, std::uint64_t mask) {
  int count = 0;
  each_application(work, mask, [&count](std::uint32_t) { ++count; });
  return count;
}

}  // namespace edgert
