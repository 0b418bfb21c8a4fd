// detections.join: several detectors' rows as one list, each object once.
#include <string>
#include <vector>

#include "edgert/transform/answer/detections.h"
#include "edgert/transform/answer/operations.h"
#include "edgert/transform/answer/tensor_input.h"

namespace edgert {
namespace {

class Join final : public Transform {
 public:
  static constexpr std::string_view kName = "detections.join";
  static Result<Join> make(const Params& params, std::span<const InputFormat> inputs);

  std::span<const TensorSpec> outputs() const override { return {&spec_, 1}; }
  Status run(std::span<const Input> inputs, RunContext& context) override;
  bool cheap() const override { return true; }

 private:
  // A row by its number over all inputs.
  const float* row(std::span<const Input> inputs, std::int64_t index) const;
  std::size_t collect(std::span<const Input> inputs, Candidate* out) const;

  std::vector<DetectionsInput> parts_;
  int columns_ = 0, max_rows_ = 0;
  NmsRule rule_;
  TensorSpec spec_;
};

Result<Join> Join::make(const Params& params, std::span<const InputFormat> inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"iou", "class_aware", "max_detections"}));
  Join op;
  for (std::size_t i = 0; i < std::max<std::size_t>(inputs.size(), 1); ++i) {
    EDGERT_ASSIGN_OR_RETURN(const DetectionsInput part, DetectionsInput::make(inputs, i));
    if (i > 0 && part.columns != op.columns_) {
      return wrong_shape("detections", *inputs[i].tensor,
                         "[N, " + std::to_string(op.columns_) + "] as the first input");
    }
    op.columns_ = part.columns;
    op.max_rows_ += part.max_rows;
    op.parts_.push_back(part);
  }
  EDGERT_ASSIGN_OR_RETURN(op.rule_.iou, real_option(params, "iou", 0.5, 0, 1));
  EDGERT_ASSIGN_OR_RETURN(op.rule_.class_aware, params.boolean("class_aware", true));
  EDGERT_ASSIGN_OR_RETURN(const int limit,
                          whole_option(params, "max_detections",
                                       std::min(op.max_rows_, kMaxDetections), 1, kMaxDetections));
  op.rule_.max_groups = std::min(limit, op.max_rows_);
  op.spec_ = detections_spec(op.rule_.max_groups, op.columns_);
  return op;
}

const float* Join::row(std::span<const Input> inputs, std::int64_t index) const {
  for (const Input& input : inputs) {
    const std::int64_t rows = input.tensor->shape()[0];
    if (index < rows) return input.tensor->data<const float>() + index * columns_;
    index -= rows;
  }
  return nullptr;
}

std::size_t Join::collect(std::span<const Input> inputs, Candidate* out) const {
  std::size_t found = 0;
  std::int32_t index = 0;
  for (const Input& input : inputs) {
    const float* values = input.tensor->data<const float>();
    for (std::int64_t i = 0; i < input.tensor->shape()[0]; ++i, ++index, values += columns_) {
      const Box box{values[0], values[1], values[2], values[3]};
      if (!box.valid() || !std::isfinite(values[kScoreColumn]) ||
          !within_reach(values[kClassColumn])) {
        continue;
      }
      out[found++] = {box, values[kScoreColumn], index,
                      static_cast<std::int32_t>(values[kClassColumn]), -1};
    }
  }
  return found;
}

Status Join::run(std::span<const Input> inputs, RunContext& context) {
  std::size_t rows = 0;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    EDGERT_ASSIGN_OR_RETURN(const int part, parts_[i].rows(inputs[i]));
    rows += static_cast<std::size_t>(part);
  }
  auto* area = reinterpret_cast<Candidate*>(context.scratch(rows * sizeof(Candidate)));
  const std::span candidates(area, collect(inputs, area));
  sort_by_score(candidates);
  const int groups = group_overlapping(candidates, rule_);
  EDGERT_RETURN_IF_ERROR(context.allocate(0, Shape{groups, columns_}));
  float* out = context.output(0).data<float>();
  int next = 0;
  for (const Candidate& leader : candidates) {
    if (leader.group != next) continue;
    std::copy_n(row(inputs, leader.index), columns_, out + columns_ * next++);
  }
  return {};
}

}  // namespace

TransformEntry join_entry() {
  return entry_of<Join>();
}

}  // namespace edgert
