// Workloads on a virtual clock.
#include "edgert/runtime/simulation.h"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>
#include <pybind11/typing.h>

#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "bindings/convert.h"
#include "bindings/device_times.h"
#include "bindings/gil.h"
#include "bindings/metrics.h"
#include "bindings/policy.h"
#include "bindings/register.h"
#include "bindings/status_cast.h"
#include "bindings/trace.h"

namespace py = pybind11;
using namespace py::literals;

namespace edgert::python {
namespace {

Nanos from_ms(const py::handle& value) {
  return static_cast<Nanos>(std::llround(value.cast<double>() * kMillisecond));
}

std::vector<double> by_node(const std::map<int, double>& given, std::size_t nodes,
                            const std::string& what) {
  std::vector<double> values(nodes, -1.0);
  for (const auto& [node, value] : given) {
    if (node < 0 || static_cast<std::size_t>(node) >= nodes || !(value >= 0) || value > 1e9)
      raise(Status::invalid("simulation", what + " of node " + std::to_string(node) + " is wrong",
                            "give nodes of the plan, and values of 0 or more"));
    values[static_cast<std::size_t>(node)] = value;
  }
  return values;
}

ArrivalSpec::Kind to_kind(const std::string& where, const std::string& name) {
  if (name == "periodic") return ArrivalSpec::Kind::kPeriodic;
  if (name == "poisson") return ArrivalSpec::Kind::kPoisson;
  if (name == "given") return ArrivalSpec::Kind::kGiven;
  if (name != "bursts")
    raise(Status::invalid(where, "'" + name + "' is no kind",
                          "give periodic, poisson, bursts or given"));
  return ArrivalSpec::Kind::kBursts;
}

std::vector<Nanos> to_times(const std::string& where, const py::handle& value) {
  std::vector<Nanos> times;
  for (const double ms : value.cast<std::vector<double>>()) {
    if (!(ms >= 0 && ms < 1e12) || (!times.empty() && ms * kMillisecond < double(times.back())))
      raise(Status::invalid(where, "times_ms are wrong", "give ascending times of 0 or more"));
    times.push_back(static_cast<Nanos>(ms * kMillisecond));
  }
  return times;
}

ArrivalSpec to_arrival(const std::string& sensor, const py::dict& given, const PlanSpec& plan) {
  const std::string where = "arrivals of '" + sensor + "'";
  ArrivalSpec spec;
  for (std::size_t i = 0; i < plan.sensors.size(); ++i)
    if (plan.sensors[i].name == sensor) spec.sensor = static_cast<int>(i);
  if (spec.sensor < 0)
    raise(Status::invalid(where, "the sensor is not in the plan", "name one of its sensors"));
  for (const auto& [key, value] : given) {
    const auto name = key.cast<std::string>();
    if (name == "kind")
      spec.kind = to_kind(where, value.cast<std::string>());
    else if (name == "period_ms")
      spec.period = from_ms(value);
    else if (name == "phase_ms")
      spec.phase = value.is_none() ? -1 : from_ms(value);
    else if (name == "within_ms")
      spec.within = from_ms(value);
    else if (name == "decode_ms")
      spec.decode = from_ms(value);
    else if (name == "work_ms")
      spec.work = from_ms(value);
    else if (name == "jitter")
      spec.jitter = value.cast<double>();
    else if (name == "burst")
      spec.burst = value.cast<int>();
    else if (name == "times_ms")
      spec.times = to_times(where, value);
    else if (name == "frames")
      spec.frames = value.is_none() ? INT64_MAX : value.cast<std::int64_t>();
    else
      raise(Status::invalid(where, "'" + name + "' is unknown",
                            "known are: kind, period_ms, phase_ms, jitter, burst, within_ms, "
                            "decode_ms, work_ms, frames, times_ms"));
  }
  return spec;
}

class PySimulation {
 public:
  PySimulation(const PlanSpec& plan, int lanes, const std::string& order,
               const std::map<int, py::dict>& models, const std::map<int, double>& nodes,
               const std::map<int, double>& open, const std::map<int, double>& rows,
               const std::map<std::string, py::dict>& arrivals, std::uint64_t seed,
               double ageing_ms, const py::dict& among) {
    SimulationOptions options;
    options.lanes = lanes;
    options.order = to_order(order);
    options.ageing = static_cast<Nanos>(ageing_ms * kMillisecond);
    options.seed = options.pretend.data.seed = seed;
    options.pretend.data.open = by_node(open, plan.nodes.size(), "open");
    options.pretend.data.rows = by_node(rows, plan.nodes.size(), "rows");
    options.pretend.times = to_device_times(models, plan);
    options.pretend.among = to_among_times(among, plan);
    for (double cost : by_node(nodes, plan.nodes.size(), "the time"))
      options.pretend.times.nodes.push_back(
          static_cast<Nanos>(std::llround(std::max(0.0, cost) * kMillisecond)));
    for (const auto& [sensor, given] : arrivals)
      options.arrivals.push_back(to_arrival(sensor, given, plan));
    simulation_ = take([&] {
      const Unlocked unlocked;
      return Simulation::create(plan, options);
    }());
  }

  void run(double seconds) {
    if (!(seconds >= 0) || seconds > 1e9)
      raise(Status::invalid("simulation", "can't run for " + std::to_string(seconds) + " s",
                            "give 0 to 1e9"));
    const Unlocked unlocked;
    simulation_->run(static_cast<Nanos>(std::llround(seconds * kSecond)));
  }
  double elapsed() const { return static_cast<double>(simulation_->elapsed()) / kSecond; }
  void forget() { simulation_->forget(); }
  py::dict metrics() { return to_dict(simulation_->runtime().snapshot()); }

