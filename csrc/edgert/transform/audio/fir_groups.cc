#include "edgert/transform/audio/fir_groups.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace edgert {
namespace {

constexpr std::int64_t kMostParts = sound::kFirParts;
constexpr std::int64_t kVector = sound::kFirGroups, kMostFours = 13 * kVector;

using Rows = std::vector<std::vector<double>>;

std::int64_t rounded_up(std::int64_t value, std::int64_t unit) {
  return (value + unit - 1) / unit * unit;
}

float* aligned(float* place) {
  constexpr std::uintptr_t kBytes = kVector * sizeof(float);
  const std::uintptr_t beyond = reinterpret_cast<std::uintptr_t>(place) % kBytes;
  return beyond == 0 ? place : place + (kBytes - beyond) / sizeof(float);
}

// The filters of the three sums that two outputs share: kernels.h has the formula.
Rows three_of(const std::vector<double>& weights) {
  Rows parts(3);
  for (std::size_t i = 0; i < weights.size(); i += 2) {
    parts[0].push_back(weights[i]);
    parts[1].push_back(weights[i] + weights[i + 1]);
    parts[2].push_back(weights[i + 1]);
  }
  return parts;
}

Rows nine_of(const std::vector<double>& weights) {
  Rows parts;
  for (const auto& half : three_of(weights))
    for (auto& part : three_of(half)) parts.push_back(std::move(part));
  return parts;
}

}  // namespace

// All outputs of a group see the same inputs, up to `half_` behind its first: where further ones
// would be multiplied by zero, an output's last bits would depend on what has come already.
FirGroups::FirGroups(std::int64_t up, std::int64_t down, const LowPass& filter, bool shared)
    : kernels_(&sound::best_kernels()),
      up_(up),
      down_(down),
      together_(shared ? sound::kFirTogether : 1),
      parts_(shared ? kMostParts : 1),
      half_(filter.half + (up - 1) * down / up),
      span_(rounded_up(filter.half + half_, together_ * down)) {
  past_.resize(static_cast<std::size_t>(span_ + together_ * down_));
  std::vector<Rows> of_part(static_cast<std::size_t>(parts_));
  for (std::int64_t d = 0; d < down_; ++d)
    for (std::int64_t p = 0; p < up_; ++p) {
      const std::vector<double> weights = plane_weights(filter, d, p);
      Rows rows = shared ? nine_of(weights) : Rows{weights};
      for (std::size_t part = 0; part < rows.size(); ++part)
        of_part[part].push_back(std::move(rows[part]));
    }
  for (const Rows& rows : of_part) add_part(rows);
}

// Of output p those weights that stand at inputs d, d + down, ... of what a group sees.
std::vector<double> FirGroups::plane_weights(const LowPass& filter, std::int64_t d,
                                             std::int64_t p) const {
  const auto phase = static_cast<double>(p * down_ % up_) / static_cast<double>(up_);
  const std::vector<double> all = phase_weights(filter, phase);
  const std::int64_t first = span_ - half_ - filter.half + p * down_ / up_;
  std::vector<double> weights;
  for (std::int64_t s = d; s < span_; s += down_) {
    const std::int64_t i = s - first;
    const bool inside = i >= 0 && i < 2 * filter.half;
    weights.push_back(inside ? all[static_cast<std::size_t>(i)] : 0);
  }
  return weights;
}

// `weights`: [d up + p]. Those of zero at a plane's ends are left out: of a filter that halves the
// rate, all of every second plane but one.
void FirGroups::add_part(const Rows& weights) {
  const auto up = static_cast<std::size_t>(up_);
  for (std::size_t d = 0; d < weights.size(); d += up) {
    const auto counts = [&](std::size_t i) {
      return std::any_of(weights.begin() + static_cast<std::ptrdiff_t>(d),
                         weights.begin() + static_cast<std::ptrdiff_t>(d + up),
                         [i](const auto& row) { return std::abs(row[i]) > 1e-12; });
    };
    std::size_t begin = 0, end = weights[d].size();
    while (begin < end && !counts(begin)) ++begin;
    while (begin < end && !counts(end - 1)) --end;
    planes_.push_back({static_cast<int>(begin), static_cast<int>(end - begin),
                       static_cast<int>(weights_.size())});
    for (std::size_t i = begin; i < end; ++i)
      for (std::size_t p = 0; p < up; ++p)
        weights_.push_back(static_cast<float>(weights[d + p][i]));
    taps_ += static_cast<std::int64_t>(end - begin);
  }
}

