// Windows that slide over a stream of rows, as views of the memory in which the stream is kept.
//
// Rows are appended to a block; a window is a part of it, so windows that overlap share memory and
// nothing is copied for them. When a block is full, the rows that further windows need are copied
// to the next one, and the old one lives as long as somebody holds a window of it. What was handed
// out is never written again. Not shared; blocks come from the caller.
#pragma once

#include <cstdint>

#include "edgert/memory/tensor.h"

namespace edgert {

// Window i holds the rows [i * hop, i * hop + size) of the stream, which begins with `pad` rows of
// zeros.
class RowRing {
 public:
  // All in rows of `width` floats; size, hop and width at least 1, 0 <= pad < size. `chunk`: rows
  // that come at once, at most.
  RowRing(std::int64_t size, std::int64_t hop, std::int64_t pad, std::int64_t width,
          std::int64_t chunk);

  void reset();
  // Rows that a block has; a multiple of `size`.
  std::int64_t block_rows() const { return capacity_; }
  // Windows that a chunk of `rows` will complete.
  std::int64_t completed_by(std::int64_t rows) const;
  // The next window's first row, counted from the first one after the padding.
  std::int64_t next_start() const { return next_start_; }

  // Whether a chunk of `rows` needs another block, to be given by use() before push().
  bool full(std::int64_t rows) const { return !block_ || filled_ + rows > capacity_; }
  void use(Tensor block);
  // Takes the chunk; returns the windows that it completes, shaped [k, size, width], rows a step
  // apart where k is more than 1.
  Tensor push(const float* chunk, std::int64_t rows);
  // Bytes copied so far: each row once into a block, and what was carried to the next block.
  std::int64_t copied() const { return copied_; }

 private:
  void copy(float* to, const float* from, std::int64_t rows);
  float* row(std::int64_t index) const { return block_.data<float>() + index * width_; }

  std::int64_t size_, hop_, pad_, width_, capacity_;
  Tensor block_;
  std::int64_t begin_ = 0, filled_ = 0;  // in the block: the next window's first row, the end
  std::int64_t skip_ = 0;                // rows to pass over, when hop > size
  std::int64_t next_start_ = 0, copied_ = 0;
};

}  // namespace edgert
