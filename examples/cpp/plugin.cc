// A plug-in with one transform: how lively rows are. Load it by edgert.load_plugin(path), or with
// the environment variable EDGERT_PLUGINS=path; then a step says `transform: example.energy`.
#include <edgert/transform/plugin.h>

#include <cmath>
#include <iterator>

namespace {

using namespace edgert;

// The root of the mean square of the numbers of a tensor, times `gain`: float32 [1].
class Energy final : public Transform {
 public:
  explicit Energy(double gain) : gain_(gain), output_{"energy", DType::kFloat32, Shape{1}} {}

  static Result<std::unique_ptr<Transform>> make(const Params& params,
                                                 std::span<const InputFormat> inputs) {
    EDGERT_RETURN_IF_ERROR(params.only({"gain"}));
    if (inputs.size() != 1 || !inputs[0].tensor || inputs[0].tensor->dtype != DType::kFloat32)
      return Status::invalid("", "takes one tensor of float32", "put a transform before it");
    double gain = 1;
    EDGERT_ASSIGN_OR_RETURN(gain, params.real("gain", 1));
    return std::unique_ptr<Transform>(new Energy(gain));
  }

  std::span<const TensorSpec> outputs() const override { return {&output_, 1}; }
  bool cheap() const override { return true; }

  Status run(std::span<const Input> inputs, RunContext& context) override {
    const Tensor& given = *inputs[0].tensor;
    double sum = 0;
    for (std::int64_t i = 0; i < given.elements(); ++i) {
      const double value = given.data<float>()[i];
      sum += value * value;
    }
    EDGERT_RETURN_IF_ERROR(context.allocate(0, Shape{1}));
    const double mean = given.elements() > 0 ? sum / static_cast<double>(given.elements()) : 0;
    context.output(0).data<float>()[0] = static_cast<float>(gain_ * std::sqrt(mean));
    return {};
  }

 private:
  double gain_;
  TensorSpec output_;
};

const TransformEntry kEntries[] = {{"example.energy", &Energy::make}};

}  // namespace

EDGERT_PLUGIN("edgert-example", "1.0", kEntries)
