#include "edgert/device/sim/among.h"

namespace edgert {
namespace {

const std::vector<AmongPoint> kNone;

double median(const AmongPoint& point) {
  return at_share(point.quantiles, 0.5);
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

double Among::length(int model, double at) const {
  return at_share(points(model).front().quantiles, at);
}

// Between two numbers in proportion; beyond the last as with that.
double Among::slowdown(int model, int lanes) const {
  const std::vector<AmongPoint>& known = points(model);
  const double alone = median(known.front());
  if (alone <= 0 || lanes <= known.front().lanes) return 1;
  for (std::size_t i = 1; i < known.size(); ++i) {
    if (lanes > known[i].lanes) continue;
    const AmongPoint &below = known[i - 1], &above = known[i];
    const double share = double(lanes - below.lanes) / double(above.lanes - below.lanes);
    return (median(below) + share * (median(above) - median(below))) / alone;
  }
  return median(known.back()) / alone;
}

}  // namespace edgert
