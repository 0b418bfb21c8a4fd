#include "edgert/transform/audio/remez.h"

#include <algorithm>
#include <cmath>

namespace edgert {
namespace {

constexpr int kMostRounds = 40;
constexpr double kGood = 1.005;  // the greatest error, of that which no polynomial can do without

using Places = std::vector<std::size_t>;

Places even_places(std::size_t points, std::size_t count) {
  Places places;
  for (std::size_t i = 0; i < count; ++i) places.push_back(i * (points - 1) / (count - 1));
  return places;
}

// Each difference is doubled: their products then stay near 1 on -1..1.
std::vector<double> barycentric_weights(const std::vector<double>& nodes) {
  std::vector<double> weights;
  for (double node : nodes) {
    double product = 1;
    for (double other : nodes)
      if (other != node) product *= 2 * (node - other);
    weights.push_back(1 / product);
  }
  return weights;
}

// The polynomial whose error has one size, `level`, and alternating signs at these places.
Barycentric levelled(const std::vector<RemezPoint>& points, const Places& places, double& level) {
  Barycentric result;
  for (std::size_t place : places) result.nodes.push_back(points[place].x);
  result.weights = barycentric_weights(result.nodes);
  double wanted = 0, turns = 0, sign = 1;
  for (std::size_t i = 0; i < places.size(); ++i, sign = -sign) {
    wanted += result.weights[i] * points[places[i]].wanted;
    turns += sign * result.weights[i] / points[places[i]].weight;
  }
  level = wanted / turns, sign = 1;
  for (std::size_t i = 0; i < places.size(); ++i, sign = -sign)
    result.values.push_back(points[places[i]].wanted - sign * level / points[places[i]].weight);
  return result;
}

// Where the errors are greatest, one place for each run of the same sign; of those, `count` that
// follow each other.
Places peaks(const std::vector<double>& errors, std::size_t count) {
  Places places;
  for (std::size_t i = 0; i < errors.size(); ++i) {
    if (places.empty() || std::signbit(errors[places.back()]) != std::signbit(errors[i]))
      places.push_back(i);
    else if (std::abs(errors[i]) > std::abs(errors[places.back()]))
      places.back() = i;
  }
  while (places.size() > count) {
    const bool first = std::abs(errors[places.front()]) < std::abs(errors[places.back()]);
    places.erase(first ? places.begin() : places.end() - 1);
  }
  return places;
}

}  // namespace

double Barycentric::at(double x) const {
  double above = 0, below = 0;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (x == nodes[i]) return values[i];
    const double share = weights[i] / (x - nodes[i]);
    above += share * values[i], below += share;
  }
  return above / below;
}

Closest closest_polynomial(const std::vector<RemezPoint>& points, std::size_t terms) {
  Places places = even_places(points.size(), terms + 1);
  std::vector<double> errors(points.size());
  for (int round = 0;; ++round) {
    double level = 0, worst = 0;
    Barycentric polynomial = levelled(points, places, level);
    for (std::size_t i = 0; i < points.size(); ++i) {
      errors[i] = points[i].weight * (points[i].wanted - polynomial.at(points[i].x));
      worst = std::max(worst, std::abs(errors[i]));
    }
    const Places next = peaks(errors, terms + 1);
    if (worst <= kGood * std::abs(level) || round == kMostRounds || next.size() <= terms)
      return {std::move(polynomial), worst};
    places = next;
  }
}

}  // namespace edgert
