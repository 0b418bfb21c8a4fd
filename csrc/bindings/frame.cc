// Frames: read-only views of a source's memory.
#include "bindings/frame.h"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include "bindings/convert.h"
#include "bindings/register.h"

namespace py = pybind11;
using namespace py::literals;

namespace edgert::python {
py::list planes(const PyFrame& self) {
  py::list out;
  const Frame& frame = *self.frame;
  for (int i = 0; i < frame.plane_count; ++i) {
    const Plane& plane = frame.planes[static_cast<std::size_t>(i)];
    const int bytes = plane_layout(frame.image.pixel, i, 0, 0).sample_bytes;
    FrameRef held = self.frame;
    py::capsule owner(held.detach(), [](void* of) { static_cast<Frame*>(of)->release(); });
    std::vector<py::ssize_t> shape{plane.height, plane.width}, strides{plane.stride, bytes};
    if (bytes > 1) {
      shape.push_back(bytes);
      strides.push_back(1);
    }
    py::array array(to_numpy(DType::kUInt8), shape, strides, plane.data, owner);
    py::detail::array_proxy(array.ptr())->flags &= ~py::detail::npy_api::NPY_ARRAY_WRITEABLE_;
    out.append(array);
  }
  return out;
}

py::object samples(const PyFrame& self) {
  return self.frame->samples ? py::object(to_array(self.frame->samples)) : py::object(py::none());
}

void register_frame(py::module_& module) {
  py::class_<PyFrame>(
      module, "Frame",
      "One immutable sample of a sensor. Its arrays are read-only views of the source's memory.")
      .def_property_readonly(
          "width", [](const PyFrame& f) { return f.frame->image.width; },
          "Pixels; 0 if this is no image.")
      .def_property_readonly(
          "height", [](const PyFrame& f) { return f.frame->image.height; },
          "Pixels; 0 if this is no image.")
      .def_property_readonly(
          "pixel",
          [](const PyFrame& f) { return std::string(pixel_format_name(f.frame->image.pixel)); })
      .def_property_readonly("range",
                             [](const PyFrame& f) {
                               return f.frame->image.range == ColourRange::kVideo ? "video"
                                                                                  : "full";
                             })
      .def_property_readonly("matrix",
                             [](const PyFrame& f) {
                               return f.frame->image.matrix == ColourMatrix::kBt601 ? "bt601"
                                                                                    : "bt709";
                             })
      .def_property_readonly("planes", &planes,
                             "uint8 arrays [height, width] or [height, width, components], strided "
                             "as the source laid them.")
      .def_property_readonly("samples", &samples,
                             "Audio [n, channels] or table rows [n, columns]; None for an image.");
}

}  // namespace edgert::python
