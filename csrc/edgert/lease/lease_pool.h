// Buffers whose memory other processes can map: each is a slot of a segment.
//
// Thread rule: take() from any thread. The segment lives until the pool and every buffer are gone.
#pragma once

#include <memory>

#include "edgert/lease/segment.h"
#include "edgert/memory/buffer.h"

namespace edgert {

class LeasePool {
 public:
  static Result<std::unique_ptr<LeasePool>> create(std::size_t slot_bytes, std::uint32_t slots);
  ~LeasePool();
  LeasePool(const LeasePool&) = delete;
  LeasePool& operator=(const LeasePool&) = delete;

  // A buffer of a slot's size; null when `bytes` don't fit, all slots are out, or memory is short.
  BufferRef take(std::size_t bytes);
  Segment& segment() const;
  // No slot is given out any more: what is still held elsewhere stays as it is, and alive.
  void retire();

 private:
  struct Core;
  explicit LeasePool(Core* core) : core_(core) {}
  Core* core_;
};

}  // namespace edgert
