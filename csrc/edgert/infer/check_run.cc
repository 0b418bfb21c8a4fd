#include "edgert/infer/backend.h"

namespace edgert {
namespace {

std::string place(std::string_view side, const TensorSpec& spec) {
  return std::string(side) + " '" + spec.name + "'";
}

Status wrong_count(std::string_view side, std::size_t want, std::size_t have) {
  return Status::invalid(std::string(side) + "s", "the model has " + std::to_string(want) +
                                                      ", the run brought " + std::to_string(have));
}

std::string conversion(const TensorSpec& spec, const Tensor& tensor) {
  if (tensor.dtype() != spec.dtype)
    return "convert it to " + std::string(dtype_name(spec.dtype)) + " first";
  return "reshape it, or resize what it is made from";
}

Status wrong_kind(std::string_view side, const TensorSpec& spec, const Tensor& tensor) {
  const TensorSpec have{{}, tensor.dtype(), tensor.shape()};
  return Status::invalid(place(side, spec),
                         "the model has " + spec.text() + ", the run brought " + have.text(),
                         conversion(spec, tensor));
}

Status check_tensor(std::string_view side, const TensorSpec& spec, const Tensor& tensor) {
  if (tensor.dtype() != spec.dtype || !spec.shape.accepts(tensor.shape()) ||
      !tensor.shape().is_static())
    return wrong_kind(side, spec, tensor);
  if (!tensor.contiguous())
    return Status::invalid(place(side, spec), "its rows overlap in memory",
                           "feed windows one by one, through a region");
  if (tensor.offset() + tensor.bytes() > tensor.buffer()->size())
    return Status::invalid(place(side, spec), "its memory is smaller than its shape");
  return {};
}

Status check_on_cpu(std::string_view side, std::span<const TensorSpec> specs,
                    std::span<const Tensor> tensors) {
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (tensors[i] && tensors[i].buffer()->device().kind != DeviceKind::kCpu)
      return Status::invalid(place(side, specs[i]), "its memory is not the CPU's",
                             "copy it there first");
  }
  return {};
}

}  // namespace

Status check_run(const ModelIo& io, std::span<const Tensor> inputs,
                 std::span<const Tensor> outputs) {
  if (inputs.size() != io.inputs.size())
    return wrong_count("input", io.inputs.size(), inputs.size());
  if (outputs.size() != io.outputs.size())
    return wrong_count("output", io.outputs.size(), outputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i]) return Status::invalid(place("input", io.inputs[i]), "it has no memory");
    EDGERT_RETURN_IF_ERROR(check_tensor("input", io.inputs[i], inputs[i]));
  }
  for (std::size_t i = 0; i < outputs.size(); ++i)
    if (outputs[i]) EDGERT_RETURN_IF_ERROR(check_tensor("output", io.outputs[i], outputs[i]));
  return {};
}

Status check_cpu_run(const ModelIo& io, std::span<const Tensor> inputs,
                     std::span<const Tensor> outputs) {
  EDGERT_RETURN_IF_ERROR(check_run(io, inputs, outputs));
  EDGERT_RETURN_IF_ERROR(check_on_cpu("input", io.inputs, inputs));
  return check_on_cpu("output", io.outputs, outputs);
}

}  // namespace edgert
