#include "bindings/convert.h"

#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <utility>

#include "bindings/python_owner.h"
#include "bindings/status_cast.h"

namespace py = pybind11;

namespace edgert::python {
namespace {

ParamValue to_list(const py::sequence& list, const std::string& where) {
  bool whole = true, text = py::len(list) > 0;
  for (py::handle item : list) {
    text &= py::isinstance<py::str>(item);
    whole &= py::isinstance<py::int_>(item);
  }
  try {
    if (text) return list.cast<std::vector<std::string>>();
    if (whole) return list.cast<std::vector<std::int64_t>>();
    return list.cast<std::vector<double>>();
  } catch (const py::cast_error&) {
    raise(Status::invalid(where, "a list must hold only texts or only numbers"));
  }
}

ParamValue to_param(py::handle value, const std::string& where) {
  if (py::isinstance<py::bool_>(value)) return value.cast<bool>();
  if (py::isinstance<py::int_>(value)) return value.cast<std::int64_t>();
  if (py::isinstance<py::float_>(value)) return value.cast<double>();
  if (py::isinstance<py::str>(value)) return value.cast<std::string>();
  if (py::isinstance<py::list>(value) || py::isinstance<py::tuple>(value))
    return to_list(py::reinterpret_borrow<py::sequence>(value), where);
  raise(Status::invalid(where,
                        "cannot use " + std::string(py::str(py::type::of(value).attr("__name__"))),
                        "use a number, a text, true or false, or a list of them"));
}

void only_keys(const py::dict& values, std::initializer_list<const char*> known) {
  for (auto [key, value] : values) {
    const std::string name = py::str(key);
    bool found = false;
    for (const char* candidate : known) found |= name == candidate;
    if (!found) raise(Status::invalid("format", "key '" + name + "' is unknown"));
  }
}

template <class T>
T field(const py::dict& values, const char* key, T fallback) {
  if (!values.contains(key)) return fallback;
  try {
    return values[key].cast<T>();
  } catch (const py::cast_error&) {
    raise(Status::invalid(std::string("format: ") + key, "has a wrong type"));
  }
}

[[noreturn]] void unknown(const char* what, const std::string& name, const char* known) {
  raise(Status::invalid(std::string("format: ") + what, "'" + name + "' is unknown",
                        std::string("known are: ") + known));
}

DType to_dtype(const std::string& name) {
  const auto dtype = dtype_from_name(name);
  if (!dtype) unknown("dtype", name, "float32, int16 …");
  return *dtype;
}

}  // namespace

Params to_params(const py::dict& values, const std::string& where) {
  Params params;
  for (auto [key, value] : values) {
    if (value.is_none()) continue;
    const std::string name = py::str(key);
    params.set(name, to_param(value, where + ": parameter '" + name + "'"));
  }
  return params;
}

PixelFormat to_pixel(const std::string& name) {
  const auto pixel = pixel_format_from_name(name);
  if (!pixel)
    unknown("pixel", name, "gray, rgb24, bgr24, yuv420p, nv12, yuyv422, yuv420p10le, p010le");
  return *pixel;
}

ColourRange to_range(const std::string& name) {
  if (name == "video") return ColourRange::kVideo;
  if (name == "full") return ColourRange::kFull;
  unknown("range", name, "video, full");
}

ColourMatrix to_matrix(const std::string& name) {
  if (name == "bt601") return ColourMatrix::kBt601;
  if (name == "bt709") return ColourMatrix::kBt709;
  unknown("matrix", name, "bt601, bt709");
}

ChromaSiting to_siting(const std::string& name) {
  if (name == "left") return ChromaSiting::kLeft;
  if (name == "centre") return ChromaSiting::kCentre;
  if (name == "top_left") return ChromaSiting::kTopLeft;
  unknown("siting", name, "left, centre, top_left");
}

const char* siting_name(ChromaSiting siting) {
  switch (siting) {
    case ChromaSiting::kCentre:
      return "centre";
    case ChromaSiting::kTopLeft:
      return "top_left";
    default:
      return "left";
  }
}

FrameFormat to_format(const py::dict& values) {
  FrameFormat format;
  const auto kind = field<std::string>(values, "kind", "");
  if (kind == "image") {
    only_keys(values, {"kind", "pixel", "width", "height", "range", "matrix", "siting"});
    format.kind = FrameKind::kImage;
    format.image = {to_pixel(field<std::string>(values, "pixel", "rgb24")),
                    field(values, "width", 0),
                    field(values, "height", 0),
                    to_range(field<std::string>(values, "range", "video")),
                    to_matrix(field<std::string>(values, "matrix", "bt601")),
                    to_siting(field<std::string>(values, "siting", "left"))};
  } else if (kind == "audio") {
    only_keys(values, {"kind", "rate", "channels", "dtype", "max_chunk"});
    format.kind = FrameKind::kAudio;
    format.audio = {field(values, "rate", 16000), field(values, "channels", 1),
                    to_dtype(field<std::string>(values, "dtype", "float32")),
                    field(values, "max_chunk", 0)};
  } else if (kind == "table") {
    only_keys(values, {"kind", "columns", "rate", "max_rows"});
    format.kind = FrameKind::kTable;
    format.table = {field<std::vector<std::string>>(values, "columns", {}),
                    field(values, "rate", 0.0), field(values, "max_rows", 1)};
  } else {
    unknown("kind", kind, "image, audio, table");
  }
  return format;
}

py::dict from_format(const FrameFormat& format) {
  using namespace py::literals;
  switch (format.kind) {
    case FrameKind::kImage: {
      const ImageFormat& image = format.image;
      return py::dict("kind"_a = "image", "pixel"_a = std::string(pixel_format_name(image.pixel)),
                      "width"_a = image.width, "height"_a = image.height,
                      "range"_a = image.range == ColourRange::kVideo ? "video" : "full",
                      "matrix"_a = image.matrix == ColourMatrix::kBt601 ? "bt601" : "bt709",
                      "siting"_a = siting_name(image.siting));
    }
    case FrameKind::kAudio:
      return py::dict("kind"_a = "audio", "rate"_a = format.audio.rate,
                      "channels"_a = format.audio.channels,
                      "dtype"_a = std::string(dtype_name(format.audio.dtype)),
                      "max_chunk"_a = format.audio.max_chunk);
    case FrameKind::kTable:
      return py::dict("kind"_a = "table", "columns"_a = format.table.columns,
                      "rate"_a = format.table.rate, "max_rows"_a = format.table.max_rows);
  }
  return {};
}

py::dict from_spec(const TensorSpec& spec) {
  using namespace py::literals;
  py::tuple shape(spec.shape.rank());
  for (int i = 0; i < spec.shape.rank(); ++i) shape[static_cast<std::size_t>(i)] = spec.shape[i];
  py::dict out("name"_a = spec.name, "dtype"_a = std::string(dtype_name(spec.dtype)),
               "shape"_a = shape);
  if (spec.max_bytes) out["max_bytes"] = spec.max_bytes;
  return out;
}

TensorSpec to_spec(const py::dict& values, const std::string& where) {
  TensorSpec spec;
  spec.name = field<std::string>(values, "name", "");
  spec.dtype = to_dtype(field<std::string>(values, "dtype", "float32"));
  spec.max_bytes = field<std::size_t>(values, "max_bytes", 0);
  const auto shape = field<std::vector<std::int64_t>>(values, "shape", {});
  if (shape.size() > static_cast<std::size_t>(Shape::kMaxRank))
    raise(Status::invalid(where, "a shape has at most 8 axes"));
  spec.shape = Shape(std::span<const std::int64_t>(shape));
  return spec;
}

namespace {

py::list from_io(const std::vector<TensorSpec>& specs,
                 const std::vector<Quantization>& quantization) {
  py::list out;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    py::dict entry = from_spec(specs[i]);
    const Quantization of = i < quantization.size() ? quantization[i] : Quantization{};
    entry["quant_scale"] = of.scale;
    entry["quant_zero"] = of.zero;
    out.append(entry);
  }
  return out;
}

}  // namespace

