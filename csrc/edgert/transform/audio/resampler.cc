#include "edgert/transform/audio/resampler.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <numeric>

namespace edgert {
namespace {

constexpr double kStopband = 90;  // dB; asked are 80
constexpr double kPass = 0.9;     // of the lower Nyquist frequency
constexpr std::int64_t kMaxTable = std::int64_t{1} << 22;

// The modified Bessel function of order 0, by its series.
double bessel_i0(double x) {
  double sum = 1, term = 1;
  for (int k = 1; term > sum * 1e-17; ++k) {
    term *= (x / (2 * k)) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

// A low pass with its cutoff in cycles a sample, under Kaiser's window over (-half, half).
// The formulas for the window's shape and length: Kaiser 1974, as in Oppenheim & Schafer, 7.5.3.
double windowed_sinc(double t, double cutoff, double half) {
  const double ratio = t / half;
  if (std::abs(ratio) >= 1) return 0;
  constexpr double kBeta = 0.1102 * (kStopband - 8.7);
  const double window = bessel_i0(kBeta * std::sqrt(1 - ratio * ratio)) / bessel_i0(kBeta);
  const double x = 2 * std::numbers::pi * cutoff * t;
  return 2 * cutoff * (std::abs(x) < 1e-12 ? 1 : std::sin(x) / x) * window;
}

std::int64_t taps_for(double lower) {
  const double transition = std::numbers::pi * lower * (1 - kPass);
  const double length = (kStopband - 7.95) / (2.285 * transition);
  return (static_cast<std::int64_t>(std::ceil(length)) + 8) / 8 * 8;
}

}  // namespace

Result<Resampler> Resampler::make(int from_rate, int to_rate) {
  const std::int64_t common = std::gcd(from_rate, to_rate);
  const std::int64_t up = to_rate / common, down = from_rate / common;
  const double lower = std::min(1.0, static_cast<double>(up) / static_cast<double>(down));
  if (up * taps_for(lower) > kMaxTable) {
    return Status::invalid(
        "resampling",
        std::to_string(from_rate) + " Hz to " + std::to_string(to_rate) +
            " Hz have the greatest common divisor " + std::to_string(common) +
            ", which is too small",
        "usual rates serve: 8000, 11025, 16000, 22050, 32000, 44100, 48000, 96000");
  }
  return Resampler(up, down);
}

Resampler::Resampler(std::int64_t up, std::int64_t down)
    : kernels_(&sound::best_kernels()), up_(up), down_(down) {
  const double lower = std::min(1.0, static_cast<double>(up) / static_cast<double>(down));
  const double cutoff = lower * (1 + kPass) / 4;  // in the middle of the transition
  taps_ = taps_for(lower);
  table_.resize(static_cast<std::size_t>(up_ * taps_));
  past_.resize(static_cast<std::size_t>(lead()));
  std::vector<double> row(static_cast<std::size_t>(taps_));
  float* out = table_.data();
  for (std::int64_t phase = 0; phase < up_; ++phase) {
    const double fraction = static_cast<double>(phase) / static_cast<double>(up_);
    for (std::int64_t i = 0; i < taps_; ++i)
      row[static_cast<std::size_t>(i)] = windowed_sinc(
          static_cast<double>(i - half() + 1) - fraction, cutoff, static_cast<double>(half()));
    const double gain = std::accumulate(row.begin(), row.end(), 0.0);
    for (double weight : row) *out++ = static_cast<float>(weight / gain);
  }
}

void Resampler::reset() {
  std::fill(past_.begin(), past_.end(), 0.0F);
  position_ = phase_ = 0;
}

// One output, added up in the order of the four: the same bits however the stream is cut.
float Resampler::alone(const float* first) const {
  float four[4];
  kernels_->dot4(first, 0, table_.data(), taps_, four);
  return four[0];
}

std::int64_t Resampler::process(float* work, std::int64_t count, float* out) {
  const auto past_bytes = past_.size() * sizeof(float);
  std::memcpy(work, past_.data(), past_bytes);
  std::int64_t written = 0;
  // Where every output has the same weights, four at a time.
  for (; up_ == 1 && position_ + 3 * down_ + half() < count; position_ += 4 * down_, written += 4)
    kernels_->dot4(work + lead() + position_ - half() + 1, down_, table_.data(), taps_,
                   out + written);
  while (position_ + half() < count) {
    // The first tap is half() - 1 before the position, and work begins lead() before the chunk.
    const float* first = work + lead() + position_ - half() + 1;
    out[written++] =
        up_ == 1 ? alone(first) : kernels_->dot(first, table_.data() + phase_ * taps_, taps_);
    phase_ += down_;
    position_ += phase_ / up_;
    phase_ %= up_;
  }
  position_ -= count;
  std::memcpy(past_.data(), work + count, past_bytes);
  return written;
}

}  // namespace edgert
