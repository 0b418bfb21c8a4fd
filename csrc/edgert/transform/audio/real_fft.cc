#include "edgert/transform/audio/real_fft.h"

#include <bit>
#include <cmath>
#include <numbers>

namespace edgert {

RealFft::RealFft(int size) : kernels_(&sound::best_kernels()), half_(size / 2) {
  const int bits = std::countr_zero(static_cast<unsigned>(half_));
  for (int i = 0; i < half_; ++i) {
    int reversed = 0;
    for (int bit = 0; bit < bits; ++bit) reversed |= ((i >> bit) & 1) << (bits - 1 - bit);
    order_.push_back(static_cast<std::uint16_t>(reversed));
  }
  for (int span = bits % 2 ? 2 : 1; span < half_; span *= 4) {
    for (int i = 0; i < span; ++i) {
      const double angle = -2 * std::numbers::pi * i / (4 * span);
      const auto re = [&](int k) { return static_cast<float>(std::cos(k * angle)); };
      const auto im = [&](int k) { return static_cast<float>(std::sin(k * angle)); };
      turns_.push_back({re(2), im(2), re(1), im(1), re(3), im(3)});
    }
  }
  for (int k = 0; k <= half_ / 2; ++k) {
    const double angle = 2 * std::numbers::pi * k / size;
    cosine_.push_back(static_cast<float>(std::cos(angle)));
    sine_.push_back(static_cast<float>(std::sin(angle)));
  }
}

sound::FftTables RealFft::tables() const {
  return {half_, order_.data(), turns_.data(), cosine_.data(), sine_.data()};
}

void RealFft::power(float* real, float* imaginary, bool root, float* power) const {
  kernels_->fft(tables(), real, imaginary);
  kernels_->power(tables(), real, imaginary, root, power);
}

void RealFft::spectrum(float* real, float* imaginary, float* re, float* im) const {
  kernels_->fft(tables(), real, imaginary);
  kernels_->spectrum(tables(), real, imaginary, re, im);
}

}  // namespace edgert
