// audio.pcen: per-channel energy normalisation of mel frames.
//
// The formula: Wang et al., Trainable Frontend For Robust and Far-Field Keyword Spotting (ICASSP
// 2017); constants, smoothing factor and the smoother's start at 1 as librosa.pcen has them.
#include <algorithm>
#include <cmath>

#include "edgert/transform/audio/continuity.h"
#include "edgert/transform/audio/kernels.h"
#include "edgert/transform/audio/ops.h"
#include "edgert/transform/tensor/spec.h"

namespace edgert::audio_ops {
namespace {

constexpr std::string_view kName = "audio.pcen";

class Pcen final : public SpecifiedTransform {
 public:
  Pcen(TensorSpec input, const sound::Pcen& terms, bool stream, TensorSpec output)
      : SpecifiedTransform({std::move(output)}),
        input_(std::move(input)),
        terms_(terms),
        stream_(stream),
        mean_(static_cast<std::size_t>(input_.shape[1]), 1.0) {}
  bool stateful() const override { return stream_; }
  bool cheap() const override { return quick_maths(max_elements(input_)); }
  void reset() override {
    restart();
    continuity_.reset();
  }

  Status run(std::span<const Input> inputs, RunContext& context) override {
    if (inputs.size() == 2 && continuity_.broken_by(*inputs[1].frame)) restart();
    EDGERT_RETURN_IF_ERROR(check_tensor(kName, inputs[0], input_));
    const Tensor& from = *inputs[0].tensor;
    EDGERT_RETURN_IF_ERROR(context.allocate(0, from.shape()));
    double* mean = stream_ ? mean_.data() : start(context);
    kernels_->pcen(terms_, from.data<const float>(), from.shape()[0], from.shape()[1], mean,
                   context.output(0).data<float>());
    return {};
  }

 private:
  void restart() { std::fill(mean_.begin(), mean_.end(), 1.0); }

  // Runs of this kind may happen at once, so the means are the lane's.
  double* start(RunContext& context) const {
    auto* mean = reinterpret_cast<double*>(context.scratch(mean_.size() * sizeof(double)));
    std::fill_n(mean, mean_.size(), 1.0);
    return mean;
  }

  TensorSpec input_;
  const sound::Kernels* kernels_ = &sound::best_kernels();
  sound::Pcen terms_;
  bool stream_;
  std::vector<double> mean_;
  Continuity continuity_;
};

Result<sound::Pcen> read_terms(const Params& params) {
  EDGERT_ASSIGN_OR_RETURN(const double gain, params.real("gain", 0.98));
  EDGERT_ASSIGN_OR_RETURN(const double bias, params.real("bias", 2));
  EDGERT_ASSIGN_OR_RETURN(const double power, params.real("power", 0.5));
  EDGERT_ASSIGN_OR_RETURN(const double eps, params.real("eps", 1e-6));
  for (const auto& [name, value] :
       {std::pair<const char*, double>{"gain", gain}, {"bias", bias}, {"power", power}})
    if (!(value >= 0) || !std::isfinite(value)) return bad_parameter(name, "must be at least 0");
  if (!(eps > 0)) return bad_parameter("eps", "must be above 0");
  EDGERT_ASSIGN_OR_RETURN(const double seconds, params.real("time_constant", 0.4));
  EDGERT_ASSIGN_OR_RETURN(const double rate, params.real("rate", 0));
  EDGERT_ASSIGN_OR_RETURN(const double hop, params.real("hop", 0));
  if (!(seconds > 0)) return bad_parameter("time_constant", "must be above 0");
  if (!(rate > 0)) return bad_parameter("rate", "must be above 0, and given");
  if (!(hop > 0)) return bad_parameter("hop", "must be above 0, and given");
  const double frames = seconds * rate / hop;
  const double smoothing = (std::sqrt(1 + 4 * frames * frames) - 1) / (2 * frames * frames);
  return sound::Pcen{static_cast<float>(gain),
                     static_cast<float>(bias),
                     static_cast<float>(power),
                     bias > 0 ? static_cast<float>(1 / bias) : 0.0F,
                     static_cast<float>(std::pow(bias, power)),
                     eps,
                     smoothing};
}

}  // namespace

Made make_pcen(const Params& params, Formats inputs) {
  EDGERT_RETURN_IF_ERROR(
      params.only({"gain", "bias", "power", "eps", "time_constant", "rate", "hop", "stream"}));
  EDGERT_ASSIGN_OR_RETURN(const bool stream, params.boolean("stream", false));
  EDGERT_RETURN_IF_ERROR(expect_inputs(inputs, 1, stream ? 2 : 1));
  EDGERT_ASSIGN_OR_RETURN(const TensorSpec input, tensor_input(inputs, 0, DType::kFloat32));
  if (input.shape.rank() != 2 || input.shape[1] < 1)
    return Status::invalid("input 0", "expected frames [n, bands], is " + input.text());
  if (inputs.size() == 2)
    EDGERT_RETURN_IF_ERROR(frame_input(inputs, 1, FrameKind::kAudio).status());
  EDGERT_ASSIGN_OR_RETURN(const sound::Pcen terms, read_terms(params));
  return std::unique_ptr<Transform>(std::make_unique<Pcen>(
      input, terms, stream, TensorSpec{"pcen", DType::kFloat32, input.shape, input.max_bytes}));
}

}  // namespace edgert::audio_ops
