// Building plans.
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include "bindings/convert.h"
#include "bindings/device_times.h"
#include "bindings/gil.h"
#include "bindings/operation.h"
#include "bindings/plan_description.h"
#include "bindings/register.h"
#include "bindings/status_cast.h"
#include "edgert/plan/builder.h"
#include "edgert/plan/plan_file.h"

namespace py = pybind11;
using namespace py::literals;

namespace edgert::python {
namespace {

// A value with the builder that it belongs to, so that Python can ask it.
struct PyValue {
  std::shared_ptr<PlanBuilder> builder;
  ValueRef ref;

  const NodeSpec& node() const { return builder->node(ref.node); }
  py::dict spec() const {
    if (const FrameFormat* format = builder->frame_format(ref)) return from_format(*format);
    return from_spec(*take(builder->tensor_spec(ref)));
  }
};

template <class T>
T one_of(const std::string& what, const std::string& name,
         std::initializer_list<std::pair<const char*, T>> known) {
  std::string names;
  for (const auto& [candidate, value] : known) {
    if (name == candidate) return value;
    names += (names.empty() ? "" : ", ") + std::string(candidate);
  }
  raise(Status::invalid(what, "'" + name + "' is unknown", "known are: " + names));
}

class PyBuilder {
 public:
  explicit PyBuilder(bool fuse) { builder_->fuse(fuse); }
  bool fuses() const { return builder_->fuses(); }

  PyValue sensor(const std::string& name, const py::dict& format, const std::string& inbox,
                 int queue, int in_flight, bool cache) {
    const SensorOptions options{one_of<InboxPolicy>("inbox", inbox,
                                                    {{"latest", InboxPolicy::kLatest},
                                                     {"queue", InboxPolicy::kQueue},
                                                     {"block", InboxPolicy::kBlock}}),
                                queue, in_flight, cache};
    return value(builder_->sensor(name, to_format(format), options));
  }

  int model(const std::string& name, const std::string& file, const std::string& backend,
            int threads, int instances, const py::dict& engine, int batch, int device) {
    ModelSpec spec;
    spec.device = device;
    spec.name = name;
    spec.file = file;
    spec.backend = backend;
    spec.threads = threads;
    spec.instances = instances;
    spec.batch = batch;
    spec.engine = to_params(engine, "model '" + name + "': engine");
    return take([&] {
      const Unlocked unlocked;
      return builder_->model(spec);
    }());
  }

  void expect(int model, double run_ms) {
    check_model(model);
    if (!(run_ms >= 0 && run_ms < 1e9))
      raise(Status::invalid("model", "is expected to run for " + std::to_string(run_ms) + " ms",
                            "give 0 (unknown) or more"));
    builder_->expect(model, static_cast<Nanos>(run_ms * kMillisecond));
  }

  int device(const std::string& name, const std::string& type, int streams, int in_flight,
             int gpu) {
    return take(builder_->device({name, type, streams, in_flight, {}, gpu}));
  }

  void run_times(int device, int model, const py::dict& times) {
    const PlanSpec& plan = builder_->plan();
    check(
        builder_->run_times(device, model, to_model_times("run times", times, plan.models.size())));
  }

  py::dict model_io(int index) const {
    check_model(index);
    const ModelIo& io = builder_->model_io(index);
    py::dict metadata;
    for (const auto& [key, text] : io.metadata) metadata[py::str(key)] = text;
    return py::dict("inputs"_a = from_inputs(io), "outputs"_a = from_outputs(io),
                    "metadata"_a = metadata);
  }

  PyValue transform(const std::string& op, const py::dict& params,
                    const std::vector<PyValue>& inputs, const std::string& name) {
    std::vector<ValueRef> refs;
    refs.reserve(inputs.size());
    for (const PyValue& input : inputs) refs.push_back(own(input));
    return value(builder_->transform(op, to_params(params, op), refs, name));
  }

