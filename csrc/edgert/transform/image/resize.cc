// The operation image.resize: a picture that is a tensor of bytes already, sampled like a frame.
#include <string>
#include <utility>

#include "edgert/base/param_reads.h"
#include "edgert/transform/image/kept_sampling.h"
#include "edgert/transform/image/kernels.h"
#include "edgert/transform/image/options.h"
#include "edgert/transform/image/region_input.h"
#include "edgert/transform/image/resample.h"
#include "edgert/transform/image/view.h"
#include "edgert/transform/tensor/spec.h"

namespace edgert {
namespace {

using namespace image;

constexpr std::string_view kResize = "image.resize";

// A view of [1, height, width, channels] bytes.
View bytes_view(const Tensor& picture) {
  View view;
  const int channels = static_cast<int>(picture.shape()[3]);
  const int height = static_cast<int>(picture.shape()[1]);
  const int width = static_cast<int>(picture.shape()[2]);
  view.format = {channels == 1 ? PixelFormat::kGray8 : PixelFormat::kRgb24, width, height};
  view.packing = channels == 1 ? Packing::kGray : Packing::kPacked3;
  view.count = channels;
  for (int c = 0; c < channels; ++c) {
    Component& component = view.component[c];
    component.data = picture.data<const std::uint8_t>() + c;
    component.stride = std::int64_t{width} * channels;
    component.step = channels;
    component.width = width;
    component.height = height;
  }
  return view;
}

class Resize final : public SpecifiedTransform {
 public:
  Resize(TensorSpec input, const Options& options)
      : SpecifiedTransform({{"tensor", DType::kUInt8, options.shape(), 0}}),
        input_(std::move(input)),
        options_(options),
        kernels_(best_kernels()) {}

  Status run(std::span<const Input> inputs, RunContext& context) override {
    EDGERT_RETURN_IF_ERROR(check_tensor(kResize, inputs[0], input_));
    const View view = bytes_view(*inputs[0].tensor);
    Region region = Region::whole(view.width(), view.height());
    if (inputs.size() > 1) {
      EDGERT_ASSIGN_OR_RETURN(region, region_input(*inputs[1].tensor));
    }
    EDGERT_RETURN_IF_ERROR(context.allocate(0, outputs()[0].shape));
    const Affine to_picture = input_to_frame(region, options_.fit, options_.width, options_.height);
    const bool whole = inputs.size() == 1 && goes_by_rows(to_picture);
    const Sampling* kept = whole ? kept_.get(kernels_, view, to_picture, options_) : nullptr;
    resample(kernels_, view, to_picture, {&options_, 1}, context, kept);
    return {};
  }

 private:
  TensorSpec input_;
  Options options_;
  const Kernels& kernels_;
  KeptSampling kept_;
};

Status check_picture(const TensorSpec& picture) {
  const Shape& shape = picture.shape;
  const bool fits = shape.rank() == 4 && shape.is_static() && shape[0] == 1 &&
                    shape.elements() > 0 && (shape[3] == 1 || shape[3] == 3);
  if (fits) return {};
  return Status::invalid("input 0", picture.text(),
                         "expected one picture, uint8 1×height×width×3 or ×1");
}

Result<std::unique_ptr<Transform>> make_resize(const Params& params,
                                               std::span<const InputFormat> inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"width", "height", "fit", "filter", "pad"}));
  EDGERT_RETURN_IF_ERROR(expect_inputs(inputs, 1, 2));
  EDGERT_ASSIGN_OR_RETURN(const TensorSpec picture, tensor_input(inputs, 0, DType::kUInt8));
  EDGERT_RETURN_IF_ERROR(check_picture(picture));
  if (inputs.size() == 2) {
    EDGERT_ASSIGN_OR_RETURN(const TensorSpec region, tensor_input(inputs, 1, DType::kFloat32));
    if (!region.shape.accepts(Shape{5}))
      return Status::invalid("input 1", region.text(), "expected one region, float32 5");
  }
  Params of_tensor = params;
  of_tensor.set("dtype", std::string("uint8"));
  of_tensor.set("colour", std::string(picture.shape[3] == 1 ? "gray" : "rgb"));
  const ParamReads reads(of_tensor);
  EDGERT_ASSIGN_OR_RETURN(const auto tensors, parse_tensors(of_tensor));
  const Params meant = reads.meant();
  for (const auto& [name, value] : meant.values()) ParamReads::means(params, name, value);
  return std::unique_ptr<Transform>(new Resize(picture, tensors[0]));
}

constexpr TransformEntry kEntries[] = {{kResize, make_resize}};

}  // namespace

std::span<const TransformEntry> resize_transforms() {
  return kEntries;
}

}  // namespace edgert
