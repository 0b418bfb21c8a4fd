// What the micro frontend does to its channels: noise reduction, gain by the noise (PCAN),
// logarithm.
//
// The arithmetic is that of TensorFlow's audio microfrontend (tensorflow/lite/experimental/
// microfrontend/lib: noise_reduction.c, pcan_gain_control.c and its _util.c, log_scale.c).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace edgert {

struct MicroNoiseOptions {
  int smoothing_bits = 10;
  double even_smoothing = 0.025, odd_smoothing = 0.06, least_signal = 0.05;
};

// Subtracts a running mean of each channel, which it keeps.
class MicroNoise {
 public:
  MicroNoise(const MicroNoiseOptions& options, int channels);
  void reset();
  void apply(std::uint32_t* channels);
  const std::vector<std::uint32_t>& estimate() const { return estimate_; }

 private:
  int bits_;
  std::uint32_t even_, odd_, least_;
  std::vector<std::uint32_t> estimate_;
};

struct MicroGainOptions {
  double strength = 0.95, offset = 80;
  int gain_bits = 21;
};

// (channel) × (noise + offset)^-strength, from a table of parabolas, one an octave.
class MicroGain {
 public:
  // `correction`: bits by which channels are below their true scale.
  MicroGain(const MicroGainOptions& options, int smoothing_bits, int correction);
  void apply(const std::vector<std::uint32_t>& noise, std::uint32_t* channels) const;

 private:
  std::int32_t gain(std::uint32_t noise) const;
  int shift_;
  std::array<std::int16_t, 125> table_{};
};

// ln(value << correction), times 2^shift.
class MicroLog {
 public:
  MicroLog(int shift, int correction);
  std::uint16_t operator()(std::uint32_t value) const;

 private:
  int shift_, correction_;
  std::array<std::uint16_t, 130> table_{};  // log2(1 + i / 128) - i / 128, times 65536
};

}  // namespace edgert
