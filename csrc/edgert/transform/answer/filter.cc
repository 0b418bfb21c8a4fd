// detections.filter: keeps the rows that are wanted, in their order.
#include <algorithm>
#include <vector>

#include "edgert/transform/answer/detections.h"
#include "edgert/transform/answer/operations.h"

namespace edgert {
namespace {

class Filter final : public Transform {
 public:
  static constexpr std::string_view kName = "detections.filter";
  static Result<Filter> make(const Params& params, std::span<const InputFormat> inputs);

  std::span<const TensorSpec> outputs() const override { return {&spec_, 1}; }
  Status run(std::span<const Input> inputs, RunContext& context) override;
  bool cheap() const override { return true; }

 private:
  bool keeps(const float* row) const;

  DetectionsInput detections_;
  std::vector<float> classes_;  // empty: all
  float min_score_ = 0, min_size_ = 0;
  int max_rows_ = 0;
  TensorSpec spec_;
};

Result<Filter> Filter::make(const Params& params, std::span<const InputFormat> inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"classes", "min_score", "max_detections", "min_size"}));
  Filter op;
  EDGERT_ASSIGN_OR_RETURN(op.detections_, DetectionsInput::make(inputs, 0));
  EDGERT_ASSIGN_OR_RETURN(const std::vector<std::int64_t> classes, params.integers("classes"));
  for (const std::int64_t index : classes) op.classes_.push_back(static_cast<float>(index));
  EDGERT_ASSIGN_OR_RETURN(op.min_score_, real_option(params, "min_score", 0, 0, 1));
  EDGERT_ASSIGN_OR_RETURN(op.min_size_, real_option(params, "min_size", 0, 0, 1e6));
  EDGERT_ASSIGN_OR_RETURN(
      const int limit,
      whole_option(params, "max_detections", op.detections_.max_rows, 1, kMaxDetections));
  op.max_rows_ = std::min(limit, op.detections_.max_rows);
  op.spec_ = detections_spec(op.max_rows_, op.detections_.columns);
  return op;
}

bool Filter::keeps(const float* row) const {
  const Box box{row[0], row[1], row[2], row[3]};
  if (!box.valid() || !(row[kScoreColumn] >= min_score_)) return false;
  if (std::min(box.x1 - box.x0, box.y1 - box.y0) < min_size_) return false;
  return classes_.empty() || std::ranges::find(classes_, row[kClassColumn]) != classes_.end();
}

Status Filter::run(std::span<const Input> inputs, RunContext& context) {
  EDGERT_ASSIGN_OR_RETURN(const int rows, detections_.rows(inputs[0]));
  EDGERT_RETURN_IF_ERROR(
      context.allocate(0, Shape{std::min(rows, max_rows_), detections_.columns}));
  const float* row = inputs[0].tensor->data<const float>();
  float* out = context.output(0).data<float>();
  int kept = 0;
  for (int i = 0; i < rows && kept < max_rows_; ++i, row += detections_.columns) {
    if (keeps(row)) std::copy_n(row, detections_.columns, out + kept++ * detections_.columns);
  }
  context.output(0).set_shape({kept, detections_.columns});
  return {};
}

}  // namespace

TransformEntry filter_entry() {
  return entry_of<Filter>();
}

}  // namespace edgert
