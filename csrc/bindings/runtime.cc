// The runtime, and where results leave it.
#include "edgert/runtime/runtime.h"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <limits>

#include "bindings/convert.h"
#include "bindings/gil.h"
#include "bindings/metrics.h"
#include "bindings/policy.h"
#include "bindings/python_owner.h"
#include "bindings/register.h"
#include "bindings/result.h"
#include "bindings/sensor_port.h"
#include "bindings/share.h"
#include "bindings/status_cast.h"
#include "bindings/trace.h"

namespace py = pybind11;
using namespace py::literals;

namespace edgert::python {
namespace {

// One pipeline's results, also when a later plan has it no more.
struct PyPipeline {
  std::shared_ptr<PipelinePort> port;
};

// Compiled aside, until it is swapped in.
struct PyNext {
  std::unique_ptr<Generation> generation;
};

class PyRuntime {
 public:
  PyRuntime(const PlanSpec& plan, int lanes, const std::string& order_name, const py::object& share,
            double ageing_ms, std::size_t cache_bytes) {
    RuntimeOptions options{lanes, to_order(order_name), to_share_options(share),
                           static_cast<Nanos>(ageing_ms * kMillisecond)};
    options.cache_bytes = cache_bytes;
    runtime_ = take([&] {
      const Unlocked unlocked;
      return Runtime::create(plan, options);
    }());
  }
  ~PyRuntime() {
    const Unlocked unlocked;
    runtime_->stop(false, 0);
  }
  PyRuntime(const PyRuntime&) = delete;
  PyRuntime& operator=(const PyRuntime&) = delete;

  void set_order(const std::string& name) { runtime_->ranker().set_order(to_order(name)); }
  void set_ageing(double ageing_ms) {
    runtime_->ranker().set_ageing(static_cast<Nanos>(ageing_ms * kMillisecond));
  }
  void start() { runtime_->start(); }
  void stop(bool drain, double timeout) {
    {
      const Unlocked unlocked;
      runtime_->stop(drain, static_cast<Nanos>(timeout * kSecond));
    }
    release_unused();
  }
  PyPort sensor(const std::string& name) { return {runtime_, take(runtime_->shared_sensor(name))}; }

  PyPipeline pipeline(const std::string& name) { return {take(runtime_->shared_pipeline(name))}; }
  bool goes_on(const PyPipeline& pipeline) {
    return pipeline.port->generation() == runtime_->deploys().generation;
  }
  std::unique_ptr<PyNext> prepare(const PlanSpec& plan) {
    const Unlocked unlocked;
    auto next = runtime_->prepare(plan);
    const Locked locked;
    return std::make_unique<PyNext>(PyNext{take(std::move(next))});
  }
  std::uint64_t swap(PyNext& next) {
    if (!next.generation)
      raise(Status::invalid("deploy", "this plan was swapped in already", "prepare another one"));
    check([&] {
      const Unlocked unlocked;
      return runtime_->swap(std::move(next.generation));
    }());
    return runtime_->deploys().generation;
  }
  std::vector<std::string> applications() {
    std::vector<std::string> names;
    for (const ApplicationSpec& application : runtime_->plan().spec.applications)
      names.push_back(application.name);
    return names;
  }
  void reopen(const std::string& name) { check(runtime_->reopen(name)); }
  void rest(const std::string& name, bool resting) {
    check([&] {
      const Unlocked unlocked;
      return runtime_->rest(name, resting);
    }());
  }

