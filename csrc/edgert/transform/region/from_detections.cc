// regions.from_detections: a region around each detection, for the model that looks closer.
#include <algorithm>

#include "edgert/transform/answer/detections.h"
#include "edgert/transform/answer/frame_map.h"
#include "edgert/transform/region/operations.h"
#include "edgert/transform/region/region_rule.h"

namespace edgert {
namespace {

class FromDetections final : public Transform {
 public:
  static constexpr std::string_view kName = "regions.from_detections";
  static Result<FromDetections> make(const Params& params, std::span<const InputFormat> inputs);

  std::span<const TensorSpec> outputs() const override { return {&spec_, 1}; }
  Status run(std::span<const Input> inputs, RunContext& context) override;
  bool cheap() const override { return true; }

 private:
  Region region(const float* row) const;

  DetectionsInput detections_;
  RegionRule rule_;
  int centre_on_ = -1, size_to_ = -1;
  int max_regions_ = 0;
  float min_score_ = 0;
  TensorSpec spec_;
};

Result<FromDetections> FromDetections::make(const Params& params,
                                            std::span<const InputFormat> inputs) {
  EDGERT_RETURN_IF_ERROR(
      params.only({"scale", "square", "rotate_from", "rotate_to", "target_angle", "shift_x",
                   "shift_y", "centre_on", "size_to", "max_regions", "min_score"}));
  FromDetections op;
  EDGERT_ASSIGN_OR_RETURN(op.detections_, DetectionsInput::make(inputs, 0));
  if (inputs.size() > 1) {  // detections are in its pixels already
    EDGERT_RETURN_IF_ERROR(check_frame(inputs, 1));
  }
  const int points = op.detections_.keypoints();
  EDGERT_ASSIGN_OR_RETURN(op.rule_, RegionRule::make(params, points));
  EDGERT_ASSIGN_OR_RETURN(op.centre_on_, point_option(params, "centre_on", points));
  EDGERT_ASSIGN_OR_RETURN(op.size_to_, point_option(params, "size_to", points));
  if (op.size_to_ >= 0 && op.centre_on_ < 0) {
    return Status::invalid("parameter 'size_to'", "needs 'centre_on', the circle's middle");
  }
  EDGERT_ASSIGN_OR_RETURN(op.min_score_, real_option(params, "min_score", 0, 0, 1));
  EDGERT_ASSIGN_OR_RETURN(
      const int limit,
      whole_option(params, "max_regions", op.detections_.max_rows, 1, kMaxDetections));
  op.max_regions_ = std::min(limit, op.detections_.max_rows);
  op.spec_ = {"regions", DType::kFloat32, Shape{-1, 5},
              static_cast<std::size_t>(op.max_regions_) * 5 * sizeof(float)};
  return op;
}

Region FromDetections::region(const float* row) const {
  const auto point = [row](int k) {
    const float* at = row + kFirstPoint + kPointColumns * k;
    return Point{at[0], at[1]};
  };
  Region box{(row[0] + row[2]) / 2, (row[1] + row[3]) / 2, row[2] - row[0], row[3] - row[1], 0};
  if (centre_on_ >= 0) box.cx = point(centre_on_).x, box.cy = point(centre_on_).y;
  if (size_to_ >= 0) {
    const Point edge = point(size_to_);
    box.width = box.height = 2 * std::hypot(edge.x - box.cx, edge.y - box.cy);
  }
  if (rule_.turns()) box.angle = rule_.angle(point(rule_.rotate_from), point(rule_.rotate_to));
  return rule_.apply(box);
}

Status FromDetections::run(std::span<const Input> inputs, RunContext& context) {
  EDGERT_ASSIGN_OR_RETURN(const int rows, detections_.rows(inputs[0]));
  EDGERT_RETURN_IF_ERROR(context.allocate(0, Shape{std::min(rows, max_regions_), 5}));
  const float* row = inputs[0].tensor->data<const float>();
  float* out = context.output(0).data<float>();
  int count = 0;
  for (int i = 0; i < rows && count < max_regions_; ++i, row += detections_.columns) {
    const Region found = region(row);
    if (!(row[kScoreColumn] >= min_score_) || !is_usable(found)) continue;
    write_region(found, out + 5 * count++);
  }
  context.output(0).set_shape({count, 5});
  return {};
}

}  // namespace

TransformEntry from_detections_entry() {
  return entry_of<FromDetections>();
}

}  // namespace edgert
