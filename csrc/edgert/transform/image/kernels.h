// The inner loops of image.to_tensor, one table for each instruction set that was compiled in.
//
// An output row is made in steps: `convert` turns pixels of YUV rows into R, G and B; `vertical`
// weighs source rows into 16-bit rows, `horizontal` weighs neighbours in them into float rows,
// `finish` turns these into the tensor's values; where two pixels of two rows make an output it
// weighs them itself. Fixed point: weights of rows are in 1/32768, of neighbours in 1/16384, so a
// float row holds pixels times kUnit. Rows are read only where asked; what is written may overrun
// `count` by less than kSlack elements, except by `finish`.
#pragma once

#include <cstddef>
#include <cstdint>

namespace edgert::image {

inline constexpr int kRowOne = 32768;
inline constexpr int kColumnOne = 16384;
inline constexpr float kUnit = 128.0f * 16384.0f;
inline constexpr int kSlack = 64;
// Rows of colours hold pixels times this: sums of luma and chroma before the clamp fit 16 bits.
inline constexpr int kColourUnit = 32;

// Source rows and the weight of each.
struct RowTaps {
  const std::uint8_t* const* rows;
  const std::uint16_t* weights;
  int count;
};

// The same of rows of colours.
struct WordTaps {
  const std::int16_t* const* rows;
  const std::uint16_t* weights;
  int count;
};

// Samples of two bytes: the bytes between them, and how far to the left their bits must go to
// begin with the highest.
struct WideSamples {
  int step, shift;
};

// The matrix of colour.h, from the inputs' scale to pixels times 64 (half_b_u: times 32, as it
// would not fit), in 1/65536.
struct ColourMatrix16 {
  std::uint16_t gain;
  std::int16_t r_v, g_u, g_v, half_b_u;
  std::int16_t bias[3];
};

// A row of wide source pixels: luma times 128; chroma at each pixel, less 128 and times 256, or
// null for gray. `pairs`: not all pixels, but each of these and its right neighbour; it goes on for
// kSlack more.
struct SourceRow {
  const std::int16_t* luma;
  const std::int16_t* u;
  const std::int16_t* v;
  const std::int32_t* pairs;
};

// The matrix of colour.h for bytes, from luma times 257 and chroma times 128 to pixels times
// kColourUnit, in 1/65536; without signs. Of chroma the 128 are in the bias.
struct ByteMatrix {
  std::uint16_t gain, r_v, g_u, g_v, b_u;
  std::int16_t bias[3];
};

// Dense rows, of frames of bytes whose chroma has one sample for two pixels: luma times
// kDenseUnit, and what chroma adds to it for each colour (a term, which has all offsets in it).
// Where their sum passes 65535 a colour is 255, where it is below `low` a colour is 0; so a colour
// less `low` is what the sums of rows hold. Factors are by a sample times 256, in 1/65536.
inline constexpr int kDenseUnit = 128;
struct DenseMatrix {
  std::uint16_t r_v, g_u, g_v, b_u;
  std::uint16_t offset[3];
  std::uint16_t low;
};

// Samples of chroma: those of u and v lie `step` bytes (1 or 2) apart. `first`, `last`: whether the
// frame ends on that side; else there is a sample more, which is looked at.
struct ChromaSamples {
  const std::uint8_t* u;
  const std::uint8_t* v;
  int step, count;
  bool first, last;
};

// One row or two of luma between the same two rows of terms: `quarters` of the lower one. Weights
// are in 1/65536.
struct DenseRows {
  const std::uint8_t* luma[2];
  int quarters[2];
  std::uint16_t weight[2];
  int count;
  const std::uint16_t* upper;
  const std::uint16_t* lower;
};

// A row of 16-bit pixels in halves: those of even places, and those of odd ones. Pixel 0 is even.
struct HalfRow {
  std::uint16_t* even;
  std::uint16_t* odd;
};

// How outputs take neighbours of rows in halves: for each kHalfOutputs of them and each of `steps`
// two neighbours an order of the words of a window of kHalfWindow of each half, one window for all
// or one for each half or quarter of the outputs (`parts`), the same for all steps; and weights.
// half_windows.h makes them; parts is 0 where they don't serve.
inline constexpr int kHalfOutputs = 16;
inline constexpr int kHalfWindow = 32;
struct HalfTaps {
  const std::int32_t* from;
  const std::uint16_t* order;
  const std::int16_t* weights;
  int parts, steps;
};

// Two bytes for each of kPickBlock lanes, from windows of a row that begin at `from`. Narrow: for
// each load one window of kPickWindow for each kPickGroup of lanes, then the places in them, where
// 0x80 gives zero; what the loads give is joined. Wide: places in one window of kWideWindow, or in
// two, or in two for each half of the lanes. 1, 2 or 4 loads, or 0: unused. Kernels of wide picks
// take narrow ones of 4 loads alone, both of luma and of chroma. picks.h makes them.
inline constexpr int kPickBlock = 32;
inline constexpr int kPickGroup = 8;
inline constexpr int kPickWindow = 16;
inline constexpr int kWideWindow = 64;
struct Picks {
  const std::int32_t* from;
  const std::uint8_t* order;
  int loads;
  bool wide;
};

// Of luma a lane's bytes are the same, of chroma those of the near sample and of the far one.
// Chroma has at most as many loads as luma, none for gray; it is wide where luma is.
struct YuvPicks {
  Picks luma, chroma;
};

// A row of pixels of bytes: luma, and the rows of chroma around it. The lower byte of near_far[k]
// weighs near samples of row k, the upper one far ones; all four add up to 128.
struct YuvRow {
  const std::uint8_t* luma;
  const std::uint8_t* u[2];
  const std::uint8_t* v[2];
  std::uint16_t near_far[2];
};
struct YuvTaps {
  const YuvRow* rows;
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
  bool dense;  // output i takes elements 2 i and 2 i + 1
  // windows.h; loads is 0 where they don't serve, and needs a stride of 2.
  int loads;
  const std::int32_t* window_first;
  const std::uint8_t* window_shuffle;
};

enum class Element : std::uint8_t { kFloat32, kFloat16, kUInt8, kInt8 };

// From up to three components to the tensor's channels: value = pixel * scale + offset
// (quantisation included in them), then rounded when of 8 bits.
struct Finish {
  enum class Colour : std::uint8_t {
    kPass,  // channel c is in[c] * gain
    kLuma,  // one channel: in[0] * weight[0] + in[1] * weight[1] + in[2] * weight[2]
  };
  Colour colour = Colour::kPass;
  Element element = Element::kFloat32;
  bool interleaved = true;
  int channels = 3;
  float gain = 1;               // kPass
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

// What `finish` reads: rows of floats; or (they are null) one row of colours or two, of which each
// output has a pair of pixels, to be weighed both ways.
struct FinishRows {
  const float* floats[3];
  const std::int16_t* upper[3];
  const std::int16_t* lower[3];
  std::int16_t lower_weight;
  const std::int16_t* pair_weights;
};

struct ColourMatrixF {
  float gain, r_v, g_u, g_v, b_u;
  float bias[3];
};

// Components that lie alike: one of luma, two of chroma, three of a packed pixel.
struct Patch {
  const std::uint8_t* data[3];
  int count;
  std::int64_t stride;  // bytes to the sample below
  int step;             // bytes to the sample on the right
  int wide_shift;       // of samples of two bytes, WideSamples::shift; else -1
  PatchAxis x, y;
};
inline constexpr int kPatch = 16;

struct Kernels {
  const char* name;
  bool shuffles;    // whether `horizontal` takes windows
  bool wide_picks;  // whether picks may be wide
  // `count` bytes of each row, in their order.
  void (*vertical)(const RowTaps& taps, int count, std::int16_t* out);
  // `count` samples of wide rows, whose address and stride are in bytes.
  void (*vertical_wide)(const RowTaps& taps, const WideSamples& samples, int count,
                        std::int16_t* out);
  // From colours to pixels times 128. Reads up to kSlack more than `count`.
  void (*vertical_words)(const WordTaps& taps, int count, std::int16_t* out);
  // From `count` chroma samples times 128 to two pixels each, as SourceRow has them; reads one
  // sample on both sides and up to kSlack more. Centred: samples lie between their pixels, else on
  // the left one.
  void (*upsample)(const std::int16_t* row, bool centred, int count, std::int16_t* out);
  // `count` pixels to colours, clamped; to out[0] alone without chroma.
  void (*colours)(const ColourMatrix16& matrix, const SourceRow& from, int count,
                  std::int16_t* const out[3]);
  // The same of bytes.
  void (*convert)(const ByteMatrix& matrix, const YuvPicks& picks, const YuvRow& row, int count,
                  std::int16_t* const out[3]);
  // And of several rows, weighed: of the same unit.
  void (*weigh_colours)(const ByteMatrix& matrix, const YuvPicks& picks, const YuvTaps& taps,
                        int count, std::int16_t* const out[3]);
  // And of one row or two, of pairs of pixels, weighed both ways: `count` / 2 outputs.
  void (*weigh_pairs)(const ByteMatrix& matrix, const YuvPicks& picks, const YuvTaps& taps,
                      const std::int16_t* weights, int count, float* const out[3]);
  // From chroma to the terms of two pixels for each sample, in an order of add_rows' own;
  // `centred` as `upsample` has it. `work` holds twice as many bytes as samples and 4 kSlack.
  void (*chroma_terms)(const DenseMatrix& matrix, const ChromaSamples& samples, bool centred,
                       std::uint8_t* work, std::uint16_t* out);
  // Adds `count` pixels of rows, weighed, to sums; or, where `begin` is not negative, to that.
  void (*add_rows)(const DenseMatrix& matrix, const DenseRows& rows, int begin, int count,
                   const HalfRow sums[3]);
  // Of `count` pixels.
  void (*join_halves)(const HalfRow& from, int count, std::int16_t* out);
  // Null where shuffles don't reach far enough.
  void (*horizontal_halves)(const HalfRow rows[3], const HalfTaps& taps, int count,
                            float* const out[3]);
  void (*horizontal)(const std::int16_t* row, const ColumnTaps& taps, int count, float* out);
  void (*horizontal_packed)(const std::int16_t* row, const ColumnTaps& taps, int count,
                            float* const out[3]);
  // Converts kPatch pixels' components (luma, or luma and two of chroma), clamps them, and adds
  // them times `weights` to out[].
  void (*add_colours)(const ColourMatrixF& matrix, const float* const in[3], int count,
                      const float* weights, float* const out[3]);
  // Adds to out[c] each component's bilinear samples at kPatch pixel indices (a pixel's middle has
  // a whole index); those beyond the frame's edge are drawn to it.
  void (*patch)(const Patch& patch, const float* x, const float* y, float* const out[3]);
  // Writes exactly `count` pixels: to out[0] when interleaved, else channel c to out[c].
  void (*finish)(const Finish& finish, const FinishRows& rows, int count, void* const out[3]);
};

// Those that this processor runs, the best one last. Never empty.
struct KernelList {
  const Kernels* kernels[4];
  int count;
};
KernelList available_kernels();
const Kernels& best_kernels();

}  // namespace edgert::image
