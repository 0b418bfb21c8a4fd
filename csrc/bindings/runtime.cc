// The runtime and where frames enter it.
#include "edgert/runtime/runtime.h"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <cmath>
#include <limits>

#include "bindings/convert.h"
#include "bindings/gil.h"
#include "bindings/metrics.h"
#include "bindings/policy.h"
#include "bindings/python_owner.h"
#include "bindings/register.h"
#include "bindings/result.h"
#include "bindings/share.h"
#include "bindings/source.h"
#include "bindings/status_cast.h"
#include "bindings/trace.h"

namespace py = pybind11;
using namespace py::literals;

namespace edgert::python {
namespace {

Nanos deadline_of(std::optional<double> timeout) {
  if (!timeout || !std::isfinite(*timeout) || *timeout > 1e9) return kNever;
  return now() + static_cast<Nanos>(std::max(0.0, *timeout) * kSecond);
}

class PyPort {
 public:
  PyPort(std::shared_ptr<Runtime> runtime, std::shared_ptr<SensorPort> port)
      : runtime_(std::move(runtime)), port_(std::move(port)) {}

  bool push_image(const py::sequence& planes, const std::vector<std::int64_t>& strides, int width,
                  int height, const std::string& pixel, const std::string& range,
                  const std::string& matrix, const std::string& siting, double media_time,
                  double decode_ms, bool gap, std::optional<double> timeout, double capture,
                  bool lent) {
    release_unused();
    FrameRef frame = blank(media_time, decode_ms, gap, capture);
    frame->kind = FrameKind::kImage;
    frame->image = {to_pixel(pixel),  width, height, to_range(range), to_matrix(matrix),
                    to_siting(siting)};
    share_planes(*frame, planes, strides, lent);
    return push(std::move(frame), timeout);
  }

  bool push_samples(const py::array& array, double media_time, double decode_ms, bool gap,
                    std::optional<double> timeout, bool last, double capture) {
    release_unused();
    FrameRef frame = blank(media_time, decode_ms, gap, capture);
    frame->kind = port_->format().kind;
    frame->audio = port_->format().audio;
    frame->samples = share_array(array, where());
    frame->last = last;
    return push(std::move(frame), timeout);
  }

  // The frame can be pushed again when this raises.
  bool push_frame(const SourcedFrame& given, std::optional<double> timeout) {
    release_unused();
    return push(given.frame, timeout);
  }

  void finish() {
    const Unlocked unlocked;
    port_->finish();
  }
  std::string name() const { return port_->name(); }
  int number() const { return port_->number(); }
  std::int64_t held() {
    release_unused();
    return held_->load(std::memory_order_relaxed);
  }

 private:
  std::string where() const { return "sensor '" + port_->name() + "'"; }

  FrameRef blank(double media_time, double decode_ms, bool gap, double capture) {
    FrameRef frame = port_->blank();
    if (!frame)
      raise(Status(Code::kExhausted, where(), "too many of its frames are held by readers",
                   "let results go sooner"));
    frame->decode = static_cast<Nanos>(decode_ms * kMillisecond);
    frame->capture = capture >= 0 ? static_cast<Nanos>(capture * kSecond) : now() - frame->decode;
    if (first_ == 0) first_ = frame->capture;
    frame->media_time =
        media_time >= 0 ? static_cast<Nanos>(media_time * kSecond) : frame->capture - first_;
    frame->gap_before = gap;
    return frame;
  }

  void share_planes(Frame& frame, const py::sequence& planes,
                    const std::vector<std::int64_t>& strides, bool lent) {
    if (frame.image.width < 1 || frame.image.height < 1)
      raise(Status::invalid(where(), "the image is empty", "push at least one pixel"));
    const PixelFormat pixel = frame.image.pixel;
    const auto count = static_cast<std::size_t>(plane_count(pixel));
    if (py::len(planes) != count || strides.size() != count)
      raise(Status::invalid(where(), std::string(pixel_format_name(pixel)) + " has " +
                                         std::to_string(count) + " planes, got " +
                                         std::to_string(py::len(planes)) + " with " +
                                         std::to_string(strides.size()) + " strides"));
    std::vector<Py_buffer> views;
    for (std::size_t i = 0; i < count; ++i) {
      const auto [width, height, bytes] =
          plane_layout(pixel, static_cast<int>(i), frame.image.width, frame.image.height);
      const std::int64_t row = std::int64_t{width} * bytes;
      Py_buffer view;
      const bool viewed = PyObject_GetBuffer(py::object(planes[i]).ptr(), &view, PyBUF_SIMPLE) == 0;
      if (viewed) views.push_back(view);
      if (!viewed || strides[i] < row || view.len < strides[i] * (height - 1) + row) {
        for (Py_buffer& taken : views) PyBuffer_Release(&taken);
        if (!viewed) throw py::error_already_set();
        raise(Status::invalid(where(),
                              "plane " + std::to_string(i) +
                                  " is too small: " + std::to_string(view.len) +
                                  " bytes with a stride of " + std::to_string(strides[i]) +
                                  " for " + std::to_string(width) + "×" + std::to_string(height),
                              "check the width, the height and the strides (bytes a row)"));
      }
      frame.planes[i] = {static_cast<const std::uint8_t*>(view.buf), strides[i], width, height};
    }
    frame.plane_count = static_cast<int>(count);
    frame.owner = own_views(std::move(views), lent ? held_ : HeldCount());
  }

  bool push(FrameRef frame, std::optional<double> timeout) {
    const Nanos deadline = deadline_of(timeout);
    return take([&] {
      const Unlocked unlocked;
      return port_->push(std::move(frame), deadline);
    }());
  }

  std::shared_ptr<Runtime> runtime_;
  std::shared_ptr<SensorPort> port_;
  Nanos first_ = 0;
  HeldCount held_ = std::make_shared<std::atomic<std::int64_t>>(0);
};

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
  py::class_<PyPort>(
      module, "SensorPort",
      "Where a source pushes a sensor's frames. True: taken; False: dropped, and counted.")
      .def_property_readonly("name", &PyPort::name)
      .def("push_image", &PyPort::push_image, "planes"_a, "strides"_a, "width"_a, "height"_a,
           "pixel"_a, "range"_a = "video", "matrix"_a = "bt601", "siting"_a = "left",
           "media_time"_a = -1.0, "decode_ms"_a = 0.0, "gap"_a = false, "timeout"_a = py::none(),
           "capture"_a = -1.0, "lent"_a = false,
           "Objects with the buffer protocol, one a plane, kept alive and never copied; strides in "
           "bytes. `capture` is on the monotonic clock, in seconds; below 0, now less decode_ms. "
           "`lent` frames count in held().")
      .def("push_samples", &PyPort::push_samples, "array"_a, "media_time"_a = -1.0,
           "decode_ms"_a = 0.0, "gap"_a = false, "timeout"_a = py::none(), "last"_a = false,
           "capture"_a = -1.0,
           "An array [n, channels] of the sensor's dtype, or float32 [n, columns]; kept alive and "
           "never copied. `last`: nothing of this stream follows.")
      .def("push_frame", &PyPort::push_frame, "frame"_a, "timeout"_a = py::none(),
           "A frame of a C++ source.")
      .def("finish", &PyPort::finish, "No more frames will come.")
      .def_property_readonly("number", &PyPort::number,
                             "The same as long as plans that follow each other have this sensor.")
      .def("held", &PyPort::held, "Lent frames whose memory is still used.");
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
