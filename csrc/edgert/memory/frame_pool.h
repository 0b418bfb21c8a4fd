// Frames that are used again. The pool's memory lives until the pool and every frame are gone.
#pragma once

#include "edgert/memory/frame.h"

namespace edgert {

class FramePool {
 public:
  explicit FramePool(std::uint32_t limit);
  ~FramePool();
  FramePool(const FramePool&) = delete;
  FramePool& operator=(const FramePool&) = delete;

  // A blank frame; null when `limit` are out.
  FrameRef take();

 private:
  struct Core;
  Core* core_;
};

}  // namespace edgert
