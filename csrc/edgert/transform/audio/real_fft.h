// Spectra of real signals of a power-of-two length, eight at a time.
//
// Value l of each row of eight belongs to signal l; kernels.h has the arithmetic. Thread rule:
// read-only after construction.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "edgert/transform/audio/kernels.h"

namespace edgert {

class RealFft {
 public:
  static constexpr int kLanes = sound::kLanes;
  static constexpr int kMinSize = 4, kMaxSize = 1 << 16;

  // `size`: a power of two in kMinSize..kMaxSize.
  explicit RealFft(int size);

  int size() const { return 2 * half_; }
  int bins() const { return half_ + 1; }
  // Where the samples 2i and 2i + 1 of the signals go: row order()[i] of `real` and `imaginary`.
  std::span<const std::uint16_t> order() const { return order_; }
  sound::FftTables tables() const;

  // Writes |X|², or with `root` |X|, to bins() rows of `power`. `real` and `imaginary` have
  // size() / 2 rows each and are used up.
  void power(float* real, float* imaginary, bool root, float* power) const;
  // Writes X itself: bins() rows of real and of imaginary parts.
  void spectrum(float* real, float* imaginary, float* re, float* im) const;

 private:
  const sound::Kernels* kernels_;
  int half_;
  std::vector<std::uint16_t> order_;
  std::vector<sound::Turns> turns_;   // stage after stage
  std::vector<float> cosine_, sine_;  // of 2 pi k / size
};

}  // namespace edgert
