#include "edgert/transform/audio/micro_fft.h"

#include <bit>
#include <cmath>
#include <numbers>

namespace edgert {
namespace {

constexpr int kBits = 15, kOne = 32767;

std::int16_t narrow(std::int32_t value) {
  return static_cast<std::int16_t>(value);
}
std::int16_t rounded(std::int32_t product) {
  return narrow((product + (1 << (kBits - 1))) >> kBits);
}

MicroComplex turn(double phase) {
  const auto fixed = [](double x) { return narrow(static_cast<int>(std::floor(0.5 + kOne * x))); };
  return {fixed(std::cos(phase)), fixed(std::sin(phase))};
}
MicroComplex divided(MicroComplex a, int by) {
  return {rounded(a.re * (kOne / by)), rounded(a.im * (kOne / by))};
}
MicroComplex operator*(MicroComplex a, MicroComplex b) {
  return {rounded(a.re * b.re - a.im * b.im), rounded(a.re * b.im + a.im * b.re)};
}
MicroComplex operator+(MicroComplex a, MicroComplex b) {
  return {narrow(a.re + b.re), narrow(a.im + b.im)};
}
MicroComplex operator-(MicroComplex a, MicroComplex b) {
  return {narrow(a.re - b.re), narrow(a.im - b.im)};
}

// The radices from the outermost stage on: fours, and at the end a two where needed.
std::vector<int> radices(int size) {
  std::vector<int> out;
  for (; size > 1; size /= out.back()) out.push_back(size % 4 ? 2 : 4);
  return out;
}

}  // namespace

MicroFft::MicroFft(int size) : half_(size / 2) {
  for (int k = 0; k < half_; ++k) turns_.push_back(turn(-2 * std::numbers::pi * k / half_));
  for (int k = 1; k <= half_ / 2; ++k)
    split_.push_back(turn(-std::numbers::pi * (static_cast<double>(k) / half_ + 0.5)));
  work_.resize(static_cast<std::size_t>(half_));
  for (int i = 0; i < half_; ++i) {
    int rest = i, at = 0, extent = half_;
    for (int radix : radices(half_)) {  // decimation in time: the lowest digit chooses the part
      extent /= radix;
      at += rest % radix * extent;
      rest /= radix;
    }
    order_.push_back(static_cast<std::uint16_t>(at));
  }
}

void MicroFft::butterflies4(int block, int span) {
  const int stride = half_ / (4 * span);
  for (int k = 0; k < span; ++k) {
    MicroComplex* at = work_.data() + block + k;
    const auto w = [&](int n) { return turns_[static_cast<std::size_t>(n * k * stride)]; };
    const MicroComplex a = divided(at[0], 4), b = divided(at[span], 4) * w(1);
    const MicroComplex c = divided(at[2 * span], 4) * w(2), d = divided(at[3 * span], 4) * w(3);
    const MicroComplex minus = a - c, plus = a + c, sum = b + d, less = b - d;
    at[0] = plus + sum;
    at[2 * span] = plus - sum;
    at[span] = {narrow(minus.re + less.im), narrow(minus.im - less.re)};
    at[3 * span] = {narrow(minus.re - less.im), narrow(minus.im + less.re)};
  }
}

void MicroFft::stages() {
  int span = 1;
  if (std::countr_zero(static_cast<unsigned>(half_)) % 2) {
    for (int i = 0; i < half_; i += 2) {
      MicroComplex* at = work_.data() + i;
      const MicroComplex a = divided(at[0], 2), b = divided(at[1], 2) * turns_[0];
      at[0] = a + b;
      at[1] = a - b;
    }
    span = 2;
  }
  for (; span < half_; span *= 4)
    for (int block = 0; block < half_; block += 4 * span) butterflies4(block, span);
}

void MicroFft::transform(const std::int16_t* samples, MicroComplex* out) {
  for (std::size_t i = 0; i < order_.size(); ++i)
    work_[order_[i]] = {samples[2 * i], samples[2 * i + 1]};
  stages();
  const MicroComplex dc = divided(work_[0], 2);
  out[0] = {narrow(dc.re + dc.im), 0};
  out[half_] = {narrow(dc.re - dc.im), 0};
  for (int k = 1; k <= half_ / 2; ++k) {
    const MicroComplex mirrored = work_[static_cast<std::size_t>(half_ - k)];
    const MicroComplex low = divided(work_[static_cast<std::size_t>(k)], 2);
    const MicroComplex high = divided({mirrored.re, narrow(-mirrored.im)}, 2);
    const MicroComplex sum = low + high;
    const MicroComplex turned = (low - high) * split_[static_cast<std::size_t>(k - 1)];
    out[k] = {narrow((sum.re + turned.re) >> 1), narrow((sum.im + turned.im) >> 1)};
    out[half_ - k] = {narrow((sum.re - turned.re) >> 1), narrow((turned.im - sum.im) >> 1)};
  }
}

}  // namespace edgert
