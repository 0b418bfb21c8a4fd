// audio.pcen: per-channel energy normalisation of mel frames.
//
// The formula: Wang et al., Trainable Frontend For Robust and Far-Field Keyword Spotting (ICASSP
// 2017); constants, smoothing factor and the smoother's start at 1 as librosa.pcen has them.
#include <algorithm>
#include <cmath>

#include "edgert/transform/audio/continuity.h"
#include "edgert/transform/audio/ops.h"
#include "edgert/transform/tensor/spec.h"

namespace edgert::audio_ops {
namespace {

constexpr std::string_view kName = "audio.pcen";

struct PcenOptions {
  double gain = 0.98, bias = 2, power = 0.5, eps = 1e-6, smoothing = 0;
};

class Pcen final : public SpecifiedTransform {
 public:
  Pcen(TensorSpec input, const PcenOptions& options, bool stream, TensorSpec output)
      : SpecifiedTransform({std::move(output)}),
        input_(std::move(input)),
        options_(options),
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
    float* out = context.output(0).data<float>();
    const auto count = static_cast<std::size_t>(from.elements());
    if (stream_)
      follow(from.data<const float>(), count, mean_.data(), out);
    else
      alone(from.data<const float>(), count, out, context);
    return {};
  }

 private:
  void restart() { std::fill(mean_.begin(), mean_.end(), 1.0); }

  // Runs of this kind may happen at once, so the means are the lane's.
  void alone(const float* from, std::size_t count, float* out, RunContext& context) const {
    auto* mean = reinterpret_cast<double*>(context.scratch(mean_.size() * sizeof(double)));
    std::fill_n(mean, mean_.size(), 1.0);
    follow(from, count, mean, out);
  }

  void follow(const float* from, std::size_t count, double* mean, float* out) const {
    const double log_eps = std::log(options_.eps);
    for (std::size_t i = 0; i < count; ++i) {
      double& m = mean[i % mean_.size()];
      const double x = double{from[i]};
      m += options_.smoothing * (x - m);
      const double smooth = std::exp(-options_.gain * (log_eps + std::log1p(m / options_.eps)));
      out[i] = static_cast<float>(compressed(x * smooth));
    }
  }

  double compressed(double x) const {
    if (options_.power == 0) return std::log1p(x);
    if (options_.bias == 0) return std::pow(x, options_.power);
    return std::pow(options_.bias, options_.power) *
           std::expm1(options_.power * std::log1p(x / options_.bias));
  }

  TensorSpec input_;
  PcenOptions options_;
  bool stream_;
  std::vector<double> mean_;
  Continuity continuity_;
};

Result<PcenOptions> read_options(const Params& params) {
  PcenOptions options;
  EDGERT_ASSIGN_OR_RETURN(options.gain, params.real("gain", options.gain));
  EDGERT_ASSIGN_OR_RETURN(options.bias, params.real("bias", options.bias));
  EDGERT_ASSIGN_OR_RETURN(options.power, params.real("power", options.power));
  EDGERT_ASSIGN_OR_RETURN(options.eps, params.real("eps", options.eps));
  for (const auto& [name, value] : {std::pair<const char*, double>{"gain", options.gain},
                                    {"bias", options.bias},
                                    {"power", options.power}})
    if (!(value >= 0) || !std::isfinite(value)) return bad_parameter(name, "must be at least 0");
  if (!(options.eps > 0)) return bad_parameter("eps", "must be above 0");
  EDGERT_ASSIGN_OR_RETURN(const double seconds, params.real("time_constant", 0.4));
  EDGERT_ASSIGN_OR_RETURN(const double rate, params.real("rate", 0));
  EDGERT_ASSIGN_OR_RETURN(const double hop, params.real("hop", 0));
  if (!(seconds > 0)) return bad_parameter("time_constant", "must be above 0");
  if (!(rate > 0)) return bad_parameter("rate", "must be above 0, and given");
  if (!(hop > 0)) return bad_parameter("hop", "must be above 0, and given");
  const double frames = seconds * rate / hop;
  options.smoothing = (std::sqrt(1 + 4 * frames * frames) - 1) / (2 * frames * frames);
  return options;
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
  EDGERT_ASSIGN_OR_RETURN(const PcenOptions options, read_options(params));
  return std::unique_ptr<Transform>(std::make_unique<Pcen>(
      input, options, stream, TensorSpec{"pcen", DType::kFloat32, input.shape, input.max_bytes}));
}

}  // namespace edgert::audio_ops
