// regions.from_keypoints: the region around some key points, e.g. to look at a hand again.
#include <algorithm>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "edgert/transform/answer/frame_map.h"
#include "edgert/transform/answer/tensor_input.h"
#include "edgert/transform/region/operations.h"
#include "edgert/transform/region/region_rule.h"

namespace edgert {
namespace {

class FromKeypoints final : public Transform {
 public:
  static constexpr std::string_view kName = "regions.from_keypoints";
  static Result<FromKeypoints> make(const Params& params, std::span<const InputFormat> inputs);

  std::span<const TensorSpec> outputs() const override { return {&spec_, 1}; }
  Status run(std::span<const Input> inputs, RunContext& context) override;
  bool cheap() const override { return true; }

 private:
  explicit FromKeypoints(TensorInput keypoints) : keypoints_(keypoints) {}
  Region region(const float* rows) const;

  TensorInput keypoints_;
  RegionRule rule_;
  std::vector<std::int64_t> points_;
  float min_score_ = 0;
  TensorSpec spec_{"regions", DType::kFloat32, Shape{-1, 5}, 5 * sizeof(float)};
};

Result<FromKeypoints> FromKeypoints::make(const Params& params,
                                          std::span<const InputFormat> inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"points", "scale", "square", "rotate_from", "rotate_to",
                                      "target_angle", "shift_x", "shift_y", "min_score"}));
  EDGERT_ASSIGN_OR_RETURN(const TensorInput keypoints,
                          TensorInput::make(inputs, 0, "keypoints", 2, "[K, 4]"));
  const auto count = static_cast<int>(keypoints.shape[0]);
  if (count < 1 || keypoints.shape[1] != 4)
    return wrong_shape("keypoints", *inputs[0].tensor, "[K, 4]");
  if (inputs.size() > 1) {  // key points are in its pixels already
    EDGERT_RETURN_IF_ERROR(check_frame(inputs, 1));
  }
  FromKeypoints op(keypoints);
  EDGERT_ASSIGN_OR_RETURN(op.rule_, RegionRule::make(params, count));
  EDGERT_ASSIGN_OR_RETURN(op.min_score_, real_option(params, "min_score", 0, 0, 1));
  std::vector<std::int64_t> all(static_cast<std::size_t>(count));
  std::iota(all.begin(), all.end(), 0);
  EDGERT_ASSIGN_OR_RETURN(op.points_, params.integers("points", std::move(all)));
  for (const std::int64_t index : op.points_) {
    if (index >= 0 && index < count) continue;
    return Status::invalid("parameter 'points'", "got " + std::to_string(index),
                           "expected indices below " + std::to_string(count));
  }
  return op;
}

Region FromKeypoints::region(const float* rows) const {
  constexpr float kFar = std::numeric_limits<float>::infinity();
  float x0 = kFar, y0 = kFar, x1 = -kFar, y1 = -kFar;
  for (const std::int64_t index : points_) {
    const float* p = rows + 4 * index;
    if (!(p[3] >= min_score_) || !std::isfinite(p[0] + p[1])) continue;
    x0 = std::min(x0, p[0]), x1 = std::max(x1, p[0]);
    y0 = std::min(y0, p[1]), y1 = std::max(y1, p[1]);
  }
  Region box{(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0, 0};
  if (rule_.turns()) {
    const float *from = rows + 4 * rule_.rotate_from, *to = rows + 4 * rule_.rotate_to;
    box.angle = rule_.angle({from[0], from[1]}, {to[0], to[1]});
  }
  return rule_.apply(box);
}

Status FromKeypoints::run(std::span<const Input> inputs, RunContext& context) {
  EDGERT_RETURN_IF_ERROR(keypoints_.check(inputs[0]).status());
  const Region found = region(inputs[0].tensor->data<const float>());
  const int count = is_usable(found) ? 1 : 0;
  EDGERT_RETURN_IF_ERROR(context.allocate(0, Shape{count, 5}));
  if (count > 0) write_region(found, context.output(0).data<float>());
  return {};
}

}  // namespace

TransformEntry from_keypoints_entry() {
  return entry_of<FromKeypoints>();
}

}  // namespace edgert
