#include "edgert/transform/audio/resampler.h"

#include <algorithm>
#include <numeric>

namespace edgert {
namespace {

constexpr double kPass = 0.9;  // of the lower Nyquist frequency
constexpr int kMostRatio = 256;

}  // namespace

Result<Resampler> Resampler::make(int from_rate, int to_rate) {
  if (std::max(from_rate, to_rate) / std::min(from_rate, to_rate) >= kMostRatio) {
    return Status::invalid("resampling",
                           std::to_string(from_rate) + " Hz to " + std::to_string(to_rate) +
                               " Hz: one is more than " + std::to_string(kMostRatio) +
                               " times the other",
                           "usual rates are 8000, 16000, 22050, 44100, 48000");
  }
  return Resampler(from_rate, to_rate);
}

Resampler::Resampler(std::int64_t from, std::int64_t to) {
  const std::int64_t common = std::gcd(from, to);
  up_ = to / common, down_ = from / common;
  std::int64_t up = up_, down = down_, step = 1;  // `step` inputs are one of the stage at hand
  for (; down > 2 * up; step *= 2) {
    // What a halved rate folds back must stay out of the band below to / 2.
    const double band = static_cast<double>(up) / static_cast<double>(down) / 2;
    // Four outputs a group, so that what is read serves all of them.
    const FirGroups& half = groups_.emplace_back(4, 8, half_band(band), false);
    half_ += step * half.half();
    if (down % 2 == 0)
      down /= 2;
    else
      up *= 2;
  }
  const double band = std::min(1.0, static_cast<double>(up) / static_cast<double>(down)) / 2;
  const LowPass filter = low_pass(kPass * band, band);
  const std::int64_t twice = up == 1 ? 2 : 1;
  if (up <= FirGroups::kMostUp && down <= FirGroups::kMostDown)
    half_ += step * groups_.emplace_back(twice * up, twice * down, filter, true).half();
  else
    half_ += step * phases_.emplace(up, down, filter).half();
}

void Resampler::reset() {
  for (FirGroups& stage : groups_) stage.reset();
  if (phases_) phases_->reset();
  taken_ = given_ = 0;
}

std::int64_t Resampler::most_from(std::int64_t count, bool last) const {
  if (last) count += half_;
  for (const FirGroups& stage : groups_) count = stage.most_from(count);
  return phases_ ? phases_->most_from(count) : count;
}

std::int64_t Resampler::work(std::int64_t count) const {
  std::int64_t sum = 0;
  for (const FirGroups& stage : groups_) {
    sum += stage.work(count);
    count = stage.most_from(count);
  }
  return phases_ ? sum + phases_->work(count) : sum;
}

std::int64_t Resampler::room(std::int64_t count, bool last) const {
  if (last) count += half_;
  std::int64_t sum = 0;
  for (const FirGroups& stage : groups_) {
    sum += stage.room(count);
    count = stage.most_from(count);
  }
  return phases_ ? sum + phases_->room(count) : sum;
}

std::int64_t Resampler::process(float* work, std::int64_t count, bool last, float* out) {
  taken_ += count;
  if (last) {
    std::fill_n(work + lead() + count, half_, 0.0F);
    count += half_;
  }
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    float* next = work + groups_[i].room(count);
    const bool ends = i + 1 == groups_.size() && !phases_;
    const std::int64_t lead = i + 1 < groups_.size() ? groups_[i + 1].lead()
                              : phases_              ? phases_->lead()
                                                     : 0;
    count = groups_[i].process(work, count, ends ? out : next + lead);
    work = next;
  }
  if (phases_) count = phases_->process(work, count, out);
  // Halving rounds up, so silence may bring one output more than belongs to the stream.
  if (last) count = std::min(count, (taken_ * up_ + down_ - 1) / down_ - given_);
  given_ += count;
  return count;
}

}  // namespace edgert
