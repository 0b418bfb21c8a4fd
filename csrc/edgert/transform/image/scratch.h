// Carves a run's scratch area into arrays: first the sizes are added up, then places are given.
#pragma once

#include <cstddef>

#include "edgert/memory/buffer.h"

namespace edgert::image {

class Scratch {
 public:
  // With a null base only used() is right; the pointers must not be touched.
  explicit Scratch(std::byte* base) : base_(base) {}

  template <class T>
  T* take(std::size_t count) {
    const std::size_t at = used_;
    used_ += (count * sizeof(T) + kBufferAlignment - 1) / kBufferAlignment * kBufferAlignment;
    return base_ ? reinterpret_cast<T*>(base_ + at) : nullptr;
  }
  std::size_t used() const { return used_; }

 private:
  std::byte* base_;
  std::size_t used_ = 0;
};

}  // namespace edgert::image
