// The fixed-point transform of the micro frontend: real signals in 16 bits, exactly as KISS FFT 1.3
// computes them with FIXED_POINT=16 (kiss_fft.c and tools/kiss_fftr.c, there BSD-3-Clause). Its
// roundings are part of what wake word models were trained on, so they are facts to keep.
#pragma once

#include <cstdint>
#include <vector>

namespace edgert {

struct MicroComplex {
  std::int16_t re = 0, im = 0;
};

// Not shared between threads: it has its work area inside.
class MicroFft {
 public:
  static constexpr int kMinSize = 8, kMaxSize = 4096;
  // `size`: a power of two in kMinSize..kMaxSize.
  explicit MicroFft(int size);

  int size() const { return 2 * half_; }
  int bins() const { return half_ + 1; }
  // From size() samples to bins() values, each the transform's over size().
  void transform(const std::int16_t* samples, MicroComplex* out);

 private:
  void stages();
  void butterflies4(int block, int span);

  int half_;
  std::vector<std::uint16_t> order_;                // where sample pair i goes
  std::vector<MicroComplex> turns_, split_, work_;  // e^(-2 pi i k / half); of the split; pairs
};

}  // namespace edgert
