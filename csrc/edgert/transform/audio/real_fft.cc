#include "edgert/transform/audio/real_fft.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

namespace edgert {
namespace {

float cosine_of(double angle) {
  return static_cast<float>(std::cos(angle));
}
float sine_of(double angle) {
  return static_cast<float>(std::sin(angle));
}

}  // namespace

RealFft::RealFft(int size) : kernels_(&sound::best_kernels()), size_(size) {
  if (size_ <= kSmall) return;
  make_rows();
  for (int k = 0; k < size_ / 4 + 8; ++k) {
    const double angle = 2 * std::numbers::pi * k / size_;
    cosine_.insert(cosine_.end(), sound::kSignals, cosine_of(angle) / 2);
    sine_.insert(sine_.end(), sound::kSignals, sine_of(angle) / 2);
  }
}

void RealFft::make_rows() {
  const int rows = size_ / 8, bits = std::countr_zero(static_cast<unsigned>(rows));
  for (int i = 0; i < rows; ++i) {
    int reversed = 0;
    for (int bit = 0; bit < bits; ++bit) reversed |= ((i >> bit) & 1) << (bits - 1 - bit);
    order_.push_back(static_cast<std::uint16_t>(reversed));
  }
  for (int span = bits % 2 ? 2 : 4; span < rows; span *= 4) {
    for (int i = 0; i < span; ++i) {
      const double angle = -2 * std::numbers::pi * i / (4 * span);
      turns_.push_back({cosine_of(2 * angle), sine_of(2 * angle), cosine_of(angle), sine_of(angle),
                        cosine_of(3 * angle), sine_of(3 * angle)});
    }
  }
  turns_.push_back({});                                // vectors read beyond the last one
  constexpr int kPlaces[] = {0, 1, 0, 1, 2, 3, 2, 3};  // which of every four points a row has where
  for (int k = 0; k < rows; ++k)
    for (int place : kPlaces) {
      const double angle = -2 * std::numbers::pi * k * place / (4 * rows);
      row_re_.push_back(cosine_of(angle));
      row_im_.push_back(sine_of(angle));
    }
}

sound::FftTables RealFft::tables() const {
  return {size_ / 8,      order_.data(),  turns_.data(), row_re_.data(),
          row_im_.data(), cosine_.data(), sine_.data()};
}

void RealFft::directly(const sound::Windowed& in, float* re, float* im) const {
  for (int k = 0; k < bins(); ++k)
    for (int f = 0; f < sound::kSignals; ++f) {
      double real = 0, imaginary = 0;
      for (int i = 0; i < std::min(8 * in.rows, size_); ++i) {
        const double angle = -2 * std::numbers::pi * (k * i % size_) / size_;
        const double value = double{in.signals[f][i]} * in.window[i];
        real += value * std::cos(angle);
        imaginary += value * std::sin(angle);
      }
      re[2 * k + f] = static_cast<float>(real);
      im[2 * k + f] = static_cast<float>(imaginary);
    }
}

void RealFft::power(const sound::Windowed& in, bool root, float* work, float* power) const {
  if (size_ > kSmall) {
    kernels_->fft(tables(), in, work);
    kernels_->power(tables(), work, root, power);
    return;
  }
  directly(in, power, work);
  for (int i = 0; i < sound::kSignals * bins(); ++i) {
    power[i] = power[i] * power[i] + work[i] * work[i];
    if (root) power[i] = std::sqrt(power[i]);
  }
  std::fill(power + sound::kSignals * bins(), power + out_size(), 0.0F);
}

void RealFft::spectrum(const sound::Windowed& in, float* work, float* re, float* im) const {
  if (size_ <= kSmall) return directly(in, re, im);
  kernels_->fft(tables(), in, work);
  kernels_->spectrum(tables(), work, re, im);
}

}  // namespace edgert
