// Power spectra of real signals of a power-of-two length, eight at a time.
//
// Lanes: value l of each row belongs to signal l, so every inner loop is over eight neighbours,
// which compilers turn into vector instructions of whatever width the processor has. Thread rule:
// read-only after construction.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace edgert {

class RealFft {
 public:
  static constexpr int kLanes = 8;
  static constexpr int kMinSize = 4, kMaxSize = 1 << 16;

  // `size`: a power of two in kMinSize..kMaxSize.
  explicit RealFft(int size);

  int size() const { return 2 * half_; }
  int bins() const { return half_ + 1; }
  // Where the caller puts samples 2i and 2i + 1 of the signals: row order()[i] of `real` and of
  // `imaginary`.
  std::span<const std::uint16_t> order() const { return order_; }
  // Writes |X|² to bins() rows of `power`. `real` and `imaginary` have size() / 2 rows each and
  // are used up.
  void power(float* real, float* imaginary, float* power) const;

 private:
  void transform(float* real, float* imaginary) const;

  struct Turns {  // e^(-i angle): for one index of a radix-4 stage
    float re1, im1, re2, im2, re3, im3;
  };

  int half_;
  std::vector<std::uint16_t> order_;
  std::vector<Turns> turns_;          // stage after stage
  std::vector<float> cosine_, sine_;  // of 2 pi k / size
};

}  // namespace edgert
