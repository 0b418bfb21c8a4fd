// Timing of sessions, alone and among others, without Python in between.
#include "edgert/infer/measure.h"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <limits>

#include "bindings/gil.h"
#include "bindings/register.h"
#include "bindings/session.h"
#include "bindings/status_cast.h"

namespace py = pybind11;
using namespace py::literals;

namespace edgert::python {
namespace {

using PyStep = std::pair<py::object, py::object>;  // held, whatever becomes of the caller's list

PySession& session_of(const PyStep& step) {
  if (!py::isinstance<PySession>(step.first))
    raise(Status::invalid("measure", "a step has no session", "give (session, inputs)"));
  return *step.first.cast<PySession*>();
}

MeasuredLane to_lane(const std::vector<PyStep>& steps, int core, bool among) {
  MeasuredLane lane;
  lane.core = core;
  lane.among = among;
  for (const PyStep& step : steps) {
    PySession& session = session_of(step);
    lane.steps.push_back(
        {&session.session(), session.to_inputs(step.second), session.blank_outputs()});
  }
  return lane;
}

// Those of all steps, each once: a session that two lanes name can't run in both at once.
std::vector<std::mutex*> mutexes(const std::vector<std::vector<PyStep>>& lanes) {
  std::vector<std::mutex*> all;
  for (const auto& steps : lanes) {
    std::vector<std::mutex*> own;
    own.reserve(steps.size());
    for (const PyStep& step : steps) own.push_back(&session_of(step).mutex());
    std::ranges::sort(own);
    own.erase(std::unique(own.begin(), own.end()), own.end());
    all.insert(all.end(), own.begin(), own.end());
  }
  std::ranges::sort(all);
  if (std::ranges::adjacent_find(all) != all.end())
    raise(Status::invalid("measure", "two lanes have the same session",
                          "make a session for each lane"));
  return all;
}

Nanos nanos(double seconds, const char* what) {
  if (!(seconds >= 0) || seconds > 3600)
    raise(Status::invalid("measure", std::string(what) + " is " + std::to_string(seconds),
                          "give 0 to 3600 seconds"));
  return static_cast<Nanos>(seconds * static_cast<double>(kSecond));
}

py::array_t<double> seconds(const std::vector<Nanos>& runs) {
  py::array_t<double> out(static_cast<py::ssize_t>(runs.size()));
  std::ranges::transform(runs, out.mutable_data(), [](Nanos run) {
    return static_cast<double>(run) / static_cast<double>(kSecond);
  });
  return out;
}

py::dict to_dict(const Measured& measured) {
  py::list lanes;
  for (const LaneTimes& lane : measured.lanes) {
    py::list runs;
    for (const auto& step : lane.runs) runs.append(seconds(step));
    lanes.append(py::dict("runs"_a = runs,
                          "began"_a = static_cast<double>(lane.began) / double{kSecond},
                          "wall"_a = static_cast<double>(lane.wall) / double{kSecond}));
  }
  return py::dict("lanes"_a = lanes, "busy_cores"_a = measured.busy_cores);
}

py::dict measure_lanes(const std::vector<std::vector<PyStep>>& given, double lasting, double warm,
                       std::size_t least_rounds, const std::vector<int>& cores, bool among) {
  MeasureOptions options;
  options.lasting = nanos(lasting, "seconds");
  options.warm = nanos(warm, "warm");
  options.least_rounds = least_rounds;
  const std::vector<std::mutex*> order = mutexes(given);
  std::vector<MeasuredLane> lanes;
  for (std::size_t i = 0; i < given.size(); ++i)
    lanes.push_back(to_lane(given[i], cores.empty() ? -1 : cores[i % cores.size()], among));
  auto measured = [&] {
    const Unlocked unlocked;
    std::vector<std::unique_lock<std::mutex>> locks;
    locks.reserve(order.size());
    for (std::mutex* mutex : order) locks.emplace_back(*mutex);
    return measure(lanes, options);
  }();
  return to_dict(take(std::move(measured)));
}

}  // namespace

void register_measure(py::module_& module) {
  module.def(
      "measure", &measure_lanes, "lanes"_a, "seconds"_a = 1.0, "warm"_a = 0.0, "least_rounds"_a = 1,
      "cores"_a = std::vector<int>(), "among"_a = false,
      "What runs take while others run. `lanes`: of each lane the (session, inputs) that it runs "
      "in turn, again and again; all lanes at once, a\n"
      "thread each, on `cores` in turn where given. Each records for `seconds`, and `least_rounds` "
      "at least. Returns a dict: busy_cores, and\n"
      "lanes, of each of which runs (an array of seconds for each step), began (on a clock of "
      "them all) and wall (seconds). With `among`, between two runs a lane sorts and\n"
      "moves other data: what runs take among other work. "
      "Raises InvalidError, EngineError, ExhaustedError.");
}

}  // namespace edgert::python
