// Where a frame lies in the segment: as it is, or as a copy.
#pragma once

#include <cstddef>
#include <cstdint>

#include "edgert/lease/lease_pool.h"
#include "edgert/lease/wire.h"
#include "edgert/memory/frame.h"

namespace edgert {

struct Placement {
  lease_wire::Grant grant;  // slot, generation, planes, format, times
  BufferRef keeper;         // keeps the slot from being used anew
  std::size_t copied = 0;   // bytes; 0: the source filled the segment itself
};

// Bytes that a copy of the frame takes.
std::size_t copy_bytes(const Frame& frame);
// Bytes for any frame of a format; of one whose size isn't known yet, those of a Full HD picture
// or a second of sound.
std::size_t largest_frame(const FrameFormat& format);

// False: it isn't in the segment and no slot could be had.
bool place(const Frame& frame, LeasePool& pool, Placement& into);

// The frame that a grant describes, as views of a mapped segment; false when it is none.
bool read_grant(const lease_wire::Grant& grant, const Segment& segment, Frame& into);

}  // namespace edgert
