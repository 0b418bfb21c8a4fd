// Python values to and from the core's plain data. The GIL is held.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <string>

#include "edgert/base/params.h"
#include "edgert/infer/backend.h"
#include "edgert/memory/format.h"
#include "edgert/memory/tensor.h"

namespace edgert::python {

Params to_params(const pybind11::dict& values, const std::string& where);

// Formats are dicts, see docs/operations.md; an unknown key or value is refused.
FrameFormat to_format(const pybind11::dict& values);
pybind11::dict from_format(const FrameFormat& format);
// name, dtype, shape and max_bytes (where the shape is open).
pybind11::dict from_spec(const TensorSpec& spec);
TensorSpec to_spec(const pybind11::dict& values, const std::string& where);
// Lists of dicts: name, dtype, shape, quant_scale, quant_zero (a scale of 0: not quantised).
pybind11::list from_inputs(const ModelIo& io);
pybind11::list from_outputs(const ModelIo& io);

PixelFormat to_pixel(const std::string& name);
ColourRange to_range(const std::string& name);
ColourMatrix to_matrix(const std::string& name);
ChromaSiting to_siting(const std::string& name);

// A tensor that shares a C-contiguous NumPy array's memory and keeps the array alive. Refuses
// other dtypes, strides and byte orders with a message that begins with `where`.
Tensor share_array(const pybind11::array& array, const std::string& where);
// A read-only array that shares the tensor's memory and keeps its buffer alive.
pybind11::array to_array(const Tensor& tensor, bool writeable = false);
pybind11::dtype to_numpy(DType dtype);

}  // namespace edgert::python
