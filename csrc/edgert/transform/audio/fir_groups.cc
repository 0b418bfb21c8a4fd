#include "edgert/transform/audio/fir_groups.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace edgert {

FirGroups::FirGroups(std::int64_t up, std::int64_t down, const LowPass& filter)
    : kernels_(&sound::best_kernels()), up_(up), down_(down), half_(filter.half) {
  past_.resize(static_cast<std::size_t>(2 * half_ + down_));
  // Weight s of output p is that of input s - half + 1 from the group's first.
  const std::int64_t span = 2 * half_ + (up_ - 1) * down_ / up_;
  std::vector<double> weights(static_cast<std::size_t>(span * up_));
  for (std::int64_t p = 0; p < up_; ++p) {
    std::int64_t s = p * down_ / up_;
    const auto phase = static_cast<double>(p * down_ % up_) / static_cast<double>(up_);
    for (double weight : phase_weights(filter, phase))
      weights[static_cast<std::size_t>(s++ * up_ + p)] = weight;
  }
  make_planes(weights, span);
}

// Input s is number s / down of plane s % down. Weights of zero at a plane's ends are left out: of
// a filter that halves the rate, all of one plane but one.
void FirGroups::make_planes(const std::vector<double>& weights, std::int64_t span) {
  const auto counts = [&](std::int64_t s) {
    const auto from = weights.begin() + s * up_;
    return std::any_of(from, from + up_, [](double weight) { return std::abs(weight) > 1e-12; });
  };
  for (std::int64_t plane = 0; plane < down_; ++plane) {
    std::int64_t begin = plane, end = plane;
    while (begin < span && !counts(begin)) begin += down_;
    for (std::int64_t s = begin; s < span; s += down_)
      if (counts(s)) end = s + down_;
    const std::int64_t count = std::max<std::int64_t>((end - begin) / down_, 0);
    planes_.push_back({static_cast<int>(begin / down_), static_cast<int>(count),
                       static_cast<int>(weights_.size())});
    for (std::int64_t s = begin; s < end; s += down_)
      for (std::int64_t p = 0; p < up_; ++p)
        weights_.push_back(static_cast<float>(weights[static_cast<std::size_t>(s * up_ + p)]));
    taps_ += count;
  }
  reach_ = span / down_ + 1;
}

void FirGroups::reset() {
  std::fill(past_.begin(), past_.end(), 0.0F);
  base_ = next_ = 0;
}

std::int64_t FirGroups::plane_size(std::int64_t groups) const {
  return (groups + sound::kFirGroups - 1) / sound::kFirGroups * sound::kFirGroups;
}

std::int64_t FirGroups::room(std::int64_t count) const {
  const std::int64_t size = plane_size(most_from(count) / up_ + 2);
  return lead() + count + down_ * (size + reach_) + up_ * size;
}

std::int64_t FirGroups::process(float* work, std::int64_t count, float* out) {
  const auto past_bytes = past_.size() * sizeof(float);
  std::memcpy(work, past_.data(), past_bytes);
  // Output j of the group at base_ lies at input base_ + j down / up.
  const std::int64_t inputs = std::max<std::int64_t>(count - half_ - base_, 0);
  const std::int64_t ready = std::max((inputs * up_ + down_ - 1) / down_, next_);
  const std::int64_t written = ready - next_;
  if (written > 0) {
    const float* first = work + lead() + base_ - half_ + 1;
    const std::int64_t size = plane_size((ready + up_ - 1) / up_);
    float *planes = work + lead() + count, *made = planes + down_ * (size + reach_);
    kernels_->split(first, planes - first, down_, planes, size + reach_);
    kernels_->fir({up_, down_, planes_.data(), weights_.data()}, planes, size + reach_, size, made);
    kernels_->merge(made, size, up_, next_, written, out);
  }
  base_ += ready / up_ * down_ - count;
  next_ = ready % up_;
  std::memcpy(past_.data(), work + count, past_bytes);
  return written;
}

}  // namespace edgert
