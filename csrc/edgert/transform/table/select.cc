#include <algorithm>

#include "edgert/transform/table/ops.h"
#include "edgert/transform/tensor/spec.h"

namespace edgert::table_ops {
namespace {

constexpr std::string_view kName = "table.select";

class Select final : public SpecifiedTransform {
 public:
  Select(TensorSpec rows, std::vector<std::int64_t> picked, TensorSpec output)
      : SpecifiedTransform({std::move(output)}),
        rows_(std::move(rows)),
        picked_(std::move(picked)) {
    all_ = static_cast<std::int64_t>(picked_.size()) == rows_.shape[1] &&
           std::ranges::is_sorted(picked_);
  }
  bool cheap() const override { return true; }

  Status run(std::span<const Input> inputs, RunContext& context) override {
    const Tensor& from = inputs[0].frame->samples;
    EDGERT_RETURN_IF_ERROR(check_tensor(kName, Input{nullptr, &from}, rows_));
    if (all_) {
      context.output(0) = from;
      return {};
    }
    const std::int64_t rows = from.shape()[0], columns = from.shape()[1];
    EDGERT_RETURN_IF_ERROR(context.allocate(0, {rows, static_cast<std::int64_t>(picked_.size())}));
    const float* source = from.data<const float>();
    float* target = context.output(0).data<float>();
    for (std::int64_t row = 0; row < rows; ++row, source += columns)
      for (std::int64_t column : picked_) *target++ = source[column];
    return {};
  }

 private:
  TensorSpec rows_;
  std::vector<std::int64_t> picked_;
  bool all_ = false;  // every column in its order: the frame's own memory serves
};

std::string join(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

Result<std::vector<std::int64_t>> pick_columns(const Params& params,
                                               const std::vector<std::string>& present) {
  EDGERT_ASSIGN_OR_RETURN(const auto wanted, params.texts("columns", present));
  if (wanted.empty()) return bad_parameter("columns", "names no column");
  std::vector<std::int64_t> picked;
  for (const std::string& name : wanted) {
    const auto found = std::ranges::find(present, name);
    if (found == present.end()) {
      return bad_parameter("columns", "no column '" + name + "'; there are: " + join(present));
    }
    if (std::ranges::count(wanted, name) > 1) {
      return bad_parameter("columns", "'" + name + "' is there twice");
    }
    picked.push_back(found - present.begin());
  }
  return picked;
}

}  // namespace

Made make_select(const Params& params, Formats inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"columns"}));
  EDGERT_RETURN_IF_ERROR(expect_inputs(inputs, 1, 1));
  EDGERT_ASSIGN_OR_RETURN(const FrameFormat frame, frame_input(inputs, 0, FrameKind::kTable));
  const TableFormat& table = frame.table;
  EDGERT_ASSIGN_OR_RETURN(auto picked, pick_columns(params, table.columns));
  const auto columns = static_cast<std::int64_t>(table.columns.size());
  const auto taken = static_cast<std::int64_t>(picked.size());
  EDGERT_ASSIGN_OR_RETURN(TensorSpec rows, bounded_output("samples", DType::kFloat32, {-1, columns},
                                                          table.max_rows * columns));
  EDGERT_ASSIGN_OR_RETURN(TensorSpec output, bounded_output("rows", DType::kFloat32, {-1, taken},
                                                            table.max_rows * taken));
  return std::unique_ptr<Transform>(
      std::make_unique<Select>(std::move(rows), std::move(picked), std::move(output)));
}

}  // namespace edgert::table_ops
