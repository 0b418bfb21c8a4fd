// One operation by itself, without a plan: for tests, benchmarks, and to try a transform.
#include <pybind11/stl.h>

#include <ctime>
#include <mutex>

#include "bindings/convert.h"
#include "bindings/python_owner.h"
#include "bindings/register.h"
#include "bindings/status_cast.h"
#include "edgert/transform/transform.h"

namespace py = pybind11;
using namespace py::literals;

namespace edgert::python {
namespace {

class Context final : public RunContext {
 public:
  explicit Context(std::span<const TensorSpec> specs) : specs_(specs), outputs_(specs.size()) {}

  Status allocate(int index, const Shape& shape) override {
    const TensorSpec& spec = specs_[static_cast<std::size_t>(index)];
    const auto bytes = static_cast<std::size_t>(shape.elements()) * dtype_size(spec.dtype);
    if (!shape.is_static() || bytes > spec.bytes())
      return Status::internal(spec.name,
                              "an output of shape " + shape.text() + " exceeds its announced size");
    output(index) = allocate_tensor(spec.dtype, shape);
    return {};
  }
  Tensor& output(int index) override { return outputs_[static_cast<std::size_t>(index)]; }
  std::byte* scratch(std::size_t bytes) override {
    if (!scratch_ || scratch_->size() < bytes) scratch_ = allocate_buffer(bytes + 64);
    return scratch_->data();
  }
  void clear() {
    for (Tensor& tensor : outputs_) tensor.reset();
  }

 private:
  std::span<const TensorSpec> specs_;
  std::vector<Tensor> outputs_;
  BufferRef scratch_;
};

std::int64_t thread_time() {
  timespec at{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
  return at.tv_sec * std::int64_t{1'000'000'000} + at.tv_nsec;
}

TensorSpec to_spec(const py::dict& values) {
  const auto dtype = dtype_from_name(values["dtype"].cast<std::string>());
  if (!dtype) raise(Status::invalid("input", "its dtype is unknown"));
  TensorSpec spec{"input", *dtype, Shape(values["shape"].cast<std::vector<std::int64_t>>()), 0};
  if (values.contains("max_elements"))
    spec.max_bytes = values["max_elements"].cast<std::size_t>() * dtype_size(*dtype);
  return spec;
}

class PyOperation {
 public:
  PyOperation(const std::string& name, const py::dict& params,
              const std::vector<py::dict>& inputs) {
    for (const py::dict& input : inputs) {
      const bool frame = input.contains("kind");
      frames_.push_back(frame ? to_format(input) : FrameFormat{});
      tensors_.push_back(frame ? TensorSpec{} : to_spec(input));
      is_frame_.push_back(frame);
    }
    std::vector<InputFormat> formats;
    for (std::size_t i = 0; i < inputs.size(); ++i)
      formats.push_back(is_frame_[i] ? InputFormat{&frames_[i], nullptr}
                                     : InputFormat{nullptr, &tensors_[i]});
    transform_ = take(make_transform(name, to_params(params, name), formats));
    context_ = std::make_unique<Context>(transform_->outputs());
  }

  py::list run(const std::vector<py::array>& arrays, double media_time, bool gap, bool last) {
    release_unused();
    if (arrays.size() != is_frame_.size())
      raise(Status::invalid("inputs", "got " + std::to_string(arrays.size()),
                            "pass " + std::to_string(is_frame_.size())));
    std::vector<Tensor> tensors;
    std::vector<FrameRef> frames(arrays.size());
    std::vector<Input> inputs;
    for (std::size_t i = 0; i < arrays.size(); ++i)
      tensors.push_back(share_array(arrays[i], "input " + std::to_string(i)));
    for (std::size_t i = 0; i < arrays.size(); ++i) {
      if (is_frame_[i]) frames[i] = frame_of(i, tensors[i], media_time, gap, last);
      inputs.push_back(is_frame_[i] ? Input{frames[i].get(), nullptr}
                                    : Input{nullptr, &tensors[i]});
    }
    ++sequence_;
    Status status;
    {
      py::gil_scoped_release unlocked;
      const std::lock_guard<std::mutex> lock(mutex_);
      const std::int64_t began = thread_time();
      status = transform_->run(inputs, *context_);
      spent_ += thread_time() - began;
    }
    check(status);
    py::list out;
    for (std::size_t i = 0; i < transform_->outputs().size(); ++i)
      out.append(to_array(context_->output(static_cast<int>(i)), true));
    context_->clear();
    return out;
  }

  void reset() { transform_->reset(); }
  double seconds() const { return static_cast<double>(spent_) / 1e9; }
  py::list outputs() const {
    py::list out;
    for (const TensorSpec& spec : transform_->outputs()) out.append(from_spec(spec));
    return out;
  }

 private:
  FrameRef frame_of(std::size_t i, const Tensor& samples, double media_time, bool gap, bool last) {
    if (frames_[i].kind == FrameKind::kImage)
      raise(Status::invalid("input " + std::to_string(i), "pictures are not taken here",
                            "push them through a plan"));
    FrameRef frame = make_frame();
    frame->kind = frames_[i].kind;
    frame->audio = frames_[i].audio;
    frame->samples = samples;
    frame->media_time = static_cast<Nanos>(media_time * 1e9);
    frame->sequence = sequence_;
    frame->gap_before = gap;
    frame->last = last;
    return frame;
  }

  std::vector<FrameFormat> frames_;
  std::vector<TensorSpec> tensors_;
  std::vector<bool> is_frame_;
  std::unique_ptr<Transform> transform_;
  std::unique_ptr<Context> context_;
  std::uint64_t sequence_ = 0;
  std::int64_t spent_ = 0;  // ns
  std::mutex mutex_;
};

}  // namespace

void register_operation(py::module_& module) {
  py::class_<PyOperation>(module, "Operation",
                          "One operation of docs/operations.md by itself, on NumPy arrays.")
      .def(py::init<const std::string&, const py::dict&, const std::vector<py::dict>&>(), "name"_a,
           "params"_a, "inputs"_a,
           "`inputs`: for each a frame's format (a dict with `kind`), or a tensor's: dtype, shape "
           "(-1: free), max_elements. Raises InvalidError.")
      .def_property_readonly("outputs", &PyOperation::outputs,
                             "List of dicts: name, dtype, shape (-1: free).")
      .def("run", &PyOperation::run, "arrays"_a, "media_time"_a = 0.0, "gap"_a = false,
           "last"_a = false,
           "Runs it once; a frame is its samples [n, channels] or rows. Returns the outputs; those "
           "that share an input's memory do so here. Frames count up by themselves.")
      .def_property_readonly("seconds", &PyOperation::seconds,
                             "CPU time spent in the operation itself so far.")
      .def("reset", &PyOperation::reset, "Forgets what a stateful one has seen.");
}

}  // namespace edgert::python