  py::object next_result(const py::object& pipeline, std::optional<double> timeout) {
    const auto port = port_of(pipeline);
    port->attach_reader();
    // Its vectors go round: the core gets back what it would else allocate for each result.
    static thread_local Answer answer;
    const struct Cleared {
      ~Cleared() { answer.clear(); }
    } cleared;
    const Nanos deadline = deadline_of(timeout);
    bool found = false;
    {
      const Unlocked unlocked;
      found = runtime_->next(*port, answer, deadline);
    }
    release_unused();
    return found ? to_result(answer) : py::object(py::none());
  }
  void attach_reader(const py::object& pipeline) { port_of(pipeline)->attach_reader(); }
  void detach_reader(const py::object& pipeline) {
    const auto port = port_of(pipeline);
    const Unlocked unlocked;
    runtime_->detach_reader(*port);
  }
  py::array shared_array(const std::vector<std::int64_t>& shape, const std::string& dtype) {
    if (!runtime_->share())
      raise(Status::invalid("shared_array", "this runtime shares nothing",
                            "give Runtime a path to share at"));
    return share_memory(*runtime_->share(), shape, dtype);
  }
  bool finished(const py::object& pipeline) { return port_of(pipeline)->over(); }
  py::dict metrics() const { return to_dict(runtime_->snapshot()); }
  py::bytes load() { return load_record(*runtime_); }
  py::list queues() { return queue_outlines(*runtime_); }
  void set_table(const std::string& base, const std::vector<double>& applications,
                 const std::vector<double>& pipelines, const std::vector<double>& queues) {
    steer(*runtime_, base, applications, pipelines, queues);
  }
  void keep_lanes_free(int lanes, double longer_ms, const std::vector<bool>& queues) {
    keep_free(*runtime_, lanes, longer_ms, queues);
  }
  void set_batches(const std::vector<int>& items) { allow_batches(*runtime_, items); }
  void set_places(const std::vector<int>& sites) { place_models(*runtime_, sites); }
  void set_admission(const std::vector<double>& shares) { admit_shares(*runtime_, shares); }
  void start_trace(std::size_t most) { check(runtime_->trace().start(most)); }
  py::dict stop_trace() {
    const Trace::Log log = runtime_->trace().stop();
    return to_dict(log, runtime_->plan());
  }
  std::string prometheus() const { return prometheus_text(runtime_->snapshot()); }

