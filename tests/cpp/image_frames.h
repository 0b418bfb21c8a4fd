// Frames for tests of image transforms: each format, of any size.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "edgert/memory/frame.h"

namespace edgert {

// A frame and the memory of its planes. Rows are padded, and the padding is of another colour, so
// that reading beyond a row's end shows.
struct TestFrame {
  FrameRef frame = make_frame();
  std::vector<std::uint8_t> memory[3];
  const Frame& operator*() const { return *frame; }
};

// Any bytes, or such that every mix of luma and chroma is a colour of 0..255.
enum class Content { kFlat, kGradient, kNoise, kMildNoise };

class RandomBytes {
 public:
  explicit RandomBytes(std::uint64_t seed) : state_(seed * 2654435769u + 1) {}
  std::uint32_t next() {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::uint32_t>(state_ >> 33);
  }
  int below(int limit) { return static_cast<int>(next() % static_cast<std::uint32_t>(limit)); }
  float unit() { return static_cast<float>(next() % 65536) / 65536.0f; }

 private:
  std::uint64_t state_;
};

// A sample between `low` and `high` of a plane's position.
inline std::uint8_t test_sample(Content content, double x, double y, int low, int high,
                                RandomBytes& random) {
  if (content == Content::kFlat) return static_cast<std::uint8_t>((low + high) / 2);
  if (content == Content::kNoise) return static_cast<std::uint8_t>(random.below(256));
  if (content == Content::kMildNoise) {
    return static_cast<std::uint8_t>(low + random.below(high - low + 1));
  }
  const double wave = 0.5 + 0.25 * std::sin(x / 9) + 0.25 * std::cos(y / 7);
  return static_cast<std::uint8_t>(low + (high - low) * wave);
}

// Byte `index` of a row of plane `plane`: whether it is chroma.
inline bool is_chroma(PixelFormat format, int plane, int index) {
  if (format == PixelFormat::kYuyv422) return index % 2 == 1;
  return plane > 0;
}

inline void fill_plane(TestFrame& test, int plane, int row_bytes, int width, int height,
                       Content content, RandomBytes& random) {
  const int stride = row_bytes + 14;
  auto& memory = test.memory[plane];
  // Exactly up to the last row's end: the sanitizer sees what reads on.
  memory.assign(static_cast<std::size_t>(stride) * (height - 1) + row_bytes, 255);
  const PixelFormat format = test.frame->image.pixel;
  const bool rgb = format == PixelFormat::kGray8 || format == PixelFormat::kRgb24 ||
                   format == PixelFormat::kBgr24;
  for (int y = 0; y < height; ++y) {
    for (int i = 0; i < row_bytes; ++i) {
      const bool chroma = is_chroma(format, plane, i);
      const int low = rgb ? 0 : chroma ? 104 : 72, high = rgb ? 255 : chroma ? 152 : 180;
      memory[static_cast<std::size_t>(y) * stride + i] =
          test_sample(content, i, y, low, high, random);
    }
  }
  test.frame->planes[static_cast<std::size_t>(plane)] = {memory.data(), stride, width, height};
  test.frame->plane_count = plane + 1;
}

// Pairs of bytes become samples of 10 bits, in the lower ones of 16 or in the upper ones.
inline void make_wide(TestFrame& test, bool upper) {
  for (auto& memory : test.memory) {
    for (std::size_t i = 0; i + 1 < memory.size(); i += 2) {
      const int sample = (memory[i] << 2 | (memory[i + 1] & 3)) << (upper ? 6 : 0);
      memory[i] = static_cast<std::uint8_t>(sample & 0xFF);
      memory[i + 1] = static_cast<std::uint8_t>(sample >> 8);
    }
  }
}

inline TestFrame make_image(const ImageFormat& format, Content content, std::uint64_t seed = 1) {
  TestFrame test;
  test.frame->image = format;
  RandomBytes random(seed);
  const int w = format.width, h = format.height, half_w = (w + 1) / 2, half_h = (h + 1) / 2;
  const auto plane = [&](int index, int bytes, int width, int height) {
    fill_plane(test, index, bytes, width, height, content, random);
  };
  switch (format.pixel) {
    case PixelFormat::kGray8:
      plane(0, w, w, h);
      break;
    case PixelFormat::kRgb24:
    case PixelFormat::kBgr24:
      plane(0, 3 * w, w, h);
      break;
    case PixelFormat::kYuv420p:
      plane(0, w, w, h);
      plane(1, half_w, half_w, half_h);
      plane(2, half_w, half_w, half_h);
      break;
    case PixelFormat::kNv12:
      plane(0, w, w, h);
      plane(1, 2 * half_w, half_w, half_h);
      break;
    case PixelFormat::kYuyv422:
      plane(0, 4 * half_w, w, h);
      break;
    case PixelFormat::kYuv420p10:
      plane(0, 2 * w, w, h);
      plane(1, 2 * half_w, half_w, half_h);
      plane(2, 2 * half_w, half_w, half_h);
      make_wide(test, false);
      break;
    case PixelFormat::kP010:
      plane(0, 2 * w, w, h);
      plane(1, 4 * half_w, half_w, half_h);
      make_wide(test, true);
      break;
  }
  return test;
}

}  // namespace edgert
