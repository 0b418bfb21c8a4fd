#include "edgert/transform/table/sliding.h"

#include <algorithm>
#include <cstring>

namespace edgert {
namespace {

void move_floats(float* to, const float* from, std::int64_t count) {
  if (count > 0) std::memmove(to, from, static_cast<std::size_t>(count) * sizeof(float));
}

}  // namespace

SlidingRows::SlidingRows(std::int64_t size, std::int64_t hop, std::int64_t pad, std::int64_t width)
    : size_(size),
      hop_(hop),
      pad_(pad),
      width_(width),
      kept_(static_cast<std::size_t>(size * width)) {
  reset();
}

void SlidingRows::reset() {
  std::fill(kept_.begin(), kept_.end(), 0.0F);
  kept_rows_ = pad_;
  skip_ = 0;
  next_start_ = -pad_;
}

std::int64_t SlidingRows::completed_by(std::int64_t rows) const {
  const std::int64_t beyond = kept_rows_ + rows - skip_ - size_;
  return beyond < 0 ? 0 : beyond / hop_ + 1;
}

void SlidingRows::push(const float* chunk, std::int64_t rows, float* windows) {
  while (true) {
    const std::int64_t skipped = std::min(skip_, rows);
    skip_ -= skipped;
    rows -= skipped;
    chunk += skipped * width_;
    const std::int64_t wanted = size_ - kept_rows_;
    if (skip_ > 0 || rows < wanted) break;
    move_floats(windows, kept_.data(), kept_rows_ * width_);
    move_floats(windows + kept_rows_ * width_, chunk, wanted * width_);
    // What this window takes of the chunk is left there: the next window may want it too.
    const std::int64_t from_kept = std::min(hop_, kept_rows_);
    move_floats(kept_.data(), kept_.data() + from_kept * width_, (kept_rows_ - from_kept) * width_);
    kept_rows_ -= from_kept;
    skip_ = hop_ - from_kept;
    next_start_ += hop_;
    windows += size_ * width_;
  }
  move_floats(kept_.data() + kept_rows_ * width_, chunk, rows * width_);
  kept_rows_ += rows;
}

}  // namespace edgert
