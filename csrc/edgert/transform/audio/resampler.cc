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
  std::optional<FirPrototype> halving;            // the last one, which groups take into theirs
  for (; down > 2 * up; step *= 2) {
    if (halving) add_halving(*halving, step / 2);
    // What a halved rate folds back must stay out of the band below to / 2.
    halving = half_band(static_cast<double>(up) / static_cast<double>(down) / 2);
    if (down % 2 == 0)
      down /= 2;
    else
      up *= 2;
  }
  const double band = std::min(1.0, static_cast<double>(up) / static_cast<double>(down)) / 2;
  if (up <= FirGroups::kMostUp && down <= FirGroups::kMostDown) {
    const std::int64_t twice = up == 1 ? 2 : 1;
    groups_.emplace_back(twice * up, twice * down, low_pass(kPass * band, band, up),
                         halving ? &*halving : nullptr);
    half_ += (halving ? step / 2 : step) * groups_.back().half();
    return;
  }
  if (halving) add_halving(*halving, step / 2);
  half_ += step * phases_.emplace(up, down, kaiser_low_pass(kPass * band, band)).half();
}

void Resampler::add_halving(const FirPrototype& filter, std::int64_t step) {
  half_ += step * groups_.emplace_back(FirGroups::only_halving(filter)).half();
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

// Silence behind the last chunk, what each stage gives, and what the stages need one at a time.
std::int64_t Resampler::room(std::int64_t count, bool last) const {
  if (last) count += half_;
  std::int64_t kept = last ? count : 0, work = 0;
  for (const FirGroups& stage : groups_) {
    work = std::max(work, stage.room());
    kept += count = stage.most_from(count);
  }
  return kept + (phases_ ? std::max(work, phases_->room(count)) : work);
}

std::int64_t Resampler::process(const float* in, std::int64_t count, bool last, float* work,
                                float* out) {
  taken_ += count;
  if (last) {
    std::fill_n(std::copy_n(in, count, work), half_, 0.0F);
    in = work;
    count += half_, work += count;
  }
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    const bool ends = i + 1 == groups_.size() && !phases_;
    float* to = ends ? out : work;
    if (!ends) work += groups_[i].most_from(count);
    count = groups_[i].process(in, count, work, to);
    in = to;
  }
  if (phases_) count = phases_->process(in, count, work, out);
  // Halving rounds up, so silence may bring one output more than belongs to the stream.
  if (last) count = std::min(count, (taken_ * up_ + down_ - 1) / down_ - given_);
  given_ += count;
  return count;
}

}  // namespace edgert
