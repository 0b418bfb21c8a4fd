// An image frame as components: where each sample of luma, chroma or a colour lies.
#pragma once

#include <algorithm>
#include <cstdint>

#include "edgert/base/status.h"
#include "edgert/memory/frame.h"

namespace edgert::image {

// How the bytes of a frame hold its components.
enum class Packing { kGray, kPacked3, kPlanar, kSemiPlanar, kYuyv };

struct Component {
  const std::uint8_t* data = nullptr;
  std::int64_t stride = 0;  // bytes to the sample below
  int step = 1;             // bytes to the sample on the right
  // Samples of two bytes, the lower one first, whose bits begin `shift` below the highest.
  bool wide = false;
  int shift = 0;
  int width = 0, height = 0;            // samples
  bool half_x = false, half_y = false;  // one sample for two pixels
  // The place of sample 0 in pixels' indices, where half_x or half_y is set: 0 or 0.5.
  double origin_x = 0, origin_y = 0;

  const std::uint8_t* row(int y) const { return data + y * stride; }
  // In levels of 8 bits.
  double sample(int x, int y) const {
    const std::uint8_t* at = row(y) + x * step;
    return wide ? ((at[0] | at[1] << 8) << shift & 0xFFFF) / 256.0 : at[0];
  }
};

struct View {
  ImageFormat format;
  Packing packing = Packing::kGray;
  int count = 0;  // components: 1, or 3 (R, G, B or Y, U, V)
  Component component[3];
  int width() const { return format.width; }
  int height() const { return format.height; }
  bool wide() const { return component[0].wide; }
  bool yuv() const { return count == 3 && packing != Packing::kPacked3; }
};

// The rows of a component around a row of pixels, and the weight of the lower one, in quarters.
struct RowsAround {
  int upper, lower, weight;
};
inline RowsAround rows_around(const Component& c, int row) {
  const int quarters = c.half_y ? 2 * row - (c.origin_y > 0 ? 1 : 0) : 4 * row;
  const int at = std::clamp(quarters, 0, 4 * (c.height - 1)), upper = at / 4;
  return {upper, std::min(upper + 1, c.height - 1), at % 4};
}

// Refuses a frame that isn't an image, has no pixels, lacks a plane, or has one that is too small.
// Points into `frame`, which must outlive the view.
Result<View> view_of(const Frame& frame);

}  // namespace edgert::image
