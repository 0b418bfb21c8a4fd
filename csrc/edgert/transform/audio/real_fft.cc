#include "edgert/transform/audio/real_fft.h"

#include <bit>
#include <cmath>
#include <numbers>

namespace edgert {
namespace {

constexpr int kLanes = RealFft::kLanes;

// Sums and differences of neighbouring rows.
void radix2(float* __restrict real, float* __restrict imaginary, int rows) {
  for (int row = 0; row < rows; row += 2) {
    for (float* part : {real + row * kLanes, imaginary + row * kLanes}) {
      for (int l = 0; l < kLanes; ++l) {
        const float a = part[l], b = part[l + kLanes];
        part[l] = a + b;
        part[l + kLanes] = a - b;
      }
    }
  }
}

// Two radix-2 stages at once on the rows at 0, span, 2 span and 3 span, decimation in time.
template <class Turns>
void radix4(float* __restrict real, float* __restrict imaginary, int span, const Turns& w) {
  float *r0 = real, *i0 = imaginary;
  float *r1 = r0 + span * kLanes, *i1 = i0 + span * kLanes;
  float *r2 = r1 + span * kLanes, *i2 = i1 + span * kLanes;
  float *r3 = r2 + span * kLanes, *i3 = i2 + span * kLanes;
  for (int l = 0; l < kLanes; ++l) {
    const float tr1 = r1[l] * w.re1 - i1[l] * w.im1, ti1 = r1[l] * w.im1 + i1[l] * w.re1;
    const float tr2 = r2[l] * w.re2 - i2[l] * w.im2, ti2 = r2[l] * w.im2 + i2[l] * w.re2;
    const float tr3 = r3[l] * w.re3 - i3[l] * w.im3, ti3 = r3[l] * w.im3 + i3[l] * w.re3;
    const float ar = r0[l] + tr1, ai = i0[l] + ti1, br = r0[l] - tr1, bi = i0[l] - ti1;
    const float cr = tr2 + tr3, ci = ti2 + ti3, dr = tr2 - tr3, di = ti2 - ti3;
    r0[l] = ar + cr, i0[l] = ai + ci;
    r1[l] = br + di, i1[l] = bi - dr;
    r2[l] = ar - cr, i2[l] = ai - ci;
    r3[l] = br - di, i3[l] = bi + dr;
  }
}

}  // namespace

RealFft::RealFft(int size) : half_(size / 2) {
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

void RealFft::transform(float* real, float* imaginary) const {
  const bool odd = std::countr_zero(static_cast<unsigned>(half_)) % 2;
  if (odd) radix2(real, imaginary, half_);
  const Turns* turns = turns_.data();
  for (int span = odd ? 2 : 1; span < half_; span *= 4) {
    for (int block = 0; block < half_; block += 4 * span)
      for (int i = 0; i < span; ++i)
        radix4(real + (block + i) * kLanes, imaginary + (block + i) * kLanes, span, turns[i]);
    turns += span;
  }
}

// With Z the transform of x[2i] + i x[2i + 1]: X[k] = E + W O and X[half - k] = conj(E - W O),
// where E = (Z[k] + conj Z[half - k]) / 2, O = (Z[k] - conj Z[half - k]) / 2i, W = e^(-2 pi i k /
// size).
void RealFft::power(float* real, float* imaginary, float* power) const {
  transform(real, imaginary);
  float* last = power + half_ * kLanes;
  for (int l = 0; l < kLanes; ++l) {
    const float even = real[l] + imaginary[l], odd = real[l] - imaginary[l];
    power[l] = even * even;
    last[l] = odd * odd;
  }
  for (int k = 1; k <= half_ / 2; ++k) {
    const float *zr = real + k * kLanes, *zi = imaginary + k * kLanes;
    const float *yr = real + (half_ - k) * kLanes, *yi = imaginary + (half_ - k) * kLanes;
    float* __restrict low = power + k * kLanes, * __restrict high = power + (half_ - k) * kLanes;
    const float c = 0.5F * cosine_[static_cast<std::size_t>(k)];
    const float s = 0.5F * sine_[static_cast<std::size_t>(k)];
    for (int l = 0; l < kLanes; ++l) {
      const float er = 0.5F * (zr[l] + yr[l]), ei = 0.5F * (zi[l] - yi[l]);
      const float re = zi[l] + yi[l], im = yr[l] - zr[l];  // twice O
      const float tr = c * re + s * im, ti = c * im - s * re;
      low[l] = (er + tr) * (er + tr) + (ei + ti) * (ei + ti);
      high[l] = (er - tr) * (er - tr) + (ei - ti) * (ei - ti);
    }
  }
}

}  // namespace edgert
