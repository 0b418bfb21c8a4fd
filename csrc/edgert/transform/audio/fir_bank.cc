#include "edgert/transform/audio/fir_bank.h"

#include <algorithm>
#include <cmath>

namespace edgert {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

using Rows = std::vector<std::vector<double>>;

bool counts(double weight) {
  return std::abs(weight) > 1e-12;
}

std::vector<double> weights_at(const Rows& rows, std::size_t i) {
  std::vector<double> weights;
  for (const auto& row : rows) weights.push_back(counts(row[i]) ? row[i] : 0);
  return weights;
}

// For each output an input that it alone has a weight for, as the middle of a filter that halves
// the rate; none where one of them has no such input.
std::vector<std::size_t> own_inputs(const Rows& rows) {
  std::vector<std::size_t> own(rows.size(), kNone);
  for (std::size_t i = 0; i < rows.front().size(); ++i) {
    const std::vector<double> weights = weights_at(rows, i);
    const auto first = std::find_if(weights.begin(), weights.end(), counts);
    if (first == weights.end() || std::any_of(first + 1, weights.end(), counts)) continue;
    own[static_cast<std::size_t>(first - weights.begin())] = i;
  }
  return std::find(own.begin(), own.end(), kNone) == own.end() ? own : std::vector<std::size_t>();
}

}  // namespace

// Plane after plane: what is read next lies beside what was read.
FirBank::FirBank(const Rows& rows, std::int64_t planes)
    : up_(static_cast<std::int64_t>(rows.size())) {
  const std::vector<std::size_t> own = own_inputs(rows);
  const auto tap_at = [planes](std::size_t i) -> sound::FirTap {
    const auto at = static_cast<std::int64_t>(i);
    return {static_cast<std::int32_t>(at % planes), static_cast<std::int32_t>(at / planes)};
  };
  for (std::size_t p = 0; p < own.size(); ++p) {
    own_.push_back(tap_at(own[p]));
    own_weights_.push_back(static_cast<float>(rows[p][own[p]]));
  }
  const auto step = static_cast<std::size_t>(planes);
  for (std::size_t plane = 0; plane < step; ++plane)
    for (std::size_t i = plane; i < rows.front().size(); i += step)
      if (std::find(own.begin(), own.end(), i) == own.end()) add(tap_at(i), weights_at(rows, i));
}

void FirBank::add(const sound::FirTap& tap, const std::vector<double>& weights) {
  if (std::none_of(weights.begin(), weights.end(), counts)) return;
  taps_.push_back(tap);
  for (double weight : weights) weights_.push_back(static_cast<float>(weight));
}

bool FirBank::sees(std::int64_t plane) const {
  const auto in_plane = [plane](const sound::FirTap& tap) { return tap.plane == plane; };
  return std::any_of(taps_.begin(), taps_.end(), in_plane) ||
         std::any_of(own_.begin(), own_.end(), in_plane);
}

}  // namespace edgert
