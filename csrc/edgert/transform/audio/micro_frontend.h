// The features of microWakeWord: TensorFlow's audio microfrontend, bit for bit.
//
// Samples of 16 bits, windowed in 12-bit fixed point, scaled to full range, transformed, gathered
// in mel channels, noise reduced, gain controlled, logarithm. Constants are those of ESPHome's
// preprocessor_settings.h, which the models were trained with. Stateful, not shared; no allocation
// after construction.
#pragma once

#include <cstdint>
#include <vector>

#include "edgert/transform/audio/micro_fft.h"
#include "edgert/transform/audio/micro_filters.h"
#include "edgert/transform/audio/micro_gain.h"

namespace edgert {

struct MicroOptions {
  int rate = 16000, window = 480, hop = 160, channels = 40;  // samples
  double low = 125, high = 7500;                             // Hz
  MicroNoiseOptions noise;
  bool pcan = true;
  MicroGainOptions gain;
  int log_shift = 6;
};

class MicroFrontend {
 public:
  explicit MicroFrontend(const MicroOptions& options);

  bool fits() const { return filters_.fits(); }
  int channels() const { return filters_.channels(); }
  void reset() { noise_.reset(); }
  // The channels of the next window of `window` samples; windows come in order.
  void process(const float* samples, std::uint16_t* out);

 private:
  int apply_window(const float* samples);

  bool pcan_;
  std::vector<std::int16_t> window_, input_;
  std::vector<MicroComplex> spectrum_;
  std::vector<std::uint32_t> values_;
  MicroFft fft_;
  MicroFilters filters_;
  MicroNoise noise_;
  MicroGain gain_;
  MicroLog log_;
};

}  // namespace edgert
