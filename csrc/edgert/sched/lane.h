// What a lane offers to what it runs, and what it counts.
#pragma once

#include <cstddef>

#include "edgert/base/histogram.h"
#include "edgert/memory/buffer.h"

namespace edgert {

class Lane {
 public:
  explicit Lane(int lane_index) : index(lane_index) {}
  std::byte* scratch(std::size_t bytes);  // grows, is never given back; 64-byte aligned

  const int index;
  Counter executions, busy_nanos;

 private:
  BufferRef scratch_;
};

}  // namespace edgert