  PyValue run_model(int model, const std::map<std::string, PyValue>& inputs,
                    const std::map<std::string, py::array>& constants,
                    const std::map<std::string, std::string>& state, const std::string& name,
                    bool carry_over_gaps) {
    std::map<std::string, ModelFeed> feeds;
    for (const auto& [input, of] : inputs) feeds[input].value = own(of);
    for (const auto& [input, array] : constants)
      feeds[input].constant = share_array(array, "constant '" + input + "'");
    for (const auto& [input, output] : state) feeds[input].state_of = output;
    return value([&] {
      const Unlocked unlocked;
      return builder_->run_model(model, feeds, name,
                                 carry_over_gaps ? OnGap::kCarry : OnGap::kReset);
    }());
  }

  PyValue region(const PyValue& rows, const std::string& apart) {
    return value(builder_->region(own(rows), apart));
  }
  PyValue gather(const PyValue& inner, bool stack) {
    return value(builder_->gather(own(inner), stack));
  }

  PyValue gate(const PyValue& of, std::int64_t index, std::optional<double> above,
               std::optional<double> below, const std::string& reduce, double hold_ms,
               const std::optional<PyValue>& under, const std::string& name) {
    GateOptions options{index, above, below, reduce, hold_ms, {}};
    if (under) options.under = own(*under);
    return value(builder_->gate(own(of), options, name));
  }

  PyValue join(const PyValue& frame, const PyValue& of, const std::string& by,
               std::optional<double> tolerance_ms, std::optional<double> wait_ms,
               const std::string& clock, bool rows, const std::optional<PyValue>& under,
               const std::string& name) {
    JoinOptions options{by, tolerance_ms, wait_ms, clock, rows, {}};
    if (under) options.under = own(*under);
    return value(builder_->join(own(frame), own(of), options, name));
  }

  // A value, its greatest age in ms, and for a scene: cells, threshold and range.
  using PyReuse =
      std::tuple<PyValue, double, std::optional<PyValue>, double, std::vector<std::int64_t>>;
  using PyOutput = std::tuple<std::string, PyValue, std::optional<PyValue>>;
  int pipeline(const std::string& name, const std::string& application, const PyValue& sensor,
               const std::vector<PyOutput>& outputs, double rate, int every, double latency_ms,
               const std::string& on_miss, int queue, const std::string& when_full,
               const std::string& overload, const std::string& share,
               const std::vector<PyReuse>& reuse) {
    PipelineSpec spec;
    spec.name = name;
    spec.application = application;
    wants(spec, sensor, outputs);
    spec.rate = rate;
    spec.every = every;
    spec.latency = static_cast<Nanos>(latency_ms * kMillisecond);
    spec.on_miss =
        one_of<OnMiss>("on_miss", on_miss,
                       {{"drop", OnMiss::kDrop}, {"late", OnMiss::kLate}, {"last", OnMiss::kLast}});
    spec.queue = queue;
    spec.when_full =
        one_of<WhenFull>("when_full", when_full,
                         {{"block", WhenFull::kBlock}, {"drop_oldest", WhenFull::kDropOldest}});
    spec.overload = one_of<Overload>("overload", overload,
                                     {{"drop", Overload::kDrop}, {"skip", Overload::kSkip}});
    spec.share =
        one_of<Share>("share", share, {{"all", Share::kAll}, {"private", Share::kPrivate}});
    std::vector<ReuseRule> rules;
    for (const auto& [of, max_age_ms, cells, threshold, range] : reuse) {
      ReuseRule& rule = rules.emplace_back();
      rule.value = own(of);
      rule.max_age = static_cast<Nanos>(max_age_ms * kMillisecond);
      if (cells) rule.cells = own(*cells);
      rule.threshold = threshold;
      rule.range = range;
    }
    return take(builder_->pipeline(spec, rules));
  }

  bool waits_for_itself(const PyValue& sensor, const std::vector<PyOutput>& outputs) {
    PipelineSpec spec;
    wants(spec, sensor, outputs);
    return builder_->waits_for_itself(spec);
  }

