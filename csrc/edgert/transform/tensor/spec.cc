#include "edgert/transform/tensor/spec.h"

#include <cmath>

#include "edgert/base/param_reads.h"

namespace edgert {
namespace {

std::string input_place(std::size_t index) {
  return "input " + std::to_string(index);
}

}  // namespace

Status bad_parameter(std::string_view name, const std::string& what) {
  return Status::invalid("parameter '" + std::string(name) + "'", what);
}

Status expect_inputs(std::span<const InputFormat> inputs, std::size_t least, std::size_t most) {
  if (inputs.size() >= least && inputs.size() <= most) return {};
  std::string wanted = std::to_string(least);
  if (most == SIZE_MAX)
    wanted += " or more";
  else if (most > least)
    wanted += " to " + std::to_string(most);
  return Status::invalid("inputs", std::to_string(inputs.size()) + " given, takes " + wanted);
}

Result<TensorSpec> tensor_input(std::span<const InputFormat> inputs, std::size_t index) {
  if (index >= inputs.size() || !inputs[index].tensor) {
    return Status::invalid(input_place(index), "expected a tensor, not a frame");
  }
  TensorSpec spec = *inputs[index].tensor;
  spec.max_bytes = spec.bytes();
  if (spec.max_bytes == 0) {
    return Status::invalid(input_place(index), "the size of " + spec.text() + " has no bound",
                           "give the specification max_bytes");
  }
  return spec;
}

Result<TensorSpec> tensor_input(std::span<const InputFormat> inputs, std::size_t index,
                                DType dtype) {
  EDGERT_ASSIGN_OR_RETURN(TensorSpec spec, tensor_input(inputs, index));
  if (spec.dtype != dtype) {
    return Status::invalid(input_place(index),
                           "expected " + std::string(dtype_name(dtype)) + ", is " + spec.text(),
                           "put a tensor.cast before it");
  }
  return spec;
}

Result<FrameFormat> frame_input(std::span<const InputFormat> inputs, std::size_t index,
                                FrameKind kind) {
  if (index >= inputs.size() || !inputs[index].frame) {
    return Status::invalid(input_place(index), "expected a frame, not a tensor");
  }
  const FrameFormat& format = *inputs[index].frame;
  if (format.kind != kind) {
    return Status::invalid(input_place(index), "takes no frames of this kind: " + format.text());
  }
  return format;
}

std::int64_t max_elements(const TensorSpec& spec) {
  return static_cast<std::int64_t>(spec.bytes() / dtype_size(spec.dtype));
}

std::int64_t max_rows(const TensorSpec& spec) {
  if (spec.shape.rank() == 0) return 1;
  if (spec.shape[0] >= 0) return spec.shape[0];
  const std::int64_t row = Shape(spec.shape.dims().subspan(1)).elements();
  return row > 0 ? max_elements(spec) / row : 0;
}

Result<TensorSpec> bounded_output(std::string name, DType dtype, const Shape& shape,
                                  std::int64_t elements) {
  TensorSpec spec{std::move(name), dtype, shape, 0};
  if (!shape.is_static() && elements > 0) {
    spec.max_bytes = static_cast<std::size_t>(elements) * dtype_size(dtype);
  }
  if (spec.bytes() == 0) {
    return Status::invalid("output '" + spec.name + "'", spec.text() + " would hold nothing");
  }
  return spec;
}

Status check_tensor(std::string_view where, const Input& input, const TensorSpec& spec) {
  if (!input.tensor) return Status::internal(std::string(where), "no tensor came");
  const Tensor& tensor = *input.tensor;
  if (!tensor.contiguous())
    return Status::invalid(std::string(where), "its input's rows overlap in memory",
                           "take windows one by one, through a region");
  if (tensor.dtype() == spec.dtype && spec.shape.accepts(tensor.shape()) &&
      tensor.bytes() <= spec.bytes()) {
    return {};
  }
  return Status::invalid(std::string(where), "got " + std::string(dtype_name(tensor.dtype())) +
                                                 " " + tensor.shape().text() + ", was made for " +
                                                 spec.text() + " of at most " +
                                                 std::to_string(spec.bytes()) + " bytes");
}

Result<int> axis_parameter(const Params& params, std::string_view name, int fallback, int rank) {
  EDGERT_ASSIGN_OR_RETURN(const std::int64_t axis, params.integer(name, fallback));
  if (axis < -rank || axis >= rank) {
    return bad_parameter(
        name, std::to_string(axis) + " is no axis of a tensor of rank " + std::to_string(rank));
  }
  const std::int64_t from_the_front = axis < 0 ? axis + rank : axis;
  ParamReads::means(params, name, from_the_front);
  return static_cast<int>(from_the_front);
}

Result<std::vector<double>> columns_parameter(const Params& params, std::string_view name,
                                              double fallback, std::size_t columns) {
  EDGERT_ASSIGN_OR_RETURN(auto values, params.reals(name, {fallback}));
  if (values.size() == 1) values.resize(columns, values[0]);
  if (values.size() != columns) {
    return bad_parameter(name, "expected one number or " + std::to_string(columns) + ", has " +
                                   std::to_string(values.size()));
  }
  for (double value : values)
    if (!std::isfinite(value)) return bad_parameter(name, "must be finite");
  ParamReads::means(params, name, values);
  return values;
}

AxisView around_axis(const Shape& shape, int axis) {
  AxisView view;
  for (int i = 0; i < axis; ++i) view.outer *= shape[i];
  view.extent = shape[axis];
  for (int i = axis + 1; i < shape.rank(); ++i) view.inner *= shape[i];
  return view;
}

}  // namespace edgert
