// The sampling of whole frames, made for the first frame and kept for all of its format.
//
// Any thread may call get(). The first call allocates; wait-free after.
#pragma once

#include <atomic>

#include "edgert/memory/buffer.h"
#include "edgert/transform/image/sampling.h"

namespace edgert::image {

class KeptSampling {
 public:
  KeptSampling() = default;
  KeptSampling(const KeptSampling&) = delete;
  KeptSampling& operator=(const KeptSampling&) = delete;
  ~KeptSampling();

  // Null for a frame of another format than the first one: its run makes its own.
  const Sampling* get(const Kernels& kernels, const View& view, const Affine& to_frame,
                      const Options& options);

 private:
  struct Kept {
    ImageFormat format;
    BufferRef memory;
    Sampling sampling;
  };
  const Kept* make(const Kernels& kernels, const View& view, const Affine& to_frame,
                   const Options& options);

  std::atomic<const Kept*> kept_{nullptr};
};

}  // namespace edgert::image
