// Results: a pipeline's answers for one frame.
#include "bindings/result.h"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include "bindings/convert.h"
#include "bindings/frame.h"
#include "bindings/register.h"
#include "bindings/status_cast.h"

namespace py = pybind11;
using namespace py::literals;

namespace edgert::python {
namespace {

struct PyResult {
  std::string pipeline, application, sensor, status;
  std::uint64_t sequence = 0, generation = 0;
  double media_time = 0, latency_ms = 0, age_ms = 0;
  Nanos capture = 0;
  std::string outcome;
  bool missed = false, cached = false;
  py::object error = py::none();
  py::dict stages, outputs, rows, ages;
  PyFrame frame;
};

double milliseconds(Nanos nanos) {
  return static_cast<double>(nanos) / kMillisecond;
}

py::object output_value(const ResultOutput& output, bool scoped) {
  if (!scoped)
    return output.entries.empty() ? py::object(py::none())
                                  : py::object(to_array(output.entries.front().tensor));
  if (!output.status.ok() && output.entries.empty()) return py::none();
  py::list list;
  for (const ResultEntry& entry : output.entries)
    list.append(py::make_tuple(entry.row, to_array(entry.tensor)));
  return list;
}

py::dict stages_of(const Stages& stages) {
  return py::dict("decode"_a = milliseconds(stages.decode), "inbox"_a = milliseconds(stages.inbox),
                  "transform"_a = milliseconds(stages.transforms),
                  "model"_a = milliseconds(stages.models), "queue"_a = milliseconds(stages.waiting),
                  "total"_a = milliseconds(stages.total));
}

std::string status_name(const Status& status) {
  return status.ok() ? "ok" : std::string(code_name(status.code()));
}

}  // namespace

py::object to_result(Answer& answer) {
  const PipelineOutline& outline = *answer.outline;
  PyResult result;
  result.pipeline = outline.name;
  result.application = outline.application;
  result.sensor = outline.sensor;
  result.generation = outline.generation;
  Status status = answer.status;
  for (std::size_t i = 0; i < answer.outputs.size(); ++i) {
    const ResultOutput& output = answer.outputs[i];
    const py::str name(outline.outputs[i].name);
    const bool scoped = outline.outputs[i].by_row;
    result.outputs[name] = output_value(output, scoped);
    if (scoped && output.rows) result.rows[name] = to_array(output.rows);
    if (output.age > 0) result.ages[name] = milliseconds(output.age);
    if (status.ok() && !output.status.ok() && output.status.code() != Code::kSkipped)
      status = output.status;
  }
  result.status = status_name(status);
  if (!status.ok()) result.error = to_exception(status);
  result.sequence = answer.frame->sequence;
  result.media_time = static_cast<double>(answer.frame->media_time) / kSecond;
  result.capture = answer.frame->capture;
  result.outcome = kOutcomeNames[static_cast<std::size_t>(answer.outcome)];
  result.missed = answer.missed;
  result.cached = answer.cached;
  result.latency_ms = milliseconds(answer.stages.total);
  result.age_ms = milliseconds(answer.age);
  result.stages = stages_of(answer.stages);
  result.frame.frame = std::move(answer.frame);
  return py::cast(std::move(result));
}

py::object to_frame(FrameRef frame) {
  return py::cast(PyFrame{std::move(frame)});
}

void register_result(py::module_& module) {
  py::class_<PyResult>(module, "Result", "What a pipeline says of one frame.")
      .def_readonly("pipeline", &PyResult::pipeline)
      .def_readonly("application", &PyResult::application)
      .def_readonly("sensor", &PyResult::sensor)
      .def_readonly("generation", &PyResult::generation,
                    "Of the runtime's plans the one that it was made by, counted from 1.")
      .def_readonly("sequence", &PyResult::sequence, "Of the frame, counted from 0.")
      .def_readonly("media_time", &PyResult::media_time,
                    "Seconds in the recording, or since the sensor's start.")
      .def_readonly("capture_ns", &PyResult::capture, "Monotonic clock.")
      .def_readonly("status", &PyResult::status,
                    "'ok', 'deadline', 'engine' …: of the first output that failed.")
      .def_readonly(
          "outcome", &PyResult::outcome,
          "'ok', 'late', 'skipped', 'dropped', 'failed' or 'stale': how it ended, one of them.")
      .def_readonly("age_ms", &PyResult::age_ms,
                    "How old the oldest thing is that it used; 0: all is of its frame. Of a stale "
                    "answer: since the capture of the frame that it is of.")
      .def_readonly("ages_ms", &PyResult::ages,
                    "By output, of those that used something of an earlier frame.")
      .def_readonly("error", &PyResult::error, "The exception that tells why, or None.")
      .def_readonly("latency_ms", &PyResult::latency_ms, "From capture to result.")
      .def_readonly("stages", &PyResult::stages,
                    "Milliseconds: decode, inbox, transform, model, queue, total.")
      .def_readonly(
          "outputs", &PyResult::outputs,
          "By name: an array, a list of (row, array) for what runs by regions or windows, or None.")
      .def_readonly("rows", &PyResult::rows,
                    "For the latter: regions [k, 5], or times [k, 2] of windows in seconds.")
      .def_readonly("deadline_missed", &PyResult::missed)
      .def_readonly("cached", &PyResult::cached,
                    "All of it was computed for another request of equal content.")
      .def_readonly("frame", &PyResult::frame);
}

}  // namespace edgert::python