  using Counted = py::typing::Tuple<py::array_t<double>, py::array_t<std::int64_t>>;
  Counted latency(std::size_t pipeline) const {
    if (pipeline >= simulation_->pipelines())
      raise(Status::invalid("pipeline", "there is none with index " + std::to_string(pipeline)));
    const std::vector<std::uint32_t>& counts = simulation_->latency(pipeline).counts();
    std::vector<double> edges;
    std::vector<std::int64_t> filled;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (counts[i] == 0) continue;
      edges.push_back(static_cast<double>(FineHistogram::lower(i) + FineHistogram::lower(i + 1)) /
                      2 / kMillisecond);
      filled.push_back(counts[i]);
    }
    return py::make_tuple(
        py::array_t<double>(static_cast<py::ssize_t>(edges.size()), edges.data()),
        py::array_t<std::int64_t>(static_cast<py::ssize_t>(filled.size()), filled.data()));
  }

  void set_order(const std::string& name) {
    simulation_->runtime().ranker().set_order(to_order(name));
  }
  py::bytes load() { return load_record(simulation_->runtime()); }
  py::list queues() { return queue_outlines(simulation_->runtime()); }
  void set_table(const std::string& base, const std::vector<double>& applications,
                 const std::vector<double>& pipelines, const std::vector<double>& queues) {
    steer(simulation_->runtime(), base, applications, pipelines, queues);
  }
  void set_admission(const std::vector<double>& shares) {
    admit_shares(simulation_->runtime(), shares);
  }
  void set_places(const std::vector<int>& sites) { place_models(simulation_->runtime(), sites); }
  void keep_lanes_free(int lanes, double longer_ms, const std::vector<bool>& queues) {
    keep_free(simulation_->runtime(), lanes, longer_ms, queues);
  }
  void start_trace(std::size_t most) { check(simulation_->runtime().trace().start(most)); }
  py::dict stop_trace() {
    const Trace::Log log = simulation_->runtime().trace().stop();
    return to_dict(log, simulation_->runtime().plan());
  }

 private:
  std::unique_ptr<Simulation> simulation_;
};

}  // namespace

void register_simulation(py::module_& module) {
  py::class_<PySimulation>(
      module, "Simulation",
      "A plan on a virtual clock: its models and transforms take the times that are given, and "
      "compute nothing. Equal arguments give equal results.")
      .def(py::init<const PlanSpec&, int, const std::string&, const std::map<int, py::dict>&,
                    const std::map<int, double>&, const std::map<int, double>&,
                    const std::map<int, double>&, const std::map<std::string, py::dict>&,
                    std::uint64_t, double, const py::dict&>(),
           "plan"_a, "lanes"_a, "order"_a = "edf", "models"_a = std::map<int, py::dict>(),
           "nodes"_a = py::dict(), "open"_a = py::dict(), "rows"_a = py::dict(),
           "arrivals"_a = py::dict(), "seed"_a = 1, "ageing_ms"_a = 100.0, "among"_a = py::dict(),
           "`models`: by index in the plan a dict of threads, points (tuples of instances, "
           "threads, batch, p50, p90, p99, spread; times in ms) and beside (slowdown by the other "
           "model's index); one that is left out takes no time. `nodes`: ms of transforms, by id. "
           "`open`: the share of cases in which a condition is open, by id. `rows`: how many "
           "regions or windows a node gives, on average, by id; left out: as many as there can "
           "be. `arrivals`: by sensor a dict of kind (periodic, poisson, bursts, given), "
           "period_ms, phase_ms, jitter (part of the period), burst, within_ms, decode_ms, work_ms "
           "(of a core, which a frame costs its source), frames, "
           "times_ms (of given: all of them, ascending). `among`: what was measured among other "
           "work, each as 9 quantiles in ms (at 1, 10, 25, 50, 75, 90, 95, 99, 99.9 %): a dict of "
           "models (by index a dict by the number of lanes at work), again (the same of runs that "
           "follow one of their own model), wake (of a lane that slept), cores (that lanes and "
           "sources share), and spells (in which slow runs come: their share of all, how many "
           "lanes were at work, the share of slow runs just after one on its lane and on others, "
           "and ms that this lasts).")
      .def("run", &PySimulation::run, "seconds"_a, "Lets that much time pass.")
      .def_property_readonly("elapsed", &PySimulation::elapsed, "Seconds.")
      .def("metrics", &PySimulation::metrics, "As Runtime.metrics().")
      .def("latency", &PySimulation::latency, "pipeline"_a,
           "Of a pipeline's answers (ok and late), by index: latencies in ms, ascending and right "
           "within 0.8 %, and how many there were of each.")
      .def("forget", &PySimulation::forget, "Empties what latency() tells: a start is over.")
      .def("set_order", &PySimulation::set_order, "order"_a)
      .def("load", &PySimulation::load, "As Runtime.load().")
      .def("queues", &PySimulation::queues, "As Runtime.queues().")
      .def("set_table", &PySimulation::set_table, "base"_a, "applications"_a, "pipelines"_a,
           "queues"_a, "As Runtime.set_table().")
      .def("set_admission", &PySimulation::set_admission, "shares"_a, "As Runtime.set_admission().")
      .def("set_places", &PySimulation::set_places, "sites"_a, "As Runtime.set_places().")
      .def("keep_free", &PySimulation::keep_lanes_free, "lanes"_a,
           "longer_ms"_a = std::numeric_limits<double>::infinity(),
           "queues"_a = std::vector<bool>(), "As Runtime.keep_free().")
      .def("start_trace", &PySimulation::start_trace, "most"_a, "As Runtime.start_trace().")
      .def("stop_trace", &PySimulation::stop_trace, "As Runtime.stop_trace().");
}

}  // namespace edgert::python
