// detections.mask: keeps the detections outside of some outlines, or only those inside.
#include "edgert/transform/track/operations.h"
#include "edgert/transform/track/places.h"

namespace edgert {
namespace {

class MaskBoxes final : public Transform {
 public:
  static constexpr std::string_view kName = "detections.mask";
  static Result<MaskBoxes> make(const Params& params, std::span<const InputFormat> inputs);

  std::span<const TensorSpec> outputs() const override { return {&spec_, 1}; }
  Status run(std::span<const Input> inputs, RunContext& context) override;
  bool cheap() const override { return true; }

 private:
  explicit MaskBoxes(Outlines outlines) : outlines_(std::move(outlines)) {}
  bool touches(const Box& box, std::span<const Spot> placed, std::span<Spot> room) const;

  DetectionsInput detections_;
  Outlines outlines_;
  By by_ = By::kFoot;
  float share_ = 0.5f;
  bool keep_inside_ = false;
  TensorSpec spec_;
};

Result<MaskBoxes> MaskBoxes::make(const Params& params, std::span<const InputFormat> inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"points", "sizes", "relative", "by", "share", "keep"}));
  EDGERT_ASSIGN_OR_RETURN(const DetectionsInput detections, DetectionsInput::make(inputs, 0));
  EDGERT_RETURN_IF_ERROR(check_frame(inputs, 1));
  EDGERT_ASSIGN_OR_RETURN(Outlines outlines, Outlines::make(params, 3, 1000));
  MaskBoxes op(std::move(outlines));
  op.detections_ = detections;
  EDGERT_ASSIGN_OR_RETURN(op.by_, PlaceOptions::by_option(params));
  EDGERT_ASSIGN_OR_RETURN(op.share_, real_option(params, "share", 0.5, 0, 1));
  EDGERT_ASSIGN_OR_RETURN(
      op.keep_inside_,
      choice_option<bool>(params, "keep", "outside", {{"outside", false}, {"inside", true}}));
  op.spec_ = detections_spec(detections.max_rows, detections.columns);
  return op;
}

bool MaskBoxes::touches(const Box& box, std::span<const Spot> placed, std::span<Spot> room) const {
  for (std::size_t i = 0; i < outlines_.size(); ++i) {
    const std::span<const Spot> outline = outlines_.one(placed, i);
    if (by_ != By::kOverlap) {
      if (contains(outline, point_of(box, by_))) return true;
      continue;
    }
    const double share = share_inside(outline, box, room);
    if (share > 0 && share >= share_) return true;
  }
  return false;
}

Status MaskBoxes::run(std::span<const Input> inputs, RunContext& context) {
  EDGERT_ASSIGN_OR_RETURN(const int rows, detections_.rows(inputs[0]));
  const ImageFormat& image = inputs[1].frame->image;
  const std::size_t corners = outlines_.corners(), clipped = clip_room(outlines_.most_corners());
  auto* area = reinterpret_cast<Spot*>(context.scratch((corners + clipped) * sizeof(Spot)));
  const std::span<Spot> placed(area, corners), room(area + corners, clipped);
  outlines_.place(image.width, image.height, placed);
  EDGERT_RETURN_IF_ERROR(context.allocate(0, Shape{rows, detections_.columns}));
  const float* row = inputs[0].tensor->data<const float>();
  float* out = context.output(0).data<float>();
  int kept = 0;
  for (int i = 0; i < rows; ++i, row += detections_.columns) {
    const Box box{row[0], row[1], row[2], row[3]};
    if (!box.valid() || touches(box, placed, room) != keep_inside_) continue;
    std::copy_n(row, detections_.columns, out + kept++ * detections_.columns);
  }
  context.output(0).set_shape({kept, detections_.columns});
  return {};
}

}  // namespace

TransformEntry mask_boxes_entry() {
  return entry_of<MaskBoxes>();
}

}  // namespace edgert
