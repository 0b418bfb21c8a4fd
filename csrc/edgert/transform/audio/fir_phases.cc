#include "edgert/transform/audio/fir_phases.h"

#include <algorithm>
#include <cstring>

namespace edgert {
namespace {

constexpr std::int64_t kMostWeights = std::int64_t{1} << 18;  // 1 MiB
constexpr std::int64_t kFewPhases = 512;

}  // namespace

FirPhases::FirPhases(std::int64_t up, std::int64_t down, KaiserLowPass filter)
    : kernels_(&sound::best_kernels()), up_(up), down_(down) {
  filter.half = half_ = (filter.half + 3) / 4 * 4;  // the dot product takes eights
  kept_ = up_ * 2 * half_ <= kMostWeights ? up_ : std::min(up_, kFewPhases);
  for (std::int64_t row = 0; row <= kept_; ++row)
    for (double weight :
         phase_weights(filter, static_cast<double>(row) / static_cast<double>(kept_)))
      rows_.push_back(static_cast<float>(weight));
  past_.resize(static_cast<std::size_t>(2 * half_));
}

void FirPhases::reset() {
  std::fill(past_.begin(), past_.end(), 0.0F);
  position_ = phase_ = 0;
}

float FirPhases::output(const float* first) const {
  const std::int64_t taps = 2 * half_, at = phase_ * kept_;
  const float* weights = rows_.data() + at / up_ * taps;
  const float value = kernels_->dot(first, weights, taps);
  if (at % up_ == 0) return value;
  const auto part = static_cast<float>(static_cast<double>(at % up_) / static_cast<double>(up_));
  return value + part * (kernels_->dot(first, weights + taps, taps) - value);
}

std::int64_t FirPhases::process(const float* in, std::int64_t count, float* work, float* out) {
  const auto past_bytes = past_.size() * sizeof(float);
  std::memcpy(work, past_.data(), past_bytes);
  std::memcpy(work + lead(), in, static_cast<std::size_t>(count) * sizeof(float));
  std::int64_t written = 0;
  while (position_ + half_ < count) {
    out[written++] = output(work + lead() + position_ - half_ + 1);
    phase_ += down_;
    position_ += phase_ / up_;
    phase_ %= up_;
  }
  position_ -= count;
  std::memcpy(past_.data(), work + count, past_bytes);
  return written;
}

}  // namespace edgert
