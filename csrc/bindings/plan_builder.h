// A plan under construction, as Python sees it: the builder, and the values of its nodes.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bindings/convert.h"
#include "bindings/device_times.h"
#include "bindings/gil.h"
#include "bindings/status_cast.h"
#include "edgert/plan/builder.h"

namespace edgert::python {

namespace py = pybind11;

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
            int threads, int instances, const py::dict& engine, int batch,
            const std::vector<int>& devices) {
    ModelSpec spec;
    spec.devices = devices;
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
    using namespace py::literals;
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

}  // namespace edgert::python