  void application(const std::string& name, double weight, int priority, double rate_limit,
                   std::int64_t queue_limit, std::uint64_t memory_limit, double share,
                   const std::map<std::string, double>& shares, const std::string& cache) {
    const auto seen_by = one_of<CacheShare>(
        "cache", cache,
        {{"own", CacheShare::kOwn}, {"others", CacheShare::kOthers}, {"off", CacheShare::kOff}});
    ApplicationSpec spec{name,        weight,       priority, rate_limit,
                         queue_limit, memory_limit, share,    seen_by};
    for (const auto& [device, part] : shares) spec.device_shares.push_back({device, part});
    check(builder_->application(spec));
  }
  void private_to(const std::string& owner) { builder_->private_to(owner); }
  PlanSpec finish() { return take(builder_->finish()); }

 private:
  ValueRef own(const PyValue& of) const {
    if (of.builder != builder_)
      raise(Status::invalid("value", "belongs to another plan", "build it with this builder"));
    return of.ref;
  }
  void wants(PipelineSpec& spec, const PyValue& sensor, const std::vector<PyOutput>& outputs) {
    spec.sensor = builder_->plan()
                      .scopes[static_cast<std::size_t>(builder_->node(own(sensor).node).scope)]
                      .sensor;
    for (const auto& [output, of, gate] : outputs)
      spec.outputs.push_back({output, own(of), gate ? own(*gate).node : -1});
  }
  void check_model(int index) const {
    if (index < 0 || index >= static_cast<int>(builder_->plan().models.size()))
      raise(Status::invalid("model", "is not of this plan"));
  }
  PyValue value(Result<ValueRef>&& result) const { return {builder_, take(std::move(result))}; }

