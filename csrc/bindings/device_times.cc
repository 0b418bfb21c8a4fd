#include "bindings/device_times.h"

#include <pybind11/stl.h>

#include <algorithm>
#include <array>

#include "bindings/status_cast.h"

namespace py = pybind11;

namespace edgert::python {
namespace {

using GivenPoint = std::tuple<int, int, int, double, double, double, double>;

RunPoint to_point(const std::string& where, const GivenPoint& given) {
  const auto& [instances, threads, batch, p50, p90, p99, spread] = given;
  const bool right = instances >= 1 && threads >= 1 && batch >= 1 && p50 >= 0 && p90 >= p50 &&
                     p99 >= p90 && p99 < 1e9 && spread >= 0;
  if (!right)
    raise(Status::invalid(where, "a point is wrong",
                          "give instances, threads and batch of 1 or more, and p50 ≤ p90 ≤ p99 in "
                          "ms"));
  return {instances,          threads, batch, p50 * kMillisecond, p90 * kMillisecond,
          p99 * kMillisecond, spread};
}

AmongQuantiles to_quantiles(const std::string& where, const std::vector<double>& given) {
  const bool right = given.size() == kAmongCount && given.front() >= 0 && given.back() < 1e9 &&
                     std::ranges::is_sorted(given);
  if (!right)
    raise(Status::invalid(where, "quantiles are wrong",
                          "give " + std::to_string(kAmongCount) + " ascending times in ms"));
  AmongQuantiles quantiles;
  for (const double ms : given) quantiles.push_back(ms * kMillisecond);
  return quantiles;
}

std::vector<AmongPoint> to_among_points(const std::string& where, const py::handle& given) {
  std::vector<AmongPoint> points;
  for (const auto& [lanes, ms] : given.cast<std::map<int, std::vector<double>>>())
    points.push_back({lanes, to_quantiles(where, ms)});
  return points;
}

}  // namespace

AmongTimes to_among_times(const py::dict& given, const PlanSpec& plan) {
  AmongTimes times;
  times.models.resize(plan.models.size());
  for (const auto& [key, value] : given) {
    const auto name = key.cast<std::string>();
    if (name == "wake") {
      times.wake = to_quantiles("wake", value.cast<std::vector<double>>());
      continue;
    }
    if (name == "cores") {
      times.cores = value.cast<int>();
      continue;
    }
    if (name != "models")
      raise(
          Status::invalid("among", "'" + name + "' is unknown", "known are: models, wake, cores"));
    for (const auto& [index, points] : value.cast<std::map<std::size_t, py::object>>()) {
      if (index >= plan.models.size())
        raise(Status::invalid("among", "there is no model with index " + std::to_string(index),
                              "give indices of the plan's models"));
      times.models[index] =
          to_among_points("among: model '" + plan.models[index].name + "'", points);
    }
  }
  return times;
}

ModelTimes to_model_times(const std::string& where, const py::dict& given, std::size_t models) {
  ModelTimes times;
  for (const auto& [key, value] : given) {
    const auto name = key.cast<std::string>();
    if (name == "threads") {
      times.threads = value.cast<int>();
    } else if (name == "points") {
      for (const GivenPoint& point : value.cast<std::vector<GivenPoint>>())
        times.points.push_back(to_point(where, point));
    } else if (name == "beside") {
      for (const auto& [other, slowdown] : value.cast<std::map<int, double>>()) {
        if (other < 0 || static_cast<std::size_t>(other) >= models || !(slowdown > 0))
          raise(Status::invalid(where, "beside names no model of the plan, or no slowdown",
                                "give indices of the plan's models and numbers above 0"));
        times.beside.push_back({other, slowdown});
      }
    } else {
      raise(Status::invalid(where, "'" + name + "' is unknown",
                            "known are: threads, points, beside"));
    }
  }
  return times;
}

DeviceTimes to_device_times(const std::map<int, py::dict>& models, const PlanSpec& plan) {
  DeviceTimes times;
  times.models.resize(plan.models.size());
  for (const auto& [index, given] : models) {
    if (index < 0 || static_cast<std::size_t>(index) >= plan.models.size())
      raise(Status::invalid("models", "there is none with index " + std::to_string(index),
                            "give indices of the plan's models"));
    const auto place = static_cast<std::size_t>(index);
    times.models[place] =
        to_model_times("model '" + plan.models[place].name + "'", given, plan.models.size());
  }
  return times;
}

}  // namespace edgert::python
