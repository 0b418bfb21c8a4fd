#include "edgert/transform/audio/continuity.h"
#include "edgert/transform/audio/kernels.h"
#include "edgert/transform/audio/ops.h"
#include "edgert/transform/audio/resampler.h"
#include "edgert/transform/tensor/spec.h"

namespace edgert::audio_ops {
namespace {

constexpr std::string_view kName = "audio.convert";

bool is_mono_float(const Tensor& samples) {
  return samples.dtype() == DType::kFloat32 && samples.shape()[1] == 1;
}

// The chunk as one channel of float32 in [-1, 1].
void to_mono(const Tensor& from, float* to) {
  const std::int64_t count = from.shape()[0];
  const auto channels = static_cast<int>(from.shape()[1]);
  const sound::Kernels& kernels = sound::best_kernels();
  const float share = 1.0F / static_cast<float>(channels);
  if (from.dtype() == DType::kInt16)
    kernels.mix_shorts(from.data<const std::int16_t>(), count, channels, share / 32768, to);
  else
    kernels.mix(from.data<const float>(), count, channels, share, to);
}

Status check_chunk(const Frame& frame, int rate, const TensorSpec& chunk) {
  if (frame.audio.rate == rate) return check_tensor(kName, Input{nullptr, &frame.samples}, chunk);
  return Status::invalid(std::string(kName), "a frame of " + std::to_string(frame.audio.rate) +
                                                 " Hz came, was made for " + std::to_string(rate) +
                                                 " Hz");
}

class Convert final : public SpecifiedTransform {
 public:
  Convert(int rate, TensorSpec chunk, TensorSpec output)
      : SpecifiedTransform({std::move(output)}), rate_(rate), chunk_(std::move(chunk)) {}
  bool cheap() const override { return quick_move(max_elements(chunk_)); }

  Status run(std::span<const Input> inputs, RunContext& context) override {
    EDGERT_RETURN_IF_ERROR(check_chunk(*inputs[0].frame, rate_, chunk_));
    const Tensor& from = inputs[0].frame->samples;
    const Shape shape = {from.shape()[0]};
    if (is_mono_float(from)) {
      context.output(0) = from;
      context.output(0).set_shape(shape);
      return {};
    }
    EDGERT_RETURN_IF_ERROR(context.allocate(0, shape));
    to_mono(from, context.output(0).data<float>());
    return {};
  }

 private:
  int rate_;
  TensorSpec chunk_;
};

class Resample final : public SpecifiedTransform {
 public:
  Resample(int rate, TensorSpec chunk, Resampler resampler, TensorSpec output)
      : SpecifiedTransform({std::move(output)}),
        rate_(rate),
        chunk_(std::move(chunk)),
        resampler_(std::move(resampler)) {}
  bool stateful() const override { return true; }
  bool cheap() const override { return resampler_.work(max_rows(chunk_)) <= 200'000; }
  void reset() override {
    resampler_.reset();
    continuity_.reset();
  }

  Status run(std::span<const Input> inputs, RunContext& context) override {
    const Frame& frame = *inputs[0].frame;
    if (continuity_.broken_by(frame)) resampler_.reset();
    Status status = check_chunk(frame, rate_, chunk_);
    if (status.ok()) status = convert(frame.samples, frame.last, context);
    if (!status.ok() || frame.last) resampler_.reset();
    return status;
  }

 private:
  // Behind the last chunk comes silence, so that what was held back comes out.
  Status convert(const Tensor& from, bool last, RunContext& context) {
    const std::int64_t count = from.shape()[0];
    EDGERT_RETURN_IF_ERROR(context.allocate(0, {resampler_.most_from(count, last)}));
    const bool ready = is_mono_float(from);
    const std::int64_t mixed = ready ? 0 : count;
    const auto room = static_cast<std::size_t>(mixed + resampler_.room(count, last));
    auto* work = reinterpret_cast<float*>(context.scratch(room * sizeof(float)));
    if (!ready) to_mono(from, work);
    const float* in = ready ? from.data<const float>() : work;
    Tensor& output = context.output(0);
    output.set_shape({resampler_.process(in, count, last, work + mixed, output.data<float>())});
    return {};
  }

  int rate_;
  TensorSpec chunk_;
  Resampler resampler_;
  Continuity continuity_;
};

}  // namespace

Made make_convert(const Params& params, Formats inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"rate"}));
  EDGERT_RETURN_IF_ERROR(expect_inputs(inputs, 1, 1));
  EDGERT_ASSIGN_OR_RETURN(const FrameFormat frame, frame_input(inputs, 0, FrameKind::kAudio));
  const AudioFormat& audio = frame.audio;
  if (audio.channels < 1 || audio.rate < 1 ||
      (audio.dtype != DType::kFloat32 && audio.dtype != DType::kInt16)) {
    return Status::invalid("input 0", "expected int16 or float32 samples, is " + frame.text());
  }
  EDGERT_ASSIGN_OR_RETURN(const std::int64_t rate, params.integer("rate", audio.rate));
  if (rate < 1 || rate > 1'000'000) return bad_parameter("rate", "must be 1 to 1000000 Hz");
  const std::int64_t most = audio.max_chunk > 0 ? audio.max_chunk : audio.rate;
  EDGERT_ASSIGN_OR_RETURN(
      TensorSpec chunk,
      bounded_output("samples", audio.dtype, {-1, audio.channels}, most * audio.channels));
  if (rate == audio.rate) {
    EDGERT_ASSIGN_OR_RETURN(TensorSpec output,
                            bounded_output("samples", DType::kFloat32, {-1}, most));
    return std::unique_ptr<Transform>(
        std::make_unique<Convert>(audio.rate, std::move(chunk), std::move(output)));
  }
  auto resampler = Resampler::make(audio.rate, static_cast<int>(rate));
  if (!resampler.ok()) {
    return Status::invalid("parameter 'rate'", std::string(resampler.status().what()),
                           std::string(resampler.status().hint()));
  }
  EDGERT_ASSIGN_OR_RETURN(TensorSpec output, bounded_output("samples", DType::kFloat32, {-1},
                                                            resampler->most_from(most, true)));
  return std::unique_ptr<Transform>(std::make_unique<Resample>(
      audio.rate, std::move(chunk), std::move(resampler).value(), std::move(output)));
}

}  // namespace edgert::audio_ops