  std::shared_ptr<PlanBuilder> builder_ = std::make_shared<PlanBuilder>();
};

}  // namespace

void register_plan(py::module_& module) {
  py::class_<PyValue>(module, "Value", "One output of one node of a plan under construction.")
      .def_property_readonly("node", [](const PyValue& v) { return v.ref.node; })
      .def_property_readonly("output", [](const PyValue& v) { return v.ref.output; })
      .def("__eq__",
           [](const PyValue& v, const py::object& other) {
             if (!py::isinstance<PyValue>(other)) return false;
             const auto& of = other.cast<const PyValue&>();
             return v.builder == of.builder && v.ref == of.ref;
           })
      .def("__hash__", [](const PyValue& v) { return v.ref.node * 64 + v.ref.output; })
      .def_property_readonly(
          "scope", [](const PyValue& v) { return v.node().scope; },
          "Where it runs; a sensor's own scope, or one opened by region().")
      .def_property_readonly(
          "identity", [](const PyValue& v) { return v.builder->identity(v.ref).hex(); },
          "Hash of the operation, its parameters and its inputs.")
      .def_property_readonly(
          "spec", &PyValue::spec,
          "A tensor's name, dtype and shape (-1: known at run time), or a frame's format.")
      .def(
          "out",
          [](const PyValue& v, int index) {
            PyValue other{v.builder, {v.ref.node, v.ref.output + index}};
            take(v.builder->tensor_spec(other.ref));
            return other;
          },
          "index"_a, "Another output of the same node.");
  py::class_<PlanSpec>(module, "PlanSpec", "A finished plan.")
      .def(
          "save",
          [](const PlanSpec& plan, const std::string& path) { check(save_plan(plan, path)); },
          "path"_a)
      .def_static(
          "load", [](const std::string& path) { return take(load_plan(path)); }, "path"_a)
      .def("describe", &describe,
           "Plain data: nodes with who wants them, sensors, models, pipelines.");
  py::class_<PyBuilder>(module, "PlanBuilder",
                        "Builds a plan; equal nodes are one, whoever asks. Errors name the place.")
      .def(py::init<bool>(), "fuse"_a = true)
      .def_property_readonly("fuses", &PyBuilder::fuses,
                             "Whether transforms that one pass can do become one node.")
      .def("application", &PyBuilder::application, "name"_a, "weight"_a = 1.0, py::kw_only(),
           "priority"_a = 0, "rate_limit"_a = 0.0, "queue_limit"_a = 0, "memory_limit"_a = 0,
           "share"_a = 0.0, "shares"_a = std::map<std::string, double>(), "cache"_a = "own",
           "Limits of 0 are none. `share` is of each device's time, `shares` of those that are "
           "named "
           "there. `cache`: who gets its results of equal content (own, others, off).")
      .def("private_to", &PyBuilder::private_to, "owner"_a,
           "What is added from now on is this owner's alone; empty: shared by all.")
      .def("sensor", &PyBuilder::sensor, "name"_a, "format"_a, "inbox"_a = "block", "queue"_a = 4,
           "in_flight"_a = 4, "cache"_a = false)
      .def("model", &PyBuilder::model, "name"_a, "file"_a, "backend"_a = "", "threads"_a = 1,
           "instances"_a = 0, "engine"_a = py::dict(), "batch"_a = 1, "device"_a = -1,
           "Works that may run as one: `batch` at most. `device`: what device() returned, or -1: "
           "the processor.")
      .def("device", &PyBuilder::device, "name"_a, "type"_a = "sim", "streams"_a = 1,
           "in_flight"_a = 2, "gpu"_a = 0,
           "A device on whose streams models run: of type sim, or cuda, a GPU's. Returns its "
           "index.")
      .def("run_times", &PyBuilder::run_times, "device"_a, "model"_a, "times"_a,
           "How long a model's runs take on a simulated device: a dict of threads, points and "
           "beside, as Simulation takes it.")
      .def("model_io", &PyBuilder::model_io, "model"_a)
      .def("expect", &PyBuilder::expect, "model"_a, "run_ms"_a,
           "What a run of it should take, until runs are measured; of the nodes added so far.")
      .def("transform", &PyBuilder::transform, "op"_a, "params"_a, "inputs"_a, "name"_a = "")
      .def_static("outputs", &outputs_of, "op"_a, "params"_a, "inputs"_a,
                  "The outputs' specs of an operation on inputs of these specs; adds no node.")
      .def("run_model", &PyBuilder::run_model, "model"_a, "inputs"_a, "constants"_a = py::dict(),
           "state"_a = py::dict(), "name"_a = "", "carry_over_gaps"_a = false)
      .def("region", &PyBuilder::region, "rows"_a, "apart"_a = "",
           "What runs once for each row; with another `apart`, on rows of its own.")
      .def("gather", &PyBuilder::gather, "value"_a, "stack"_a = true)
      .def("gate", &PyBuilder::gate, "value"_a, "index"_a = 0, "above"_a = py::none(),
           "below"_a = py::none(), "reduce"_a = "any", "hold_ms"_a = 0.0, "under"_a = py::none(),
           "name"_a = "")
      .def("join", &PyBuilder::join, "frame"_a, "value"_a, "by"_a = "nearest",
           "tolerance_ms"_a = py::none(), "wait_ms"_a = py::none(), "clock"_a = "capture",
           "rows"_a = false, "under"_a = py::none(), "name"_a = "",
           "What `value`, of another sensor, gave at the time of `frame`, a sensor's own value.")
      .def(
          "pipeline", &PyBuilder::pipeline, "name"_a, "application"_a, "sensor"_a, "outputs"_a,
          "rate"_a = 0.0, "every"_a = 1, "latency_ms"_a = 0.0, "on_miss"_a = "drop", "queue"_a = 16,
          "when_full"_a = "block", "overload"_a = "drop", "share"_a = "all",
          "reuse"_a = std::vector<PyBuilder::PyReuse>(),
          "`reuse`: (value, max_age_ms, cells or None, threshold, range of cells) of each value of "
          "which an earlier result serves.")
      .def("waits_for_itself", &PyBuilder::waits_for_itself, "sensor"_a, "outputs"_a,
           "Whether a pipeline with these outputs has conditions that, with those of the pipelines "
           "that are there, wait for each other.")
      .def("finish", &PyBuilder::finish);
}

}  // namespace edgert::python
