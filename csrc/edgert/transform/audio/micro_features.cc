// audio.micro_frontend: the stream of microWakeWord's features.
#include "edgert/transform/audio/continuity.h"
#include "edgert/transform/audio/frame_stream.h"
#include "edgert/transform/audio/micro_frontend.h"
#include "edgert/transform/audio/ops.h"
#include "edgert/transform/tensor/spec.h"

namespace edgert::audio_ops {
namespace {

constexpr std::string_view kName = "audio.micro_frontend";
constexpr int kMostChannels = 128;

class MicroFeatures final : public SpecifiedTransform {
 public:
  MicroFeatures(TensorSpec input, const MicroOptions& options, float scale, TensorSpec output)
      : SpecifiedTransform({std::move(output)}),
        input_(std::move(input)),
        hop_(options.hop),
        scale_(scale),
        frames_(options.window, options.hop),
        frontend_(options) {}
  bool stateful() const override { return true; }
  bool cheap() const override { return max_elements(input_) <= 4 * hop_; }
  void reset() override {
    restart();
    continuity_.reset();
  }

  Status run(std::span<const Input> inputs, RunContext& context) override {
    if (inputs.size() == 2 && continuity_.broken_by(*inputs[1].frame)) restart();
    const Status status = process(inputs[0], context);
    if (!status.ok()) restart();  // this chunk is lost: what comes does not continue what is kept
    return status;
  }

 private:
  void restart() {
    frames_.reset();
    frontend_.reset();
  }

  Status process(const Input& input, RunContext& context) {
    EDGERT_RETURN_IF_ERROR(check_tensor(kName, input, input_));
    const std::int64_t count = input.tensor->elements(), frames = frames_.frames(count);
    EDGERT_RETURN_IF_ERROR(context.allocate(0, {frames, frontend_.channels()}));
    auto* work = reinterpret_cast<float*>(
        context.scratch(static_cast<std::size_t>(frames_.room(count)) * sizeof(float)));
    const std::int64_t total = frames_.join(input.tensor->data<const float>(), count, work);
    float* out = context.output(0).data<float>();
    std::uint16_t values[kMostChannels];
    for (std::int64_t frame = 0; frame < frames; ++frame) {
      frontend_.process(work + frame * hop_, values);
      for (int i = 0; i < frontend_.channels(); ++i)
        *out++ = static_cast<float>(values[i]) * scale_;
    }
    frames_.keep(work, total, frames);
    return {};
  }

  TensorSpec input_;
  std::int64_t hop_;
  float scale_;
  FrameStream frames_;
  MicroFrontend frontend_;
  Continuity continuity_;
};

Status whole(const Params& params, std::string_view name, int least, int most, int& value) {
  EDGERT_ASSIGN_OR_RETURN(const std::int64_t given, params.integer(name, value));
  if (given < least || given > most)
    return bad_parameter(name, "must be " + std::to_string(least) + " to " + std::to_string(most) +
                                   ", is " + std::to_string(given));
  value = static_cast<int>(given);
  return {};
}

Status share(const Params& params, std::string_view name, double& value) {
  EDGERT_ASSIGN_OR_RETURN(value, params.real(name, value));
  return value >= 0 && value <= 1 ? Status{} : bad_parameter(name, "must be 0 to 1");
}

Result<MicroOptions> read_options(const Params& params) {
  MicroOptions options;
  EDGERT_RETURN_IF_ERROR(whole(params, "rate", 1000, 192'000, options.rate));
  EDGERT_RETURN_IF_ERROR(whole(params, "window", 65, MicroFft::kMaxSize, options.window));
  EDGERT_RETURN_IF_ERROR(whole(params, "hop", 1, 1 << 24, options.hop));
  EDGERT_RETURN_IF_ERROR(whole(params, "channels", 1, kMostChannels, options.channels));
  EDGERT_ASSIGN_OR_RETURN(options.low, params.real("low", options.low));
  EDGERT_ASSIGN_OR_RETURN(options.high, params.real("high", options.high));
  if (!(options.low >= 0 && options.low < options.high))
    return bad_parameter("low", "must be below high");
  if (!(options.high < options.rate / 2.0))
    return bad_parameter("high", "must be below half the rate");
  EDGERT_RETURN_IF_ERROR(whole(params, "smoothing_bits", 6, 14, options.noise.smoothing_bits));
  EDGERT_RETURN_IF_ERROR(share(params, "even_smoothing", options.noise.even_smoothing));
  EDGERT_RETURN_IF_ERROR(share(params, "odd_smoothing", options.noise.odd_smoothing));
  EDGERT_RETURN_IF_ERROR(share(params, "least_signal", options.noise.least_signal));
  EDGERT_ASSIGN_OR_RETURN(options.pcan, params.boolean("pcan", true));
  EDGERT_ASSIGN_OR_RETURN(options.gain.strength,
                          params.real("pcan_strength", options.gain.strength));
  EDGERT_ASSIGN_OR_RETURN(options.gain.offset, params.real("pcan_offset", options.gain.offset));
  if (!(options.gain.strength >= 0 && options.gain.strength <= 4))
    return bad_parameter("pcan_strength", "must be 0 to 4");
  if (!(options.gain.offset > 0)) return bad_parameter("pcan_offset", "must be above 0");
  EDGERT_RETURN_IF_ERROR(whole(params, "pcan_bits", 18, 30, options.gain.gain_bits));
  EDGERT_RETURN_IF_ERROR(whole(params, "log_shift", 0, 12, options.log_shift));
  if (!MicroFrontend(options).fits()) return bad_parameter("high", "is too near to half the rate");
  return options;
}

}  // namespace

Made make_micro_frontend(const Params& params, Formats inputs) {
  EDGERT_RETURN_IF_ERROR(
      params.only({"rate", "window", "hop", "channels", "low", "high", "smoothing_bits",
                   "even_smoothing", "odd_smoothing", "least_signal", "pcan", "pcan_strength",
                   "pcan_offset", "pcan_bits", "log_shift", "scale"}));
  EDGERT_RETURN_IF_ERROR(expect_inputs(inputs, 1, 2));
  EDGERT_ASSIGN_OR_RETURN(const TensorSpec input, tensor_input(inputs, 0, DType::kFloat32));
  if (input.shape.rank() != 1)
    return Status::invalid("input 0", "expected samples [n], is " + input.text());
  if (inputs.size() == 2)
    EDGERT_RETURN_IF_ERROR(frame_input(inputs, 1, FrameKind::kAudio).status());
  EDGERT_ASSIGN_OR_RETURN(const MicroOptions options, read_options(params));
  EDGERT_ASSIGN_OR_RETURN(const double scale, params.real("scale", 1));
  const std::int64_t most =
      FrameStream(options.window, options.hop).most_frames(max_elements(input));
  EDGERT_ASSIGN_OR_RETURN(
      TensorSpec output,
      bounded_output("features", DType::kFloat32, {-1, options.channels}, most * options.channels));
  return std::unique_ptr<Transform>(std::make_unique<MicroFeatures>(
      input, options, static_cast<float>(scale), std::move(output)));
}

}  // namespace edgert::audio_ops
