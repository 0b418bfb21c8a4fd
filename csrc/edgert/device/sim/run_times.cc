#include "edgert/device/sim/run_times.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace edgert {
namespace {

constexpr double kShares[] = {0, 0.25, 0.5, 0.75, 0.9, 0.99, 1};
constexpr int kMostInstances = 64;

// Between two points in proportion, beyond the last as the last step went on.
double between(const std::vector<std::pair<int, double>>& points, int at) {
  const auto above = std::ranges::find_if(points, [at](const auto& p) { return p.first >= at; });
  if (above == points.end()) {
    const auto& last = points.back();
    const std::pair<int, double> before =
        points.size() > 1 ? points[points.size() - 2] : std::pair{last.first - 1, last.second};
    const double step = (last.second - before.second) / double(last.first - before.first);
    return last.second + std::max(0.0, step) * double(at - last.first);
  }
  if (above->first == at || above == points.begin()) return above->second;
  const auto& below = *(above - 1);
  const double share = double(at - below.first) / double(above->first - below.first);
  return below.second + share * (above->second - below.second);
}

// Of the points with the number of threads that is nearest to the model's.
std::vector<RunPoint> with_threads(const ModelTimes& times) {
  int nearest = times.points.front().threads;
  for (const RunPoint& point : times.points)
    if (std::abs(point.threads - times.threads) < std::abs(nearest - times.threads))
      nearest = point.threads;
  std::vector<RunPoint> found;
  for (const RunPoint& point : times.points)
    if (point.threads == nearest) found.push_back(point);
  return found;
}

}  // namespace

RunTimes::RunTimes(const DeviceTimes& times) : nodes_(times.nodes) {
  for (const ModelTimes& model : times.models) models_.push_back(read(model));
  fill_beside(times);
}

RunTimes::Model RunTimes::read(const ModelTimes& times) {
  Model model{{{1, 0.0}}, std::vector<double>(kMostInstances, 1.0), {{1, 1, 1, 1, 1, 1, 1}}, 0};
  if (times.points.empty()) return model;
  model.idle = times.idle;
  const std::vector<RunPoint> points = with_threads(times);
  const auto fewest = std::ranges::min_element(points, {}, &RunPoint::instances)->instances;
  const auto smallest = std::ranges::min_element(points, {}, &RunPoint::batch)->batch;
  std::vector<std::pair<int, double>> crowds;
  const RunPoint* alone = nullptr;
  model.batches.clear();
  for (const RunPoint& point : points) {
    if (point.instances == fewest) model.batches.emplace_back(point.batch, point.p50);
    if (point.batch == smallest) crowds.emplace_back(point.instances, point.p50);
    if (point.instances == fewest && point.batch == smallest) alone = &point;
  }
  std::ranges::sort(model.batches);
  std::ranges::sort(crowds);
  const double first = std::max(1.0, crowds.front().second);
  for (int n = 1; n <= kMostInstances; ++n)
    model.crowd[static_cast<std::size_t>(n) - 1] = between(crowds, n) / first;
  if (alone && alone->p50 > 0) {
    const RunPoint& p = *alone;
    const double half = std::min(p.spread, 1.0) / 2;
    const double upper = p.p90 / p.p50, most = p.p99 / p.p50;
    model.spread = {{1 - 1.5 * half, 1 - half, 1, std::min(1 + half, upper), upper, most,
                     most + (most - upper) / 2}};
  }
  return model;
}

// What was not measured together slows as those that were, on average, or as a second run of its
// own model would.
void RunTimes::fill_beside(const DeviceTimes& times) {
  const std::size_t count = models_.size();
  beside_.resize(count * count);
  for (std::size_t i = 0; i < count; ++i) {
    double sum = 0;
    const auto& known = times.models[i].beside;
    for (const BesideOther& other : known) sum += other.slowdown - 1;
    const double usual =
        known.empty() ? models_[i].crowd[1] - 1 : sum / static_cast<double>(known.size());
    for (std::size_t k = 0; k < count; ++k) beside_[i * count + k] = usual;
    for (const BesideOther& other : known)
      if (other.model >= 0 && static_cast<std::size_t>(other.model) < count)
        beside_[i * count + static_cast<std::size_t>(other.model)] = other.slowdown - 1;
  }
}

double RunTimes::length(int model, int items, double at) const {
  const Model& of = models_[static_cast<std::size_t>(model)];
  std::size_t above = 1;
  while (above < 6 && kShares[above] < at) ++above;
  const double share = (at - kShares[above - 1]) / (kShares[above] - kShares[above - 1]);
  const double relative =
      of.spread.value[above - 1] + share * (of.spread.value[above] - of.spread.value[above - 1]);
  return between(of.batches, items) * relative;
}

double RunTimes::length(int node) const {
  const auto index = static_cast<std::size_t>(node);
  return index < nodes_.size() ? static_cast<double>(nodes_[index]) : 0;
}

double RunTimes::slowdown(int model, int running) const {
  return models_[static_cast<std::size_t>(model)]
      .crowd[static_cast<std::size_t>(std::clamp(running, 1, kMostInstances)) - 1];
}

}  // namespace edgert
