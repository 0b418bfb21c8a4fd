#include "bindings/sensor_port.h"

#include <pybind11/stl.h>

#include <cmath>

#include "bindings/convert.h"
#include "bindings/gil.h"
#include "bindings/status_cast.h"

namespace edgert::python {

using namespace py::literals;

Nanos deadline_of(std::optional<double> timeout) {
  if (!timeout || !std::isfinite(*timeout) || *timeout > 1e9) return kNever;
  return now() + static_cast<Nanos>(std::max(0.0, *timeout) * kSecond);
}

bool PyPort::push_image(const py::sequence& planes, const std::vector<std::int64_t>& strides,
                        int width, int height, const std::string& pixel, const std::string& range,
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

bool PyPort::push_samples(const py::array& array, double media_time, double decode_ms, bool gap,
                          std::optional<double> timeout, bool last, double capture) {
  release_unused();
  FrameRef frame = blank(media_time, decode_ms, gap, capture);
  frame->kind = port_->format().kind;
  frame->audio = port_->format().audio;
  frame->samples = share_array(array, where());
  frame->last = last;
  return push(std::move(frame), timeout);
}

bool PyPort::push_frame(const SourcedFrame& given, std::optional<double> timeout) {
  release_unused();
  return push(given.frame, timeout);
}

void PyPort::finish() {
  const Unlocked unlocked;
  port_->finish();
}

std::int64_t PyPort::held() {
  release_unused();
  return held_->load(std::memory_order_relaxed);
}

FrameRef PyPort::blank(double media_time, double decode_ms, bool gap, double capture) {
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

void PyPort::share_planes(Frame& frame, const py::sequence& planes,
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
                                " bytes with a stride of " + std::to_string(strides[i]) + " for " +
                                std::to_string(width) + "×" + std::to_string(height),
                            "check the width, the height and the strides (bytes a row)"));
    }
    frame.planes[i] = {static_cast<const std::uint8_t*>(view.buf), strides[i], width, height};
  }
  frame.plane_count = static_cast<int>(count);
  frame.owner = own_views(std::move(views), lent ? held_ : HeldCount());
}

bool PyPort::push(FrameRef frame, std::optional<double> timeout) {
  const Nanos deadline = deadline_of(timeout);
  return take([&] {
    const Unlocked unlocked;
    return port_->push(std::move(frame), deadline);
  }());
}

void register_sensor_port(py::module_& module) {
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
}

}  // namespace edgert::python
