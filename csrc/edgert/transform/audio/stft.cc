// audio.stft: the spectra of a window of samples.
#include "edgert/transform/audio/mel_frontend.h"
#include "edgert/transform/audio/ops.h"
#include "edgert/transform/tensor/spec.h"

namespace edgert::audio_ops {
namespace {

constexpr std::string_view kName = "audio.stft";

class Stft final : public SpecifiedTransform {
 public:
  Stft(TensorSpec input, const FrontendOptions& options, Spectrum what, TensorSpec output)
      : SpecifiedTransform({std::move(output)}),
        input_(std::move(input)),
        frontend_(options),
        what_(what) {}
  bool cheap() const override { return quick_move(4 * frontend_.work(max_elements(input_))); }

  Status run(std::span<const Input> inputs, RunContext& context) override {
    EDGERT_RETURN_IF_ERROR(check_tensor(kName, inputs[0], input_));
    const Tensor& window = *inputs[0].tensor;
    Shape shape = outputs()[0].shape;
    shape[0] = frontend_.frames(window.elements());
    EDGERT_RETURN_IF_ERROR(context.allocate(0, shape));
    frontend_.spectra(window.data<const float>(), window.elements(), what_,
                      context.output(0).data<float>(),
                      context.scratch(frontend_.spectra_scratch_bytes()));
    return {};
  }

 private:
  TensorSpec input_;
  MelFrontend frontend_;
  Spectrum what_;
};

}  // namespace

Made make_stft(const Params& params, Formats inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"fft", "window", "hop", "window_type", "centre", "what"}));
  EDGERT_RETURN_IF_ERROR(expect_inputs(inputs, 1, 1));
  EDGERT_ASSIGN_OR_RETURN(const TensorSpec input, tensor_input(inputs, 0, DType::kFloat32));
  if (input.shape.rank() != 1)
    return Status::invalid("input 0", "expected samples [n], is " + input.text());
  FrontendOptions options;
  EDGERT_RETURN_IF_ERROR(read_spectrum_options(params, options));
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
  const std::int64_t most = MelFrontend(options).frames(max_elements(input));
  if (most == 0) return bad_parameter("window", "is longer than the input " + input.text());
  const std::int64_t frames = input.shape.is_static() ? most : -1;
  const Shape shape = complex ? Shape{frames, bins, 2} : Shape{frames, bins};
  EDGERT_ASSIGN_OR_RETURN(TensorSpec output, bounded_output("stft", DType::kFloat32, shape,
                                                            most * bins * (complex ? 2 : 1)));
  return std::unique_ptr<Transform>(
      std::make_unique<Stft>(input, options, what, std::move(output)));
}

}  // namespace edgert::audio_ops
