// Whether a chunk continues the one before it.
#pragma once

#include <cstdint>

#include "edgert/memory/frame.h"

namespace edgert {

// A stream breaks where its source says so, and where a frame in between did not reach this node.
// A sequence number that stays or falls is taken for a source that does not count.
class Continuity {
 public:
  bool broken_by(const Frame& frame) {
    const bool missed = started_ && frame.sequence > last_ + 1;
    last_ = frame.sequence;
    started_ = true;
    return missed || frame.gap_before;
  }
  void reset() { started_ = false; }

 private:
  std::uint64_t last_ = 0;
  bool started_ = false;
};

}  // namespace edgert
