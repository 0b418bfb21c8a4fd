// The channels of the micro frontend: triangles on the mel scale in 12-bit fixed point.
//
// The arithmetic is that of TensorFlow's audio microfrontend (tensorflow/lite/experimental/
// microfrontend/lib: filterbank.c, filterbank_util.c), down to its rounding.
#pragma once

#include <cstdint>
#include <vector>

#include "edgert/transform/audio/micro_fft.h"

namespace edgert {

class MicroFilters {
 public:
  static constexpr int kBits = 12;
  // `bins` = fft / 2 + 1. Bands lie between `low` and `high` Hz, which must be below rate / 2.
  MicroFilters(int rate, int bins, int channels, float low, float high);

  int channels() const { return channels_; }
  // Whether the highest band ends inside the spectrum.
  bool fits() const { return fits_; }
  // The square root of each channel's energy, shifted down.
  void apply(const MicroComplex* spectrum, int shift, std::uint32_t* out);

 private:
  struct Bin {  // of one frequency: what goes to its channel, and what to the next one
    int channel;
    std::int16_t weight, rest;
  };
  int channels_, first_ = 0;
  bool fits_ = true;
  std::vector<Bin> bins_;
  std::vector<std::uint64_t> sums_;
};

// The nearest whole root; what is below 2^32 gives 65535 at most.
std::uint32_t micro_root(std::uint64_t value);

}  // namespace edgert
