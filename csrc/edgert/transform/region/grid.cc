// regions.grid: the frame as overlapping tiles, for small objects in large frames.
#include "edgert/transform/answer/frame_map.h"
#include "edgert/transform/region/operations.h"
#include "edgert/transform/region/region_rule.h"

namespace edgert {
namespace {

// The extent of each of `count` tiles over `length`, neighbours sharing `overlap` of a tile.
float tile_extent(float length, int count, float overlap) {
  return length / (static_cast<float>(count) - static_cast<float>(count - 1) * overlap);
}

class Grid final : public Transform {
 public:
  static constexpr std::string_view kName = "regions.grid";
  static Result<Grid> make(const Params& params, std::span<const InputFormat> inputs);

  std::span<const TensorSpec> outputs() const override { return {&spec_, 1}; }
  Status run(std::span<const Input> inputs, RunContext& context) override;
  bool cheap() const override { return true; }

 private:
  int rows_ = 1, columns_ = 1;
  float overlap_ = 0;
  bool whole_ = false;
  TensorSpec spec_;
};

Result<Grid> Grid::make(const Params& params, std::span<const InputFormat> inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"rows", "columns", "overlap", "whole"}));
  EDGERT_RETURN_IF_ERROR(check_frame(inputs, 0));
  Grid op;
  EDGERT_ASSIGN_OR_RETURN(op.rows_, whole_option(params, "rows", 2, 1, 64));
  EDGERT_ASSIGN_OR_RETURN(op.columns_, whole_option(params, "columns", 2, 1, 64));
  EDGERT_ASSIGN_OR_RETURN(op.overlap_, real_option(params, "overlap", 0, 0, 0.95));
  EDGERT_ASSIGN_OR_RETURN(op.whole_, params.boolean("whole", false));
  op.spec_ = {"regions", DType::kFloat32, Shape{op.rows_ * op.columns_ + (op.whole_ ? 1 : 0), 5},
              0};
  return op;
}

Status Grid::run(std::span<const Input> inputs, RunContext& context) {
  EDGERT_RETURN_IF_ERROR(context.allocate(0, spec_.shape));
  const ImageFormat& image = inputs[0].frame->image;
  const float width = tile_extent(static_cast<float>(image.width), columns_, overlap_);
  const float height = tile_extent(static_cast<float>(image.height), rows_, overlap_);
  const float step_x = width * (1 - overlap_), step_y = height * (1 - overlap_);
  float* out = context.output(0).data<float>();
  for (int y = 0; y < rows_; ++y) {
    for (int x = 0; x < columns_; ++x, out += 5) {
      write_region({width / 2 + step_x * static_cast<float>(x),
                    height / 2 + step_y * static_cast<float>(y), width, height, 0},
                   out);
    }
  }
  if (whole_) write_region(Region::whole(image.width, image.height), out);
  return {};
}

}  // namespace

TransformEntry grid_entry() {
  return entry_of<Grid>();
}

}  // namespace edgert
