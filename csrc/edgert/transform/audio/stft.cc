// audio.stft: the spectra of a window of samples, or of a stream as its samples come.
#include <optional>

#include "edgert/transform/audio/continuity.h"
#include "edgert/transform/audio/frame_stream.h"
#include "edgert/transform/audio/mel_frontend.h"
#include "edgert/transform/audio/ops.h"
#include "edgert/transform/tensor/spec.h"

namespace edgert::audio_ops {
namespace {

constexpr std::string_view kName = "audio.stft";

class Stft final : public SpecifiedTransform {
 public:
  Stft(TensorSpec input, const FrontendOptions& options, Spectrum what, bool stream,
       TensorSpec output)
      : SpecifiedTransform({std::move(output)}),
        input_(std::move(input)),
        frontend_(options),
        what_(what) {
    if (stream) stream_.emplace(options.window, options.hop);
  }
  bool stateful() const override { return stream_.has_value(); }
  bool cheap() const override { return quick_move(4 * frontend_.work(max_elements(input_))); }
  void reset() override {
    if (stream_) stream_->reset();
    continuity_.reset();
  }

  Status run(std::span<const Input> inputs, RunContext& context) override {
    if (stream_ && inputs.size() == 2 && continuity_.broken_by(*inputs[1].frame)) stream_->reset();
    Status status = check_tensor(kName, inputs[0], input_);
    if (status.ok())
      status = stream_ ? follow(*inputs[0].tensor, context) : alone(*inputs[0].tensor, context);
    if (!status.ok() && stream_) stream_->reset();  // what comes does not continue this chunk
    return status;
  }

 private:
  Status alone(const Tensor& window, RunContext& context) const {
    const std::int64_t count = window.elements();
    EDGERT_RETURN_IF_ERROR(allocate(frontend_.frames(count), context));
    write(window.data<const float>(), count, context.scratch(frontend_.spectra_scratch_bytes()),
          context);
    return {};
  }

  Status follow(const Tensor& chunk, RunContext& context) {
    const std::int64_t count = chunk.elements(), frames = stream_->frames(count);
    EDGERT_RETURN_IF_ERROR(allocate(frames, context));
    const std::size_t behind = (frontend_.spectra_scratch_bytes() + 63) / 64 * 64;
    std::byte* scratch = context.scratch(
        behind + static_cast<std::size_t>(stream_->room(count) + 1) * sizeof(float));
    auto* samples = reinterpret_cast<float*>(scratch + behind);
    const std::int64_t total = stream_->join(chunk.data<const float>(), count, samples);
    if (frames > 0) write(samples, total, scratch, context);
    stream_->keep(samples, total, frames);
    return {};
  }

  Status allocate(std::int64_t frames, RunContext& context) const {
    Shape shape = outputs()[0].shape;
    shape[0] = frames;
    return context.allocate(0, shape);
  }
  void write(const float* samples, std::int64_t count, std::byte* scratch,
             RunContext& context) const {
    frontend_.spectra(samples, count, what_, context.output(0).data<float>(), scratch);
  }

  TensorSpec input_;
  MelFrontend frontend_;
  Spectrum what_;
  std::optional<FrameStream> stream_;
  Continuity continuity_;
};

}  // namespace

Made make_stft(const Params& params, Formats inputs) {
  EDGERT_RETURN_IF_ERROR(
      params.only({"fft", "window", "hop", "window_type", "centre", "what", "stream"}));
  EDGERT_ASSIGN_OR_RETURN(const bool stream, params.boolean("stream", false));
  EDGERT_RETURN_IF_ERROR(expect_inputs(inputs, 1, stream ? 2 : 1));
  if (inputs.size() == 2)
    EDGERT_RETURN_IF_ERROR(frame_input(inputs, 1, FrameKind::kAudio).status());
  EDGERT_ASSIGN_OR_RETURN(const TensorSpec input, tensor_input(inputs, 0, DType::kFloat32));
  if (input.shape.rank() != 1)
    return Status::invalid("input 0", "expected samples [n], is " + input.text());
  FrontendOptions options;
  EDGERT_RETURN_IF_ERROR(read_spectrum_options(params, options));
  if (stream && options.centre) return bad_parameter("centre", "frames of a stream lie inside it");
  options.mel = {options.mel.rate,       options.mel.fft, 1,    0,
                 options.mel.rate / 2.0, false,           true, false};
  EDGERT_ASSIGN_OR_RETURN(const std::string text, params.text("what", "magnitude"));
  if (text != "magnitude" && text != "power" && text != "complex")
    return bad_parameter("what", "'" + text + "' is none of magnitude, power, complex");
  const bool complex = text == "complex";
  const Spectrum what = complex           ? Spectrum::kComplex
                        : text == "power" ? Spectrum::kPower
                                          : Spectrum::kMagnitude;
  const std::int64_t bins = options.mel.fft / 2 + 1;
  const std::int64_t most =
      stream ? FrameStream(options.window, options.hop).most_frames(max_elements(input))
             : MelFrontend(options).frames(max_elements(input));
  if (most == 0) return bad_parameter("window", "is longer than the input " + input.text());
  const std::int64_t frames = input.shape.is_static() && !stream ? most : -1;
  const Shape shape = complex ? Shape{frames, bins, 2} : Shape{frames, bins};
  EDGERT_ASSIGN_OR_RETURN(TensorSpec output, bounded_output("stft", DType::kFloat32, shape,
                                                            most * bins * (complex ? 2 : 1)));
  return std::unique_ptr<Transform>(
      std::make_unique<Stft>(input, options, what, stream, std::move(output)));
}

}  // namespace edgert::audio_ops
