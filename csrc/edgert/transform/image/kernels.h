// The inner loops of image.to_tensor, one table for each instruction set that was compiled in.
//
// An output row is made in three steps: `vertical` weighs source rows into 16-bit rows,
// `horizontal` weighs neighbours in them into float rows, `finish` turns these into the tensor's
// values. Fixed point: weights of rows are in 1/32768, of neighbours in 1/16384, so a float row
// holds pixels times kUnit. Rows are read only where asked; what is written may overrun `count` by
// less than kSlack elements, except by `finish`.
#pragma once

#include <cstddef>
#include <cstdint>

namespace edgert::image {

inline constexpr int kRowOne = 32768;
inline constexpr int kColumnOne = 16384;
inline constexpr float kUnit = 128.0f * 16384.0f;
inline constexpr int kSlack = 32;

// Source rows and the weight of each.
struct RowTaps {
  const std::uint8_t* const* rows;
  const std::uint16_t* weights;
  int count;
};

// For each output: the first neighbour, and `stride` weights from it on, of which those beyond
// `used` are zero. The stride is 2, 4 or a multiple of 8. In packed rows `first` counts 16-bit
// elements, three a pixel.
struct ColumnTaps {
  const std::int32_t* first;
  const std::int16_t* weights;
  int stride, used;
  // windows.h; loads is 0 where they don't serve, and needs a stride of 2.
  int loads;
  const std::int32_t* window_first;
  const std::uint8_t* window_shuffle;
};

enum class Element : std::uint8_t { kFloat32, kFloat16, kUInt8, kInt8 };

// From up to three components to the tensor's channels: in pixels first, clamped to 0..255, then
// value = pixel * scale + offset (quantisation included in them), then rounded when of 8 bits.
struct Finish {
  enum class Colour : std::uint8_t {
    kPass,    // channel c is in[c] * gain
    kMatrix,  // luma in[0], and chroma in[1], in[2]; see below
    kLuma,    // one channel: in[0] * weight[0] + in[1] * weight[1] + in[2] * weight[2]
  };
  Colour colour = Colour::kPass;
  Element element = Element::kFloat32;
  bool interleaved = true;
  int channels = 3;
  float gain = 1;  // of in[] (kPass), of the luma (kMatrix)
  // kMatrix: first = luma + in[2] * first_by_2, middle = luma + both, last = luma + in[1] * …
  float first_by_2 = 0, middle_by_1 = 0, middle_by_2 = 0, last_by_1 = 0;
  float bias[3] = {0, 0, 0};
  float weight[3] = {0, 0, 0};  // kLuma
  float scale[3] = {1, 1, 1}, offset[3] = {0, 0, 0};
};

// One axis of components that are sampled anywhere: pixel indices 0..pixels - 1, of which the
// components have each one, or (half) one for two, the first at index `origin`.
struct PatchAxis {
  float pixels, samples, origin;
  bool half;
  int taps;  // neighbours that count: min(samples, 2), or 3 where halved between pixels
};

// Components that lie alike: one of luma, two of chroma, three of a packed pixel.
struct Patch {
  const std::uint8_t* data[3];
  int count;
  std::int64_t stride;  // bytes to the sample below
  int step;             // bytes to the sample on the right
  PatchAxis x, y;
};
inline constexpr int kPatch = 8;

struct Kernels {
  const char* name;
  bool shuffles;  // whether `horizontal` takes windows
  // `count` bytes of each row, in their order.
  void (*vertical)(const RowTaps& taps, int count, std::int16_t* out);
  // `count` pairs of bytes, the first of each to `even`, the second to `odd`.
  void (*vertical_pairs)(const RowTaps& taps, int count, std::int16_t* even, std::int16_t* odd);
  // `count` groups Y0 U Y1 V.
  void (*vertical_yuyv)(const RowTaps& taps, int count, std::int16_t* y, std::int16_t* u,
                        std::int16_t* v);
  void (*horizontal)(const std::int16_t* row, const ColumnTaps& taps, int count, float* out);
  void (*horizontal_packed)(const std::int16_t* row, const ColumnTaps& taps, int count,
                            float* const out[3]);
  // Adds to out[c] each component's bilinear samples at kPatch pixel indices (a pixel's middle has
  // a whole index); those beyond the frame's edge are drawn to it.
  void (*patch)(const Patch& patch, const float* x, const float* y, float* const out[3]);
  // Writes exactly `count` pixels: to out[0] when interleaved, else channel c to out[c].
  void (*finish)(const Finish& finish, const float* const in[3], int count, void* const out[3]);
};

// Those that this processor runs, the best one last. Never empty.
struct KernelList {
  const Kernels* kernels[2];
  int count;
};
KernelList available_kernels();
const Kernels& best_kernels();

}  // namespace edgert::image
