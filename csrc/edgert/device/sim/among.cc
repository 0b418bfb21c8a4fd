#include "edgert/device/sim/among.h"

#include <algorithm>

namespace edgert {
namespace {

const std::vector<AmongPoint> kNone;

const AmongQuantiles& of(const AmongPoint& point, bool again) {
  return again ? point.again : point.quantiles;
}

}  // namespace

double at_share(const AmongQuantiles& quantiles, double at) {
  if (at <= kAmongShares[0]) return quantiles.front();
  for (std::size_t i = 1; i < kAmongCount; ++i) {
    if (at > kAmongShares[i]) continue;
    const double share = (at - kAmongShares[i - 1]) / (kAmongShares[i] - kAmongShares[i - 1]);
    return quantiles[i - 1] + share * (quantiles[i] - quantiles[i - 1]);
  }
  return quantiles.back();
}

const std::vector<AmongPoint>& Among::points(int model) const {
  const auto index = static_cast<std::size_t>(model);
  return index < times_.models.size() ? times_.models[index] : kNone;
}

bool Among::knows_again(int model) const {
  const std::vector<AmongPoint>& known = points(model);
  return !known.empty() &&
         std::ranges::none_of(known, [](const AmongPoint& one) { return one.again.empty(); });
}

double Among::length(int model, bool again, double at) const {
  return at_share(of(points(model).front(), again), at);
}

// Between two numbers in proportion; beyond the last as with that.
double Among::slowdown(int model, bool again, int lanes, double at) const {
  const std::vector<AmongPoint>& known = points(model);
  const double alone = at_share(of(known.front(), again), at);
  if (alone <= 0 || lanes <= known.front().lanes) return 1;
  const auto with = [again, at](const AmongPoint& point) { return at_share(of(point, again), at); };
  for (std::size_t i = 1; i < known.size(); ++i) {
    if (lanes > known[i].lanes) continue;
    const AmongPoint &below = known[i - 1], &above = known[i];
    const double share = double(lanes - below.lanes) / double(above.lanes - below.lanes);
    return (with(below) + share * (with(above) - with(below))) / alone;
  }
  return with(known.back()) / alone;
}

}  // namespace edgert