void FirGroups::reset() {
  std::fill(past_.begin(), past_.end(), 0.0F);
  base_ = next_ = 0;
}

// Of the vectors in which fours are computed, as few blocks as fit the first cache, of one size.
FirGroups::Blocks FirGroups::blocks(std::int64_t outputs) const {
  const std::int64_t fours = (outputs + together_ * up_ - 1) / (together_ * up_);
  const std::int64_t count = (fours + kMostFours - 1) / kMostFours;
  const std::int64_t size =
      rounded_up((fours + count - 1) / std::max<std::int64_t>(count, 1), kVector);
  return {count, size, rounded_up(size + span_ / (together_ * down_), kVector)};
}

// The chunk, zeros behind it as far as vectors read, and a block's planes, parts and sums.
std::int64_t FirGroups::room(std::int64_t count) const {
  const std::int64_t step = together_ * down_;
  const std::int64_t plane = kMostFours + rounded_up(span_ / step, kVector) + kVector;
  return lead() + count + step * plane + (together_ + parts_) * down_ * plane +
         parts_ * up_ * kMostFours + kVector;
}

std::int64_t FirGroups::process(float* work, std::int64_t count, float* out) {
  const auto past_bytes = past_.size() * sizeof(float);
  std::memcpy(work, past_.data(), past_bytes);
  std::memcpy(past_.data(), work + count, past_bytes);
  // Of the group at base_ and those behind it, all whose last input has come.
  const std::int64_t inputs = std::max<std::int64_t>(count - half_ - base_, 0);
  const std::int64_t ready = std::max((inputs + down_ - 1) / down_ * up_, next_);
  const std::int64_t written = ready - next_;
  if (written > 0)
    filter(work + lead() + base_ + half_ + 1 - span_, work + lead() + count, ready, out);
  base_ += ready / (together_ * up_) * together_ * down_ - count;
  next_ = ready % (together_ * up_);
  return written;
}

// Where the last vector goes beyond the inputs it reads zeros; no output that counts sees them.
void FirGroups::filter(const float* first, float* end, std::int64_t ready, float* out) const {
  const Blocks block = blocks(ready);
  const std::int64_t step = together_ * down_, outputs = together_ * up_ * block.fours;
  const float* read = first + step * ((block.count - 1) * block.fours + block.plane);
  if (read > end) std::fill_n(end, read - end, 0.0F);
  float* work = aligned(end + std::max<std::int64_t>(read - end, 0));
  for (std::int64_t begin = 0; begin < ready; begin += outputs, first += step * block.fours) {
    const std::int64_t from = std::max(begin, next_), to = std::min(begin + outputs, ready);
    filter_block(first, block, work, from - begin, to - from, out);
    out += to - from;
  }
}

void FirGroups::filter_block(const float* first, const Blocks& block, float* work,
                             std::int64_t skipped, std::int64_t count, float* out) const {
  const std::int64_t step = together_ * down_;
  kernels_->split(first, step, work, block.plane);
  float* parts = parts_ > 1 ? work + step * block.plane : work;
  if (parts_ > 1)
    for (std::int64_t d = 0; d < down_; ++d) differ(work, d, block.plane, parts);
  float* sums = parts + parts_ * down_ * block.plane;
  for (std::int64_t part = 0; part < parts_; ++part)
    kernels_->fir({up_, down_, planes_.data() + part * down_, weights_.data()},
                  parts + part * down_ * block.plane, block.plane, block.fours,
                  sums + part * up_ * block.fours);
  if (parts_ > 1) kernels_->gather(sums, up_, block.fours);
  kernels_->merge(sums, block.fours, together_ * up_, skipped, count, out);
}

// Parts without weights are not computed.
void FirGroups::differ(const float* planes, std::int64_t d, std::int64_t size, float* parts) const {
  float* of_plane[kMostParts];
  for (std::int64_t part = 0; part < parts_; ++part) {
    const std::int64_t place = part * down_ + d;
    const bool used = planes_[static_cast<std::size_t>(place)].count > 0;
    of_plane[part] = used ? parts + place * size : nullptr;
  }
  kernels_->differ(planes + d * size, down_ * size, size, of_plane);
}

}  // namespace edgert