 private:
  std::shared_ptr<PipelinePort> port_of(const py::object& pipeline) {
    if (py::isinstance<PyPipeline>(pipeline)) return pipeline.cast<PyPipeline&>().port;
    if (!py::isinstance<py::int_>(pipeline))
      return take(runtime_->shared_pipeline(pipeline.cast<std::string>()));
    const auto index = pipeline.cast<std::size_t>();
    const auto& all = runtime_->plan().spec.pipelines;
    if (index >= all.size())
      raise(Status::invalid("pipeline", "there is none with index " + std::to_string(index)));
    return take(runtime_->shared_pipeline(all[index].application + "/" + all[index].name));
  }
  std::shared_ptr<Runtime> runtime_;
};

}  // namespace

void register_runtime(py::module_& module) {
  register_sensor_port(module);
  const py::class_<PyPipeline> pipeline(module, "PipelinePort",
                                        "Where one pipeline's results leave.");
  py::class_<PyNext>(module, "PreparedPlan", "A plan that is compiled and can be swapped in.")
      .def_property_readonly("number", [](const PyNext& next) {
        return next.generation ? next.generation->number : 0;
      });
  py::class_<PyRuntime>(module, "Runtime", "Runs a plan. Opens and warms every model, or raises.")
      .def(py::init<const PlanSpec&, int, const std::string&, const py::object&, double,
                    std::size_t>(),
           "plan"_a, "lanes"_a = 0, "order"_a = "edf", "share"_a = py::none(),
           "ageing_ms"_a = 100.0, "cache_bytes"_a = 0,
           "`share`: None, or a dict of path, slots, slot_bytes, most_held.")
      .def("shared_array", &PyRuntime::shared_array, "shape"_a, "dtype"_a = "uint8",
           "A writable array in the memory that is lent: what is pushed from it is lent without a "
           "copy.")
      .def("set_order", &PyRuntime::set_order, "order"_a,
           "How work is ranked from now on; what waits keeps its rank.")
      .def("set_ageing", &PyRuntime::set_ageing, "ageing_ms"_a,
           "Under order: priority, the waiting that makes up for one step, from now on.")
      .def("start", &PyRuntime::start)
      .def("stop", &PyRuntime::stop, "drain"_a = true, "timeout"_a = 10.0)
      .def("sensor", &PyRuntime::sensor, "name"_a)
      .def("pipeline", &PyRuntime::pipeline, "name"_a,
           "By \"application/name\"; good for what takes a pipeline, whatever is deployed later.")
      .def("goes_on", &PyRuntime::goes_on, "pipeline"_a,
           "Whether the plan at hand has this very one: its results go on.")
      .def("prepare", &PyRuntime::prepare, "plan"_a,
           "Compiles a plan to follow the one at hand, with what that has of it; nothing changes.")
      .def("swap", &PyRuntime::swap, "next"_a,
           "Each sensor's next frame goes to that plan. Its number.")
      .def("applications", &PyRuntime::applications,
           "In the order that set_table() and load() have; those that are gone keep their places.")
      .def("rest", &PyRuntime::rest, "sensor"_a, "resting"_a,
           "No frames of it come for now, or they do again: joins don't wait for one that rests.")
      .def("reopen", &PyRuntime::reopen, "sensor"_a,
           "Takes frames of a finished sensor again; its pipelines are no longer finished.")
      .def("attach_reader", &PyRuntime::attach_reader, "pipeline"_a,
           "From now on a full queue holds the sensor back (when_full: block).")
      .def("detach_reader", &PyRuntime::detach_reader, "pipeline"_a,
           "Nobody reads it from now on: its newest results are kept, and its sensor goes on.")
      .def("next_result", &PyRuntime::next_result, "pipeline"_a, "timeout"_a = py::none(),
           "The oldest result not yet taken; None after `timeout` seconds, or when finished.")
      .def("finished", &PyRuntime::finished, "pipeline"_a)
      .def("metrics", &PyRuntime::metrics)
      .def("load", &PyRuntime::load,
           "What a policy looks at: a record of float64, as runtime/load_meter.h lays it out. "
           "By one thread at a time.")
      .def(
          "queues", &PyRuntime::queues,
          "The queues in the record's order: model (index in the plan, or -1), aside, nodes (ids).")
      .def(
          "set_table", &PyRuntime::set_table, "base"_a, "applications"_a, "pipelines"_a, "queues"_a,
          "From now on work is ranked by `base`, plus milliseconds by application, by pipeline and "
          "by queue; lists in the plan's and queues()' order.")
      .def("keep_free", &PyRuntime::keep_lanes_free, "lanes"_a,
           "longer_ms"_a = std::numeric_limits<double>::infinity(),
           "queues"_a = std::vector<bool>(),
           "From now on runs that are expected to take longer, and those of queues (flags, in "
           "queues()' order), leave so many lanes to the others; 0 lanes: none.")
      .def("set_batches", &PyRuntime::set_batches, "items"_a,
           "Works that may run as one, by queue in queues()' order: 1 to the model's batch.")
      .def("set_places", &PyRuntime::set_places, "sites"_a,
           "Where models run from now on, by queue in queues()' order: an index in the model's "
           "devices, or -1: each run where it is expected to end first.")
      .def("set_admission", &PyRuntime::set_admission, "shares"_a,
           "Of each pipeline's due frames the share that is taken, 0 to 1, in the plan's order.")
      .def("start_trace", &PyRuntime::start_trace, "most"_a,
           "Notes what happens, `most` records of 64 bytes.")
      .def("stop_trace", &PyRuntime::stop_trace,
           "A dict: `records` (a structured array; csrc/edgert/metrics/trace.h), `lost`, and the "
           "`owners` of each node's bits of wanted_by (pipelines).")
      .def("prometheus", &PyRuntime::prometheus);
}

}  // namespace edgert::python
