// The arithmetic of image.to_tensor at one place, for the host and for CUDA: what the float64
// reference uses, and the kernel of device/cuda. Plain C++17 without the library.
#pragma once

#include <stdint.h>

#ifdef __CUDACC__
#define EDGERT_HOST_DEVICE __host__ __device__
#else
#define EDGERT_HOST_DEVICE
#endif

namespace edgert::image {

// One component of a frame; the fields are those of view.h's Component.
struct PixelPlane {
  const uint8_t* data;
  int64_t stride;
  int step, width, height;
  bool half_x, half_y, wide;
  int shift;
  float origin_x, origin_y;
};

// A frame, and how its components become the channels of a tensor.
struct PixelSource {
  enum Kind { kGray, kRgb, kYuv };
  PixelPlane plane[3];
  int width, height;
  Kind kind;
  bool gray;                              // one channel is wanted
  double gain, bias, r_v, g_u, g_v, b_u;  // of YUV: colour.h's YuvMatrix
};

template <class Real>
struct PixelColour {
  Real c[3];
};

template <class Real>
EDGERT_HOST_DEVICE inline Real limited(Real value, Real low, Real high) {
  return value < low ? low : value > high ? high : value;
}

// In levels of 8 bits.
template <class Real>
EDGERT_HOST_DEVICE inline Real plane_sample(const PixelPlane& plane, int x, int y) {
  const uint8_t* at = plane.data + y * plane.stride + static_cast<int64_t>(x) * plane.step;
  if (!plane.wide) return static_cast<Real>(at[0]);
  const int bits = ((at[0] | at[1] << 8) << plane.shift) & 0xFFFF;
  return static_cast<Real>(bits) / 256;
}

// Of a component at a pixel: itself, or between its samples by the frame's siting.
template <class Real>
EDGERT_HOST_DEVICE inline Real component_at(const PixelPlane& plane, int x, int y) {
  if (!plane.half_x && !plane.half_y) return plane_sample<Real>(plane, x, y);
  const Real px = plane.half_x ? (static_cast<Real>(x) - plane.origin_x) / 2 : static_cast<Real>(x);
  const Real py = plane.half_y ? (static_cast<Real>(y) - plane.origin_y) / 2 : static_cast<Real>(y);
  const Real fx = limited<Real>(px, 0, static_cast<Real>(plane.width - 1));
  const Real fy = limited<Real>(py, 0, static_cast<Real>(plane.height - 1));
  const int left = static_cast<int>(fx), top = static_cast<int>(fy);
  const int right = left + 1 < plane.width ? left + 1 : left;
  const int low = top + 1 < plane.height ? top + 1 : top;
  const Real across = fx - left, down = fy - top;
  const Real above = plane_sample<Real>(plane, left, top) * (1 - across) +
                     plane_sample<Real>(plane, right, top) * across;
  const Real below = plane_sample<Real>(plane, left, low) * (1 - across) +
                     plane_sample<Real>(plane, right, low) * across;
  return above * (1 - down) + below * down;
}

// R, G and B (or gray, three times) of a pixel, in 0..255 and not rounded.
template <class Real>
EDGERT_HOST_DEVICE inline PixelColour<Real> colour_at(const PixelSource& s, int x, int y) {
  const Real first = component_at<Real>(s.plane[0], x, y);
  if (s.kind == PixelSource::kGray) return {{first, first, first}};
  if (s.kind == PixelSource::kRgb) {
    const Real g = component_at<Real>(s.plane[1], x, y), b = component_at<Real>(s.plane[2], x, y);
    if (!s.gray) return {{first, g, b}};
    const Real gray = static_cast<Real>(0.299) * first + static_cast<Real>(0.587) * g +
                      static_cast<Real>(0.114) * b;
    return {{gray, gray, gray}};
  }
  const Real luma = static_cast<Real>(s.gain) * first + static_cast<Real>(s.bias);
  if (s.gray) {
    const Real gray = limited<Real>(luma, 0, 255);
    return {{gray, gray, gray}};
  }
  const Real u = component_at<Real>(s.plane[1], x, y) - 128;
  const Real v = component_at<Real>(s.plane[2], x, y) - 128;
  return {
      {limited<Real>(luma + static_cast<Real>(s.r_v) * v, 0, 255),
       limited<Real>(luma + static_cast<Real>(s.g_u) * u + static_cast<Real>(s.g_v) * v, 0, 255),
       limited<Real>(luma + static_cast<Real>(s.b_u) * u, 0, 255)}};
}

template <class Real>
EDGERT_HOST_DEVICE inline void add_colour(PixelColour<Real>& sum, const PixelColour<Real>& colour,
                                          Real weight) {
  for (int c = 0; c < 3; ++c) sum.c[c] += colour.c[c] * weight;
}

// Between the middles of the four pixels around a place; pixel i covers [i, i + 1).
template <class Real>
EDGERT_HOST_DEVICE inline PixelColour<Real> bilinear_at(const PixelSource& s, Real x, Real y) {
  const Real fx = limited<Real>(x - static_cast<Real>(0.5), 0, static_cast<Real>(s.width - 1));
  const Real fy = limited<Real>(y - static_cast<Real>(0.5), 0, static_cast<Real>(s.height - 1));
  const int left = static_cast<int>(fx), top = static_cast<int>(fy);
  const int right = left + 1 < s.width ? left + 1 : left;
  const int low = top + 1 < s.height ? top + 1 : top;
  const Real across = fx - left, down = fy - top;
  PixelColour<Real> sum{};
  add_colour(sum, colour_at<Real>(s, left, top), (1 - across) * (1 - down));
  add_colour(sum, colour_at<Real>(s, right, top), across * (1 - down));
  add_colour(sum, colour_at<Real>(s, left, low), (1 - across) * down);
  add_colour(sum, colour_at<Real>(s, right, low), across * down);
  return sum;
}

// The mean of what a rectangle of `width` by `height` pixels around a place covers of the frame.
template <class Real>
EDGERT_HOST_DEVICE inline PixelColour<Real> area_at(const PixelSource& s, Real x, Real y,
                                                    Real width, Real height) {
  const Real left = limited<Real>(x - width / 2, 0, static_cast<Real>(s.width));
  const Real right = limited<Real>(x + width / 2, 0, static_cast<Real>(s.width));
  const Real top = limited<Real>(y - height / 2, 0, static_cast<Real>(s.height));
  const Real low = limited<Real>(y + height / 2, 0, static_cast<Real>(s.height));
  const Real whole = (right - left) * (low - top);
  PixelColour<Real> sum{};
  for (int row = static_cast<int>(top); row < s.height && static_cast<Real>(row) < low; ++row) {
    const Real down = (row + 1 < low ? row + 1 : low) - (row > top ? row : top);
    for (int column = static_cast<int>(left); column < s.width && static_cast<Real>(column) < right;
         ++column) {
      const Real across =
          (column + 1 < right ? column + 1 : right) - (column > left ? column : left);
      add_colour(sum, colour_at<Real>(s, column, row), across * down / whole);
    }
  }
  return sum;
}

}  // namespace edgert::image
