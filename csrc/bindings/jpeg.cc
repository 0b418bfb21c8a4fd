// JPEG pictures to planes, for the sources.
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include "bindings/convert.h"
#include "bindings/gil.h"
#include "bindings/register.h"
#include "bindings/status_cast.h"
#include "edgert/transform/jpeg/decoder.h"

namespace py = pybind11;
using namespace py::literals;

namespace edgert::python {
namespace {

// A plane as a read-only array that keeps its buffer.
py::array plane_array(const Frame& frame, int index) {
  const Plane& plane = frame.planes[static_cast<std::size_t>(index)];
  BufferRef held = frame.owner;
  py::capsule owner(held.detach(), [](void* of) { static_cast<Buffer*>(of)->release(); });
  // Rows with their padding: one run of bytes, as push_image takes it.
  const std::vector<py::ssize_t> shape{plane.stride * plane.height};
  py::array array(to_numpy(DType::kUInt8), shape, {py::ssize_t{1}}, plane.data, owner);
  py::detail::array_proxy(array.ptr())->flags &= ~py::detail::npy_api::NPY_ARRAY_WRITEABLE_;
  return array;
}

class PyJpegDecoder {
 public:
  PyJpegDecoder() : decoder_(take(JpegDecoder::open())) {}

  py::dict decode(const py::buffer& data) {
    Py_buffer view;
    if (PyObject_GetBuffer(data.ptr(), &view, PyBUF_SIMPLE) != 0) throw py::error_already_set();
    const FrameRef frame = make_frame();
    const Status status = [&] {
      const Unlocked unlocked;
      return decoder_->decode(
          {static_cast<const std::uint8_t*>(view.buf), static_cast<std::size_t>(view.len)}, *frame);
    }();
    PyBuffer_Release(&view);
    check(status);
    py::list planes, strides;
    for (int i = 0; i < frame->plane_count; ++i) {
      planes.append(plane_array(*frame, i));
      strides.append(frame->planes[static_cast<std::size_t>(i)].stride);
    }
    return py::dict("planes"_a = planes, "strides"_a = strides, "width"_a = frame->image.width,
                    "height"_a = frame->image.height,
                    "pixel"_a = std::string(pixel_format_name(frame->image.pixel)));
  }

 private:
  std::unique_ptr<JpegDecoder> decoder_;
};

}  // namespace

void register_jpeg(py::module_& module) {
  py::class_<PyJpegDecoder>(module, "JpegDecoder",
                            "JPEG pictures to planes by libjpeg-turbo; raises UnavailableError "
                            "where it isn't there. For one thread.")
      .def(py::init<>())
      .def("decode", &PyJpegDecoder::decode, "data"_a,
           "A picture's planes, strides, width, height and pixel format (yuv420p or gray, full "
           "range, BT.601, chroma in the centre). Raises InvalidError for a damaged one.");
}

}  // namespace edgert::python
