#include <algorithm>
#include <cmath>

#include "edgert/transform/audio/ops.h"
#include "edgert/transform/tensor/spec.h"

namespace edgert::audio_ops {
namespace {

constexpr std::string_view kName = "audio.gain";

class Gain final : public SpecifiedTransform {
 public:
  Gain(TensorSpec input, float gain, bool to_peak, TensorSpec output)
      : SpecifiedTransform({std::move(output)}),
        input_(std::move(input)),
        gain_(gain),
        to_peak_(to_peak) {}
  bool cheap() const override { return quick_move(max_elements(input_)); }

  Status run(std::span<const Input> inputs, RunContext& context) override {
    EDGERT_RETURN_IF_ERROR(check_tensor(kName, inputs[0], input_));
    const Tensor& from = *inputs[0].tensor;
    EDGERT_RETURN_IF_ERROR(context.allocate(0, from.shape()));
    const float* source = from.data<const float>();
    float* target = context.output(0).data<float>();
    const std::int64_t count = from.elements();
    const float gain = to_peak_ ? gain_to_peak(source, count) : gain_;
    for (std::int64_t i = 0; i < count; ++i) target[i] = source[i] * gain;
    return {};
  }

 private:
  // Silence stays silence.
  float gain_to_peak(const float* samples, std::int64_t count) const {
    float peak = 0;
    for (std::int64_t i = 0; i < count; ++i) peak = std::max(peak, std::abs(samples[i]));
    return peak > 1e-9F ? gain_ / peak : 1;
  }

  TensorSpec input_;
  float gain_;  // the factor, or the peak that is wanted
  bool to_peak_;
};

}  // namespace

Made make_gain(const Params& params, Formats inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"gain", "peak"}));
  EDGERT_RETURN_IF_ERROR(expect_inputs(inputs, 1, 1));
  EDGERT_ASSIGN_OR_RETURN(const TensorSpec input, tensor_input(inputs, 0, DType::kFloat32));
  const bool to_peak = params.has("peak");
  if (to_peak == params.has("gain")) return bad_parameter("gain", "give either gain or peak");
  const char* name = to_peak ? "peak" : "gain";
  EDGERT_ASSIGN_OR_RETURN(const double value, params.real(name, 1));
  if (!std::isfinite(value)) return bad_parameter(name, "must be finite");
  if (to_peak && value <= 0) return bad_parameter(name, "must be above 0");
  return std::unique_ptr<Transform>(
      std::make_unique<Gain>(input, static_cast<float>(value), to_peak,
                             TensorSpec{"samples", DType::kFloat32, input.shape, input.max_bytes}));
}

}  // namespace edgert::audio_ops
