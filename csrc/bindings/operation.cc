// One operation by itself, without a plan: what it makes of formats, and runs of it on arrays.
#include "bindings/operation.h"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <ctime>
#include <deque>
#include <mutex>

#include "bindings/convert.h"
#include "bindings/gil.h"
#include "bindings/heap_context.h"
#include "bindings/python_owner.h"
#include "bindings/register.h"
#include "bindings/status_cast.h"
#include "edgert/base/clock.h"

namespace py = pybind11;
using namespace py::literals;

namespace edgert::python {
namespace {

Nanos thread_time() {
  timespec at{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
  return at.tv_sec * kSecond + at.tv_nsec;
}

// What two readings of that clock, which asks the kernel, and two of the other between them take:
// it isn't the operation's.
Nanos clock_cost() {
  Nanos least = kSecond;
  for (int i = 0; i < 100; ++i) {
    const Nanos before = thread_time();
    static_cast<void>(now() - now());
    least = std::min(least, thread_time() - before);
  }
  return least;
}

// What a frame says beside its data.
struct Stamp {
  Nanos media_time = 0;
  std::uint64_t sequence = 0;
  bool gap = false;
  bool last = false;
};

// A list of planes [height, width] or [height, width, bytes].
void set_planes(Frame& frame, const py::object& given, const std::string& where) {
  std::vector<Py_buffer> views;
  for (py::handle item : given) {
    const auto plane = item.cast<py::array>();
    if (plane.ndim() < 2 || frame.plane_count == 3)
      raise(Status::invalid(where, "a picture is at most three planes [height, width]"));
    Py_buffer view;
    if (PyObject_GetBuffer(plane.ptr(), &view, PyBUF_STRIDES) != 0) throw py::error_already_set();
    views.push_back(view);
    frame.planes[static_cast<std::size_t>(frame.plane_count++)] = {
        static_cast<const std::uint8_t*>(plane.data()), plane.strides(0),
        static_cast<int>(plane.shape(1)), static_cast<int>(plane.shape(0))};
  }
  if (views.empty()) raise(Status::invalid(where, "a picture has at least one plane"));
  frame.owner = own_views(std::move(views));
  if (frame.image.width < 1 || frame.image.height < 1) {
    frame.image.width = frame.planes[0].width;
    frame.image.height = frame.planes[0].height;
  }
}

FrameRef frame_of(const FrameFormat& format, const py::object& given, const Stamp& stamp,
                  const std::string& where) {
  FrameRef frame = make_frame();
  frame->kind = format.kind;
  frame->image = format.image;
  frame->audio = format.audio;
  frame->media_time = stamp.media_time;
  frame->sequence = stamp.sequence;
  frame->gap_before = stamp.gap;
  frame->last = stamp.last;
  if (format.kind == FrameKind::kImage)
    set_planes(*frame, given, where);
  else
    frame->samples = share_array(given.cast<py::array>(), where);
  return frame;
}

class PyOperation {
 public:
  PyOperation(std::string op, const py::dict& params, const py::list& inputs) : op_(std::move(op)) {
    for (py::handle input : inputs) add_format(input.cast<py::dict>());
    transform_ = take(make_transform(op_, to_params(params, op_), formats_));
    context_ = std::make_unique<HeapContext>(transform_->outputs());
  }

  py::list outputs() const {
    py::list out;
    for (const TensorSpec& spec : transform_->outputs()) out.append(from_spec(spec));
    return out;
  }
  bool stateful() const { return transform_->stateful(); }
  bool cheap() const { return transform_->cheap(); }
  double seconds() const { return static_cast<double>(spent_) / kSecond; }
  double last_seconds() const { return static_cast<double>(took_) / kSecond; }

  py::list run(const py::list& given, double media_time, bool gap, bool last) {
    release_unused();
    if (py::len(given) != formats_.size())
      raise(Status::invalid(op_, "takes " + std::to_string(formats_.size()) + " inputs, got " +
                                     std::to_string(py::len(given))));
    const Stamp stamp{static_cast<Nanos>(media_time * kSecond), sequence_++, gap, last};
    std::deque<Tensor> tensors;
    std::vector<FrameRef> frames;
    std::vector<Input> inputs;
    for (std::size_t i = 0; i < formats_.size(); ++i) {
      const std::string where = op_ + ": input " + std::to_string(i);
      if (formats_[i].frame) {
        frames.push_back(frame_of(*formats_[i].frame, given[i], stamp, where));
        inputs.push_back({frames.back().get(), nullptr});
      } else {
        tensors.push_back(share_array(given[i].cast<py::array>(), where));
        inputs.push_back({nullptr, &tensors.back()});
      }
    }
    py::list out;
    for (const Tensor& tensor : made_of(inputs)) out.append(to_array(tensor));
    return out;
  }

  void reset() {
    const Unlocked unlocked;
    const std::lock_guard<std::mutex> lock(mutex_);
    transform_->reset();
  }

 private:
  void add_format(const py::dict& input) {
    if (input.contains("kind")) {
      frames_.push_back(to_format(input));
      formats_.push_back({&frames_.back(), nullptr});
    } else {
      tensors_.push_back(to_spec(input, op_));
      formats_.push_back({nullptr, &tensors_.back()});
    }
  }

  std::vector<Tensor> made_of(const std::vector<Input>& inputs) {
    std::vector<Tensor> made;
    Status status;
    {
      const Unlocked unlocked;
      const std::lock_guard<std::mutex> lock(mutex_);
      const Nanos before = thread_time();
      const Nanos began = now();
      status = transform_->run(inputs, *context_);
      took_ = now() - began;
      spent_ += std::max<Nanos>(thread_time() - before - clock_cost_, 0);
      made = context_->take();
    }
    check(status);
    return made;
  }

  std::string op_;
  std::deque<FrameFormat> frames_;  // stay where they are
  std::deque<TensorSpec> tensors_;
  std::vector<InputFormat> formats_;
  std::unique_ptr<Transform> transform_;
  std::unique_ptr<HeapContext> context_;
  const Nanos clock_cost_ = clock_cost();
  std::uint64_t sequence_ = 0;
  Nanos spent_ = 0;
  Nanos took_ = 0;
  std::mutex mutex_;
};

}  // namespace

py::list outputs_of(const std::string& op, const py::dict& params, const py::list& inputs) {
  return PyOperation(op, params, inputs).outputs();
}

void register_operation(py::module_& module) {
  register_plugin(module);
  py::class_<PyOperation>(module, "Operation",
                          "One operation of docs/operations.md by itself, on NumPy arrays.")
      .def(py::init<std::string, const py::dict&, const py::list&>(), "op"_a, "params"_a,
           "inputs"_a,
           "`inputs`: for each a frame's format (a dict with `kind`), or a tensor's: dtype, shape "
           "(-1: free), and max_bytes where that is free. Raises InvalidError.")
      .def_property_readonly("outputs", &PyOperation::outputs,
                             "List of dicts: name, dtype, shape (-1: free), max_bytes.")
      .def_property_readonly("stateful", &PyOperation::stateful)
      .def_property_readonly("cheap", &PyOperation::cheap)
      .def("run", &PyOperation::run, "inputs"_a, "media_time"_a = 0.0, "gap"_a = false,
           "last"_a = false,
           "Runs it once. A picture is a list of planes [height, width] or [height, width, bytes]; "
           "another frame is its samples [n, channels] or rows. Returns the outputs, read-only; "
           "those that share an input's memory do so here. Frames count up by themselves.")
      .def_property_readonly("seconds", &PyOperation::seconds,
                             "CPU time spent in the operation itself so far.")
      .def_property_readonly("last_seconds", &PyOperation::last_seconds,
                             "What the last run took by the clock.")
      .def("reset", &PyOperation::reset, "Forgets what a stateful one has seen.");
}

}  // namespace edgert::python