py::list from_inputs(const ModelIo& io) {
  return from_io(io.inputs, io.input_quantization);
}
py::list from_outputs(const ModelIo& io) {
  return from_io(io.outputs, io.output_quantization);
}

py::dtype to_numpy(DType dtype) {
  static constexpr std::array<const char*, 9> kNames{"f4", "f2", "f8", "i1", "u1",
                                                     "i2", "i4", "i8", "?"};
  // Made once: looking a dtype up by name costs more than a small model.
  static std::array<PyObject*, 9> made{};
  PyObject*& place = made[static_cast<std::size_t>(dtype)];
  if (!place)
    place = py::dtype(std::string(kNames[static_cast<std::size_t>(dtype)])).release().ptr();
  return py::reinterpret_borrow<py::dtype>(place);
}

namespace {

bool dtype_of(const py::array& array, DType& dtype) {
  const py::dtype type = array.dtype();
  const char kind = type.kind();
  const auto size = type.itemsize();
  if (type.byteorder() == '>') return false;
  if (kind == 'f' && size == 4)
    dtype = DType::kFloat32;
  else if (kind == 'f' && size == 2)
    dtype = DType::kFloat16;
  else if (kind == 'f' && size == 8)
    dtype = DType::kFloat64;
  else if (kind == 'i' && size == 1)
    dtype = DType::kInt8;
  else if (kind == 'u' && size == 1)
    dtype = DType::kUInt8;
  else if (kind == 'i' && size == 2)
    dtype = DType::kInt16;
  else if (kind == 'i' && size == 4)
    dtype = DType::kInt32;
  else if (kind == 'i' && size == 8)
    dtype = DType::kInt64;
  else if (kind == 'b')
    dtype = DType::kBool;
  else
    return false;
  return true;
}

}  // namespace

