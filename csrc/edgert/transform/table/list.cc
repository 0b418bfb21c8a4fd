#include "edgert/transform/table/ops.h"
#include "edgert/transform/table/window.h"

namespace edgert {

namespace table_ops {

Made make_window(const Params& params, Formats inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"size", "hop", "rate", "span"}));
  EDGERT_RETURN_IF_ERROR(expect_inputs(inputs, 1, 2));
  EDGERT_ASSIGN_OR_RETURN(const TensorSpec rows, tensor_input(inputs, 0, DType::kFloat32));
  if (rows.shape.rank() != 2) {
    return Status::invalid("input 0", "expected rows [n, c], is " + rows.text());
  }
  double rate = 0;
  if (inputs.size() == 2) {
    // Rows may be features of sound; then the frame's own rate says nothing.
    const FrameFormat* frame = inputs[1].frame;
    if (!frame || frame->kind == FrameKind::kImage)
      return Status::invalid("input 1", "expected a frame of a table or of sound");
    if (frame->kind == FrameKind::kTable) rate = frame->table.rate;
  }
  EDGERT_ASSIGN_OR_RETURN(const WindowOptions options, read_window_options(params, rate));
  return edgert::make_window("table.window", options, rows, inputs.size() == 2);
}

}  // namespace table_ops

std::span<const TransformEntry> table_transforms() {
  static constexpr TransformEntry kEntries[] = {
      {"table.select", table_ops::make_select},
      {"table.window", table_ops::make_window},
      {"table.resample", table_ops::make_resample},
      {"table.scale", table_ops::make_scale},
      {"table.magnitude", table_ops::make_magnitude},
      {"table.difference", table_ops::make_difference},
  };
  return kEntries;
}

}  // namespace edgert
