// The operation image.to_tensor.
#include <string>
#include <utility>
#include <vector>

#include "edgert/transform/image/kept_sampling.h"
#include "edgert/transform/image/kernels.h"
#include "edgert/transform/image/options.h"
#include "edgert/transform/image/region_input.h"
#include "edgert/transform/image/resample.h"
#include "edgert/transform/image/view.h"
#include "edgert/transform/transform.h"

namespace edgert {
namespace {

using namespace image;

class ToTensor final : public Transform {
 public:
  explicit ToTensor(std::vector<Options> tensors)
      : tensors_(std::move(tensors)), kernels_(best_kernels()) {
    for (const Options& tensor : tensors_) {
      const std::string number = specs_.empty() ? "" : std::to_string(specs_.size() + 1);
      specs_.push_back({"tensor" + number, tensor.dtype, tensor.shape(), 0});
    }
  }

  std::span<const TensorSpec> outputs() const override { return specs_; }

  Status run(std::span<const Input> inputs, RunContext& context) override {
    EDGERT_ASSIGN_OR_RETURN(const View view, view_of(*inputs[0].frame));
    Region region = Region::whole(view.width(), view.height());
    if (inputs.size() > 1) {
      EDGERT_ASSIGN_OR_RETURN(region, region_input(*inputs[1].tensor));
    }
    for (std::size_t i = 0; i < specs_.size(); ++i) {
      const int output = static_cast<int>(i);
      if (context.wanted(output)) EDGERT_RETURN_IF_ERROR(context.allocate(output, specs_[i].shape));
    }
    const Options& first = tensors_[0];
    const Affine to_frame = input_to_frame(region, first.fit, first.width, first.height);
    const bool whole = inputs.size() == 1 && goes_by_rows(to_frame);
    const Sampling* kept = whole ? kept_.get(kernels_, view, to_frame, first) : nullptr;
    resample(kernels_, view, to_frame, tensors_, context, kept);
    return {};
  }

 private:
  std::vector<Options> tensors_;
  const Kernels& kernels_;
  KeptSampling kept_;
  std::vector<TensorSpec> specs_;
};

Status check_inputs(std::span<const InputFormat> inputs) {
  if (inputs.empty() || inputs.size() > 2) {
    return Status::invalid("inputs", std::to_string(inputs.size()) + " given",
                           "give a frame, and a region or none");
  }
  if (!inputs[0].frame || inputs[0].frame->kind != FrameKind::kImage) {
    return Status::invalid("input 0", "not an image", "give a sensor whose frames are images");
  }
  if (inputs.size() == 2) {
    const TensorSpec* region = inputs[1].tensor;
    if (!region || region->dtype != DType::kFloat32 || !region->shape.accepts(Shape{5})) {
      return Status::invalid("input 1", region ? region->text() : std::string("a frame"),
                             "expected one region, float32 5; in a document, say for_each: STEP");
    }
  }
  return {};
}

Result<std::unique_ptr<Transform>> make_to_tensor(const Params& params,
                                                  std::span<const InputFormat> inputs) {
  EDGERT_RETURN_IF_ERROR(check_inputs(inputs));
  EDGERT_ASSIGN_OR_RETURN(std::vector<Options> tensors, parse_tensors(params));
  return std::unique_ptr<Transform>(new ToTensor(std::move(tensors)));
}

constexpr TransformEntry kEntries[] = {{"image.to_tensor", make_to_tensor, join_tensors}};

}  // namespace

std::span<const TransformEntry> image_transforms() {
  return kEntries;
}

}  // namespace edgert