Tensor share_array(const py::array& array, const std::string& where) {
  DType dtype{};
  if (!dtype_of(array, dtype))
    raise(Status::invalid(where,
                          "cannot use an array of dtype " + std::string(py::str(array.dtype())),
                          "convert it with .astype() to a plain, little-endian type"));
  if (array.ndim() > Shape::kMaxRank)
    raise(Status::invalid(where, "has " + std::to_string(array.ndim()) + " axes", "use at most 8"));
  if (!(array.flags() & py::array::c_style))
    raise(Status::invalid(where, "the array is not C-contiguous",
                          "pass numpy.ascontiguousarray(array)"));
  std::array<std::int64_t, Shape::kMaxRank> dims{};
  for (py::ssize_t i = 0; i < array.ndim(); ++i) dims[static_cast<std::size_t>(i)] = array.shape(i);
  void* data = const_cast<void*>(array.data());
  BufferRef buffer = own_object(array, data, static_cast<std::size_t>(array.nbytes()));
  return {
      std::move(buffer), dtype,
      Shape(std::span<const std::int64_t>(dims.data(), static_cast<std::size_t>(array.ndim())))};
}

py::array to_array(const Tensor& tensor, bool writeable) {
  std::array<py::ssize_t, Shape::kMaxRank> dims{};
  for (int i = 0; i < tensor.shape().rank(); ++i)
    dims[static_cast<std::size_t>(i)] = tensor.shape()[i];
  std::array<py::ssize_t, Shape::kMaxRank> steps{};
  auto step = static_cast<py::ssize_t>(dtype_size(tensor.dtype()));
  for (int i = tensor.shape().rank(); i-- > 0; step *= std::max<py::ssize_t>(tensor.shape()[i], 1))
    steps[static_cast<std::size_t>(i)] = step;
  if (tensor.row_step()) steps[0] = static_cast<py::ssize_t>(tensor.row_step());
  BufferRef held = tensor.buffer();
  py::capsule owner(held.detach(), [](void* buffer) { static_cast<Buffer*>(buffer)->release(); });
  py::array array(to_numpy(tensor.dtype()),
                  py::array::ShapeContainer(dims.data(), dims.data() + tensor.shape().rank()),
                  py::array::StridesContainer(steps.data(), steps.data() + tensor.shape().rank()),
                  tensor.bytes_data(), owner);
  if (!writeable)
    py::detail::array_proxy(array.ptr())->flags &= ~py::detail::npy_api::NPY_ARRAY_WRITEABLE_;
  return array;
}

}  // namespace edgert::python
