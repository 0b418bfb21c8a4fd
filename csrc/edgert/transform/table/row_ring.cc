#include "edgert/transform/table/row_ring.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace edgert {
namespace {

// A block carries several windows, so that little is copied from one to the next; and as many as
// one chunk can complete, were they apart, which is what readers are told to expect.
std::int64_t rows_of_block(std::int64_t size, std::int64_t hop, std::int64_t chunk) {
  const std::int64_t several = (3 * size + 2 * chunk + size - 1) / size;
  return std::max(several, (chunk + hop - 1) / hop) * size;
}

}  // namespace

RowRing::RowRing(std::int64_t size, std::int64_t hop, std::int64_t pad, std::int64_t width,
                 std::int64_t chunk)
    : size_(size), hop_(hop), pad_(pad), width_(width), capacity_(rows_of_block(size, hop, chunk)) {
  reset();
}

void RowRing::reset() {
  block_.reset();
  begin_ = filled_ = skip_ = 0;
  next_start_ = -pad_;
}

std::int64_t RowRing::completed_by(std::int64_t rows) const {
  const std::int64_t kept = block_ ? filled_ - begin_ : pad_;
  const std::int64_t beyond = kept + rows - skip_ - size_;
  return beyond < 0 ? 0 : beyond / hop_ + 1;
}

void RowRing::copy(float* to, const float* from, std::int64_t rows) {
  if (rows <= 0) return;
  const auto bytes = static_cast<std::size_t>(rows * width_) * sizeof(float);
  std::memcpy(to, from, bytes);
  copied_ += static_cast<std::int64_t>(bytes);
}

void RowRing::use(Tensor block) {
  Tensor before = std::exchange(block_, std::move(block));
  const std::int64_t kept = filled_ - begin_;
  if (before) {
    copy(row(0), before.data<float>() + begin_ * width_, kept);
    filled_ = kept;
  } else {
    std::fill_n(row(0), pad_ * width_, 0.0F);
    filled_ = pad_;
  }
  begin_ = 0;
}

Tensor RowRing::push(const float* chunk, std::int64_t rows) {
  const std::int64_t windows = completed_by(rows);
  const std::int64_t skipped = std::min(skip_, rows);
  skip_ -= skipped;
  copy(row(filled_), chunk + skipped * width_, rows - skipped);
  filled_ += rows - skipped;
  const auto bytes = [this](std::int64_t count) {
    return static_cast<std::size_t>(count * width_) * sizeof(float);
  };
  Tensor out(block_.buffer(), DType::kFloat32, {windows, size_, width_},
             block_.offset() + bytes(begin_));
  if (windows > 1 && hop_ != size_) out.set_row_step(bytes(hop_));
  begin_ += windows * hop_;
  next_start_ += windows * hop_;
  skip_ += std::max<std::int64_t>(begin_ - filled_, 0);
  begin_ = std::min(begin_, filled_);
  return out;
}

}  // namespace edgert
