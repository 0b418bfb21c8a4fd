// Spectra of real signals of a power-of-two length, two at a time.
//
// Bin k of signal f is number 2 k + f; kernels.h has the arithmetic. Thread rule: read-only after
// construction.
#pragma once

#include <cstdint>
#include <vector>

#include "edgert/transform/audio/kernels.h"

namespace edgert {

class RealFft {
 public:
  static constexpr int kMinSize = 4, kMaxSize = 1 << 16;

  // `size`: a power of two in kMinSize..kMaxSize.
  explicit RealFft(int size);

  int size() const { return size_; }
  int bins() const { return size_ / 2 + 1; }
  // Values of the work area, and of each output: three bins more than there are.
  std::int64_t work_size() const { return 4 * std::int64_t{size_} + 16; }
  std::int64_t out_size() const { return std::int64_t{sound::kSignals} * (bins() + 3); }

  // Writes |X|², or with `root` |X|, of the windowed signals. The window is at most size() values,
  // and zeros that make them a multiple of eight.
  void power(const sound::Windowed& in, bool root, float* work, float* power) const;
  // Writes X itself: its real and its imaginary parts.
  void spectrum(const sound::Windowed& in, float* work, float* re, float* im) const;

 private:
  // The few that are smaller than the kernels' vectors, by the definition.
  static constexpr int kSmall = 16;
  void directly(const sound::Windowed& in, float* re, float* im) const;
  void make_rows();
  sound::FftTables tables() const;

  const sound::Kernels* kernels_;
  int size_;
  std::vector<std::uint16_t> order_;
  std::vector<sound::Turns> turns_;
  std::vector<float> row_re_, row_im_, cosine_, sine_;
};

}  // namespace edgert
