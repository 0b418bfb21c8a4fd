#include "edgert/transform/answer/frame_map.h"

#include <string>

#include "edgert/transform/answer/options.h"
#include "edgert/transform/answer/tensor_input.h"

namespace edgert {
namespace {

Result<int> input_extent(const Params& params, std::string_view name) {
  if (!params.has(name)) {
    return Status::invalid("parameter '" + std::string(name) + "'", "missing",
                           "give the size of the model's input in pixels");
  }
  return whole_option(params, name, 0, 1, 1 << 16);
}

}  // namespace

Status check_frame(std::span<const InputFormat> inputs, std::size_t index) {
  if (index < inputs.size() && inputs[index].frame &&
      inputs[index].frame->kind == FrameKind::kImage) {
    return {};
  }
  return Status::invalid("frame", "input " + std::to_string(index) + " is not an image frame",
                         "give the frame that the model's input was made from");
}

Result<FrameMap> FrameMap::make(const Params& params, std::span<const InputFormat> inputs,
                                std::size_t frame_index) {
  EDGERT_RETURN_IF_ERROR(check_frame(inputs, frame_index));
  FrameMap map;
  map.frame_ = frame_index;
  EDGERT_ASSIGN_OR_RETURN(map.fit_, choice_option<Fit>(params, "fit", "stretch",
                                                       {{"stretch", Fit::kStretch},
                                                        {"letterbox", Fit::kLetterbox},
                                                        {"centre_crop", Fit::kCentreCrop}}));
  EDGERT_ASSIGN_OR_RETURN(map.width_, input_extent(params, "input_width"));
  EDGERT_ASSIGN_OR_RETURN(map.height_, input_extent(params, "input_height"));
  if (inputs.size() == frame_index + 1) return map;
  EDGERT_ASSIGN_OR_RETURN(const TensorInput region,
                          TensorInput::make(inputs, frame_index + 1, "region", 1, "[5]"));
  if (region.shape[0] != 5) return wrong_shape("region", *inputs[frame_index + 1].tensor, "[5]");
  if (inputs.size() > frame_index + 2) {
    return Status::invalid("inputs", "got " + std::to_string(inputs.size()),
                           "nothing may follow the region");
  }
  map.has_region_ = true;
  return map;
}

Affine FrameMap::affine(std::span<const Input> inputs) const {
  const ImageFormat& image = inputs[frame_].frame->image;
  const Region region = has_region_ ? Region::from_tensor(*inputs[frame_ + 1].tensor)
                                    : Region::whole(image.width, image.height);
  return input_to_frame(region, fit_, width_, height_);
}

}  // namespace edgert
