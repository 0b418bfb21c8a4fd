#include "edgert/transform/image/picks.h"

#include <algorithm>
#include <cstring>

#include "edgert/transform/image/tables.h"

namespace edgert::image {
namespace {

constexpr int kGroups = kPickBlock / kPickGroup;

}  // namespace

void PickTable::take(Scratch& scratch, int pixels) {
  const std::size_t blocks = array_size(pixels / kPickBlock + 1);
  from_ = scratch.take<std::int32_t>(blocks * kMostLoads * kGroups);
  order_ = scratch.take<std::uint8_t>(blocks * kMostLoads * 2 * kPickBlock);
}

void PickTable::describe(const Component& component, const PickedPixels& pixels) {
  component_ = component;
  bytes_ = std::max(row_bytes(component), kPickWindow);  // shorter rows are copied to such
  pixels_ = pixels;
}

inline PickTable::Pixel PickTable::place(int lane) const {
  const Component& c = component_;
  const int pixel = pixels_.at(lane);
  if (!c.half_x) return {pixel * c.step, pixel * c.step};
  const int near = pixel / 2;
  const int far = near + (pixel % 2 ? 1 : c.origin_x > 0 ? -1 : 0);
  return {near * c.step, std::clamp(far, 0, c.width - 1) * c.step};
}

// Whether the bytes of as many lanes as share windows lie close enough.
bool PickTable::fits(PickMode mode) const {
  if (mode.wide && bytes_ < kWideWindow) return false;
  const int block = mode.wide ? kPickBlock : kPickGroup;
  const int lanes = mode.wide ? std::min(block, 2 * block / mode.loads) : block / mode.loads;
  const int reach = !mode.wide ? kPickWindow : std::min(mode.loads, 2) * kWideWindow;
  for (int first = 0; first < pixels_.count; first += lanes) {
    const Pixel left = place(first), right = place(first + lanes - 1);
    if (std::max(right.near, right.far) - std::min(left.near, left.far) >= reach) return false;
  }
  return true;
}

void PickTable::fill(PickMode mode) {
  picks_ = {from_, order_, mode.loads, mode.wide};
  for (int first = 0; first < pixels_.count; first += kPickBlock) {
    mode.wide ? fill_wide(mode.loads, first) : fill_narrow(mode.loads, first);
  }
}

// One block: for each load a window and an order for each group, whose lanes share the loads.
void PickTable::fill_narrow(int loads, int first) {
  const int shared = kPickGroup / loads;
  std::int32_t* from = from_ + first / kPickBlock * loads * kGroups;
  std::uint8_t* order = order_ + first * 2 * loads;
  std::memset(order, 0x80, array_size(2 * kPickBlock * loads));  // gives zero
  for (int lane = 0; lane < kPickBlock; lane += shared) {
    const int group = lane / kPickGroup, load = lane % kPickGroup / shared;
    const Pixel left = place(first + lane);
    const int begin = std::min({left.near, left.far, bytes_ - kPickWindow});
    from[load * kGroups + group] = begin;
    std::uint8_t* to = order + 2 * (load * kPickBlock + lane);
    for (int i = 0; i < shared; ++i) {
      const Pixel pixel = place(first + lane + i);
      to[2 * i] = static_cast<std::uint8_t>(pixel.near - begin);
      to[2 * i + 1] = static_cast<std::uint8_t>(pixel.far - begin);
    }
  }
}

// One block: one window, or pairs of them, each for its part of the lanes; one order.
void PickTable::fill_wide(int loads, int first) {
  const int last = bytes_ - kWideWindow;
  const int shared = loads == kMostLoads ? kPickBlock / 2 : kPickBlock;
  std::int32_t* from = from_ + first / kPickBlock * loads;
  std::uint8_t* order = order_ + first * 2;
  for (int lane = 0; lane < kPickBlock; lane += shared) {
    const Pixel left = place(first + lane);
    const int begin = std::min({left.near, left.far, last});
    const int second = std::min(begin + kWideWindow, last);
    *from++ = begin;
    if (loads > 1) *from++ = second;
    const auto index = [&](int byte) {
      const int within = byte - begin;
      return static_cast<std::uint8_t>(within < kWideWindow ? within : byte - second + kWideWindow);
    };
    for (int i = lane; i < lane + shared; ++i) {
      const Pixel pixel = place(first + i);
      order[2 * i] = index(pixel.near);
      order[2 * i + 1] = index(pixel.far);
    }
  }
}

}  // namespace edgert::image
