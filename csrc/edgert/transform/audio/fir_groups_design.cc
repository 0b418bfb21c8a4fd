// The filters of groups, as kernels take them.
#include <utility>

#include "edgert/transform/audio/fir_groups.h"

namespace edgert {
namespace {

using Rows = std::vector<std::vector<double>>;

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

// Four values of half the rate, from number `first` on of those that see the same inputs.
Rows halving_rows(const FirPrototype& filter, std::int64_t first) {
  const std::vector<double> weights = phase_weights(filter, 0);
  Rows rows(4);
  for (std::size_t p = 0; p < rows.size(); ++p) {
    rows[p].assign(2 * (static_cast<std::size_t>(first) + p), 0.0);
    rows[p].insert(rows[p].end(), weights.begin(), weights.end());
    rows[p].resize(2 * static_cast<std::size_t>(first + 3) + weights.size());
  }
  return rows;
}

}  // namespace

FirGroups::FirGroups(const FirPrototype& halving)
    : kernels_(&sound::best_kernels()), up_(4), down_(8), together_(1), planes_(8), dealt_(8) {
  parts_.emplace_back(halving_rows(halving, 0), dealt_);
  taps_ = parts_.back().taps();
  half_ = halving.half + 6, back_ = halving.half - 1;
  seen_ = (half_ + back_) / dealt_;
  make_past();
}

// All outputs of a group see the same inputs, up to `half_` behind its first: where further ones
// would be multiplied by zero, an output's last bits would depend on what has come already.
FirGroups::FirGroups(std::int64_t up, std::int64_t down, const FirPrototype& filter,
                     const FirPrototype* halving)
    : kernels_(&sound::best_kernels()),
      up_(up),
      down_(down),
      together_(sound::kFirTogether),
      planes_(together_ * down),
      dealt_(planes_) {
  half_ = filter.half + (up - 1) * down / up;
  seen_ = (filter.half + half_ + planes_ - 1) / planes_;
  back_ = seen_ * planes_ - half_ - 1;
  add_parts(filter);
  if (halving) add_halving(*halving);
  make_past();
}

void FirGroups::make_past() {
  past_.resize(static_cast<std::size_t>(back_ + half_ + 1 + together_ * down_));
}

// Of output p those weights that stand at inputs d, d + down, ... of what a group sees.
std::vector<double> FirGroups::plane_weights(const FirPrototype& filter, std::int64_t d,
                                             std::int64_t p) const {
  const std::vector<double> all = phase_weights(filter, p * down_ % up_ * filter.up / up_);
  const std::int64_t first = back_ + 1 - filter.half + p * down_ / up_;
  std::vector<double> weights;
  for (std::int64_t s = d; s < seen_ * planes_; s += down_) {
    const std::int64_t i = s - first;
    const bool inside = i >= 0 && i < 2 * filter.half;
    weights.push_back(inside ? all[static_cast<std::size_t>(i)] : 0);
  }
  return weights;
}

void FirGroups::add_parts(const FirPrototype& filter) {
  const auto inputs = static_cast<std::size_t>(seen_ * down_);
  std::vector<Rows> of_part(sound::kFirParts, Rows(static_cast<std::size_t>(up_)));
  for (auto& rows : of_part)
    for (auto& row : rows) row.resize(inputs);
  for (std::int64_t p = 0; p < up_; ++p)
    for (std::int64_t d = 0; d < down_; ++d) {
      const Rows parts = nine_of(plane_weights(filter, d, p));
      for (std::size_t part = 0; part < parts.size(); ++part)
        for (std::size_t i = 0; i < parts[part].size(); ++i)
          of_part[part][static_cast<std::size_t>(p)][i * static_cast<std::size_t>(down_) +
                                                     static_cast<std::size_t>(d)] = parts[part][i];
    }
  for (const Rows& rows : of_part) {
    parts_.emplace_back(rows, down_);
    taps_ += parts_.back().taps();
    for (std::int64_t d = 0; d < down_; ++d) used_.push_back(parts_.back().sees(d));
  }
}

// What was told in values of half the rate becomes so in inputs.
void FirGroups::add_halving(const FirPrototype& filter) {
  down_ *= 2, dealt_ *= 2;
  half_ = 2 * half_ + filter.half, back_ = 2 * back_ + filter.half - 1;
  reaches_ = (2 * (planes_ - 1) + 2 * filter.half - 1) / dealt_;
  for (std::int64_t first = 0; first < planes_; first += 4) {
    halvings_.emplace_back(halving_rows(filter, first), dealt_);
    taps_ += 4 * halvings_.back().taps() / up_;
  }
}

}  // namespace edgert
