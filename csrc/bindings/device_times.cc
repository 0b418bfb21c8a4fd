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

using GivenLanes = std::map<int, std::vector<double>>;
using GivenAmong = std::map<std::size_t, GivenLanes>;

void read_among(AmongTimes& times, const GivenAmong& given, const PlanSpec& plan) {
  for (const auto& [index, by_lanes] : given) {
    if (index >= plan.models.size())
      raise(Status::invalid("among", "there is no model with index " + std::to_string(index),
                            "give indices of the plan's models"));
    const std::string where = "among: model '" + plan.models[index].name + "'";
    for (const auto& [lanes, ms] : by_lanes)
      times.models[index].push_back({lanes, to_quantiles(where, ms)});
  }
}

using GivenSpells = std::tuple<double, int, double, double, double>;

SpellTimes to_spells(const GivenSpells& given) {
  const auto& [share, lanes, same, others, lasts] = given;
  const auto is_share = [](double value) { return value >= 0 && value <= 1; };
  if (!is_share(share) || lanes < 1 || !is_share(same) || !is_share(others) || !(lasts >= 0) ||
      lasts >= 1e9)
    raise(Status::invalid("spells", "they are wrong",
                          "give a share, a number of lanes, two shares, and ms"));
  return {share, lanes, same, others, lasts * kMillisecond};
}

void read_again(AmongTimes& times, const GivenAmong& given) {
  for (const auto& [index, by_lanes] : given) {
    for (const auto& [lanes, ms] : by_lanes) {
      AmongPoint* point = nullptr;
      if (index < times.models.size())
        for (AmongPoint& one : times.models[index])
          if (one.lanes == lanes) point = &one;
      if (!point)
        raise(Status::invalid("again", "a model or its number of lanes isn't among the models",
                              "give those that have run times among other work"));
      point->again = to_quantiles("again", ms);
    }
  }
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
    if (name == "spells") {
      times.spells = to_spells(value.cast<GivenSpells>());
      continue;
    }
    if (name != "models" && name != "again")
      raise(Status::invalid("among", "'" + name + "' is unknown",
                            "known are: models, again, wake, cores, spells"));
  }
  if (given.contains("models")) read_among(times, given["models"].cast<GivenAmong>(), plan);
  if (given.contains("again")) read_again(times, given["again"].cast<GivenAmong>());
  return times;
}

ModelTimes to_model_times(const std::string& where, const py::dict& given, std::size_t models) {
  ModelTimes times;
  for (const auto& [key, value] : given) {
    const auto name = key.cast<std::string>();
    if (name == "threads") {
      times.threads = value.cast<int>();
    } else if (name == "idle") {
      times.idle = value.cast<double>() * kMillisecond;
      if (!(times.idle >= 0 && times.idle < 1e9 * kMillisecond))
        raise(Status::invalid(where, "idle is no time", "give 0 or more, in ms"));
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
                            "known are: threads, points, beside, idle"));
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
