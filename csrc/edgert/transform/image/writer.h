// Writes rows of tensors: what was sampled, and padding on both sides of it.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>

#include "edgert/transform/image/colour.h"
#include "edgert/transform/image/kernels.h"
#include "edgert/transform/transform.h"

namespace edgert::image {

class Writer {
 public:
  // `out` is the tensor's first byte.
  Writer(const Kernels& kernels, const Options& options, const Plan& plan, std::byte* out);

  // Row y: outputs [begin, end) from rows of components that start at `begin`. Padding beyond.
  void row(int y, int begin, int end, const FinishRows& rows) const;
  void padding(int y) const { fill(y, 0, width_); }

 private:
  std::byte* place(int y, int x, int channel) const;
  void fill(int y, int begin, int end) const;
  void encode_pad(double pad);

  const Kernels& kernels_;
  Plan plan_;
  std::byte* out_;
  int width_, height_;
  int planes_;              // runs of memory that a row consists of: 1, or one a channel
  std::size_t pixel_size_;  // bytes of a pixel in each
  alignas(4) std::byte pad_[3][16] = {};  // a padding pixel, as it stands in each
};

// All tensors that a pass makes: of the node's outputs those that somebody wants.
class Writers {
 public:
  // Rows hold pixels times `unit`. The outputs must be allocated.
  Writers(const Kernels& kernels, const View& view, std::span<const Options> tensors, double unit,
          RunContext& context);

  void row(int y, int begin, int end, const FinishRows& rows) const {
    for (int i = 0; i < count_; ++i) writers_[i]->row(y, begin, end, rows);
  }
  void padding(int y) const {
    for (int i = 0; i < count_; ++i) writers_[i]->padding(y);
  }

 private:
  std::optional<Writer> writers_[kMostTensors];
  int count_ = 0;
};

}  // namespace edgert::image
