// One execution that waits for a lane: an item in a group's queue, embedded in its owner.
#pragma once

#include <cstdint>

#include "edgert/base/clock.h"

namespace edgert {

struct Work {
  Work* next = nullptr;  // link of the intake, then of nothing
  Nanos ready = 0;       // when it was submitted
  Nanos deadline = kNever;
  std::uint64_t order = 0;  // age: when its activation was admitted (ns); smaller is older
};

}  // namespace edgert
