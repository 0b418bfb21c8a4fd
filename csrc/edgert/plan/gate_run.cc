// Conditions: open or closed, by a number of a tensor.
#include "edgert/plan/node_run.h"

namespace edgert {
namespace {

struct Threshold {
  bool has_above, has_below;
  double above, below;
  bool passes(double value) const {
    return (!has_above || value > above) && (!has_below || value < below);
  }
};

double value_at(const Tensor& tensor, std::int64_t index) {
  return tensor.dtype() == DType::kUInt8 ? tensor.data<std::uint8_t>()[index]
                                         : static_cast<double>(tensor.data<float>()[index]);
}

// Rows are along the first axis when there are several; `index` counts within a row.
bool reduced(const Tensor& tensor, std::int64_t index, std::string_view reduce,
             const Threshold& threshold) {
  const std::int64_t elements = tensor.elements();
  const std::int64_t rows = tensor.shape().rank() > 1 ? tensor.shape()[0] : 1;
  if (elements <= 0 || rows <= 0) return false;
  const std::int64_t width = elements / rows;
  if (index >= width) return false;
  bool any = false, all = true;
  for (std::int64_t row = 0; row < rows; ++row) {
    const bool passes = threshold.passes(value_at(tensor, row * width + index));
    if (row == 0 && reduce == "first") return passes;
    any |= passes;
    all &= passes;
  }
  return reduce == "all" ? all : any;
}

}  // namespace

Status run_gate(Execution& execution) {
  CompiledNode& node = *execution.node;
  const Params& params = node.spec->params;
  const InputLocation& at = node.inputs[0];
  const Tensor& tensor =
      execution.activation->input(at).outputs[static_cast<std::size_t>(at.output)];
  const Threshold threshold{params.has("above"), params.has("below"),
                            params.real("above", 0).value(), params.real("below", 0).value()};
  const auto* reduce = std::get_if<std::string>(params.find("reduce"));
  execution.open = reduced(tensor, params.integer("index", 0).value(), *reduce, threshold);
  if (node.hold <= 0) return {};
  const Nanos time = execution.activation->root->frame->media_time;
  if (execution.open) node.memory->open_until = time + node.hold;
  execution.open = execution.open || time < node.memory->open_until;
  return {};
}

// Holding is in the share.
Status pretend_gate(Execution& execution, Pretence& pretence) {
  execution.open = pretence.open(execution.node->global);
  return {};
}

}  // namespace edgert
