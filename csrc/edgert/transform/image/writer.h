// Writes rows of a tensor: what was sampled, and padding on both sides of it.
#pragma once

#include <cstddef>

#include "edgert/transform/image/colour.h"
#include "edgert/transform/image/kernels.h"

namespace edgert::image {

class Writer {
 public:
  // `out` is the tensor's first byte.
  Writer(const Kernels& kernels, const Options& options, const Finish& finish, std::byte* out);

  // Row y: outputs [begin, end) from rows that start at `begin`. Padding beyond.
  void row(int y, int begin, int end, const FinishRows& rows) const;
  void padding(int y) const { fill(y, 0, width_); }

 private:
  std::byte* place(int y, int x, int channel) const;
  void fill(int y, int begin, int end) const;
  void encode_pad(double pad);

  const Kernels& kernels_;
  const Finish& finish_;
  std::byte* out_;
  int width_, height_;
  int planes_;              // runs of memory that a row consists of: 1, or one a channel
  std::size_t pixel_size_;  // bytes of a pixel in each
  alignas(4) std::byte pad_[3][16] = {};  // a padding pixel, as it stands in each
};

}  // namespace edgert::image
