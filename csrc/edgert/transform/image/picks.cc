#include "edgert/transform/image/picks.h"

#include <algorithm>
#include <cstring>

#include "edgert/transform/image/tables.h"

namespace edgert::image {
namespace {

constexpr int kWindow = 16;  // bytes of a load
constexpr int kMostLoads = 4;

// The pixel of output lane i: pairs of neighbours, the last of which goes on.
int pixel_of(const std::int32_t* pairs, int count, int i) {
  const int lane = std::min(i, count - 1);
  return pairs[lane / 2] + lane % 2;
}

// Bytes that a row of the component has, from its first sample on.
int row_bytes(const Component& c) {
  return (c.width - 1) * c.step + 1;
}

}  // namespace

void PickTable::take(Scratch& scratch, int pixels) {
  const std::size_t windows = array_size(pixels / kPickBlock + 1) * kMostLoads;
  from_ = scratch.take<std::int32_t>(windows);
  near_ = scratch.take<std::uint8_t>(windows * kPickBlock);
  far_ = scratch.take<std::uint8_t>(windows * kPickBlock);
}

PickTable::Pixel PickTable::place(const Component& c, int pixel) const {
  if (!c.half_x) return {pixel * c.step, pixel * c.step};
  const int near = pixel / 2, odd = pixel % 2;
  const int far = near + (odd ? 1 : c.origin_x > 0 ? -1 : 0);
  return {near * c.step, std::clamp(far, 0, c.width - 1) * c.step};
}

bool PickTable::fits(const Component& c, const std::int32_t* pairs, int count, int loads) const {
  const int lanes = kPickBlock / loads;
  for (int first = 0; first < count; first += lanes) {
    const Pixel left = place(c, pixel_of(pairs, count, first));
    const Pixel right = place(c, pixel_of(pairs, count, first + lanes - 1));
    if (std::max(right.near, right.far) - std::min(left.near, left.far) >= kWindow) return false;
  }
  return true;
}

void PickTable::fill(const Component& c, const std::int32_t* pairs, int count) {
  loads_ = 0;
  if (row_bytes(c) < kWindow) return;
  for (const int loads : {1, 2, kMostLoads}) {
    if (!fits(c, pairs, count, loads)) continue;
    loads_ = loads;
    const int lanes = kPickBlock / loads;
    const int blocks = (count + kPickBlock - 1) / kPickBlock;
    for (int w = 0; w < blocks * loads; ++w) window(c, pairs, count, w * lanes);
    return;
  }
}

void PickTable::window(const Component& c, const std::int32_t* pairs, int count, int first) {
  const int lanes = kPickBlock / loads_, index = first / lanes;
  std::uint8_t* near = near_ + index * kPickBlock;
  std::uint8_t* far = far_ + index * kPickBlock;
  std::memset(near, 0x80, kPickBlock);  // gives zero
  std::memset(far, 0x80, kPickBlock);
  const Pixel left = place(c, pixel_of(pairs, count, first));
  const int from = std::min({left.near, left.far, row_bytes(c) - kWindow});
  from_[index] = from;
  for (int i = 0; i < lanes; ++i) {
    const Pixel pixel = place(c, pixel_of(pairs, count, first + i));
    const int lane = first % kPickBlock + i;
    near[lane] = static_cast<std::uint8_t>(pixel.near - from);
    far[lane] = static_cast<std::uint8_t>(pixel.far - from);
  }
}

}  // namespace edgert::image
