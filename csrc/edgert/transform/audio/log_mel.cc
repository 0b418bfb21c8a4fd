#include <optional>

#include "edgert/transform/audio/cosine.h"
#include "edgert/transform/audio/mel_frontend.h"
#include "edgert/transform/audio/ops.h"
#include "edgert/transform/tensor/spec.h"

namespace edgert::audio_ops {
namespace {

constexpr std::string_view kLogMel = "audio.log_mel";
constexpr std::string_view kMfcc = "audio.mfcc";

// (value - mean) / deviation, one of each a column.
struct Normalisation {
  std::vector<float> mean, factor;
  bool identity = true;

  void apply(float* rows, std::int64_t count) const {
    if (identity) return;
    for (std::int64_t row = 0; row < count; ++row)
      for (std::size_t i = 0; i < mean.size(); ++i, ++rows) *rows = (*rows - mean[i]) * factor[i];
  }
};

struct Shaping {
  Normalisation normalisation;
  std::optional<CosineTransform> cosines;
  bool batch_axis = false;
};

class LogMel final : public SpecifiedTransform {
 public:
  LogMel(TensorSpec input, const FrontendOptions& options, Shaping shaping, TensorSpec output)
      : SpecifiedTransform({std::move(output)}),
        input_(std::move(input)),
        frontend_(options),
        shaping_(std::move(shaping)) {}
  bool cheap() const override { return quick_move(4 * frontend_.work(max_elements(input_))); }

  Status run(std::span<const Input> inputs, RunContext& context) override {
    EDGERT_RETURN_IF_ERROR(check_tensor(name(), inputs[0], input_));
    const float* samples = inputs[0].tensor->data<const float>();
    const std::int64_t count = inputs[0].tensor->elements();
    const std::int64_t frames = frontend_.frames(count);
    Shape shape = outputs()[0].shape;
    shape[shaping_.batch_axis] = frames;
    EDGERT_RETURN_IF_ERROR(context.allocate(0, shape));
    float* out = context.output(0).data<float>();
    const std::size_t work = frontend_.scratch_bytes();
    const std::size_t mel_bytes =
        static_cast<std::size_t>(frames * frontend_.mels()) * sizeof(float);
    std::byte* scratch = context.scratch(work + (shaping_.cosines ? mel_bytes : 0));
    if (shaping_.cosines) {
      auto* mels = reinterpret_cast<float*>(scratch + work);
      frontend_.run(samples, count, mels, scratch);
      shaping_.cosines->apply(mels, out, frames);
    } else {
      frontend_.run(samples, count, out, scratch);
    }
    shaping_.normalisation.apply(out, frames);
    return {};
  }

 private:
  std::string_view name() const { return shaping_.cosines ? kMfcc : kLogMel; }

  TensorSpec input_;
  MelFrontend frontend_;
  Shaping shaping_;
};

Result<Normalisation> read_normalisation(const Params& params, int columns) {
  const auto count = static_cast<std::size_t>(columns);
  EDGERT_ASSIGN_OR_RETURN(const auto mean, columns_parameter(params, "mean", 0, count));
  EDGERT_ASSIGN_OR_RETURN(const auto deviation, columns_parameter(params, "deviation", 1, count));
  Normalisation result;
  result.identity = !params.has("mean") && !params.has("deviation");
  for (std::size_t i = 0; i < count; ++i) {
    if (!(deviation[i] > 0)) return bad_parameter("deviation", "must be above 0");
    result.mean.push_back(static_cast<float>(mean[i]));
    result.factor.push_back(static_cast<float>(1 / deviation[i]));
  }
  return result;
}

// The window of samples: [size], or [1, size].
Result<TensorSpec> samples_input(Formats inputs) {
  EDGERT_RETURN_IF_ERROR(expect_inputs(inputs, 1, 1));
  EDGERT_ASSIGN_OR_RETURN(TensorSpec input, tensor_input(inputs, 0, DType::kFloat32));
  const Shape& shape = input.shape;
  if (shape.rank() == 1 || (shape.rank() == 2 && shape[0] == 1)) return input;
  return Status::invalid("input 0", "expected samples [n], is " + input.text(),
                         "windows [k, n] go through a scope, one at a time");
}

Result<std::optional<CosineTransform>> read_cosines(const Params& params, int mels, int& columns) {
  EDGERT_ASSIGN_OR_RETURN(const std::int64_t coefficients, params.integer("coefficients", 13));
  EDGERT_ASSIGN_OR_RETURN(const std::string norm, params.text("dct_norm", "ortho"));
  if (coefficients < 1 || coefficients > mels) {
    return bad_parameter("coefficients", "must be 1 to the number of mels");
  }
  if (norm != "ortho" && norm != "none") return bad_parameter("dct_norm", "is ortho or none");
  columns = static_cast<int>(coefficients);
  return std::optional<CosineTransform>(std::in_place, mels, columns, norm == "ortho");
}

Made make_features(const Params& params, Formats inputs, bool mfcc) {
  EDGERT_ASSIGN_OR_RETURN(const TensorSpec input, samples_input(inputs));
  EDGERT_ASSIGN_OR_RETURN(const FrontendOptions options, read_frontend_options(params));
  Shaping shaping;
  int columns = options.mel.mels;
  if (mfcc) {
    EDGERT_ASSIGN_OR_RETURN(shaping.cosines, read_cosines(params, options.mel.mels, columns));
  }
  EDGERT_ASSIGN_OR_RETURN(shaping.normalisation, read_normalisation(params, columns));
  EDGERT_ASSIGN_OR_RETURN(shaping.batch_axis, params.boolean("batch_axis", false));
  const std::int64_t most = MelFrontend(options).frames(max_elements(input));
  if (most == 0) return bad_parameter("window", "is longer than the input " + input.text());
  const std::int64_t frames = input.shape.is_static() ? most : -1;
  const Shape shape = shaping.batch_axis ? Shape{1, frames, columns} : Shape{frames, columns};
  EDGERT_ASSIGN_OR_RETURN(
      TensorSpec output,
      bounded_output(mfcc ? "mfcc" : "log_mel", DType::kFloat32, shape, most * columns));
  return std::unique_ptr<Transform>(
      std::make_unique<LogMel>(input, options, std::move(shaping), std::move(output)));
}

}  // namespace

Made make_log_mel(const Params& params, Formats inputs) {
  EDGERT_RETURN_IF_ERROR(params.only(
      {"rate",      "fft",       "window",   "hop",      "window_type", "mels",      "low",
       "high",      "mel_scale", "mel_axis", "mel_norm", "power",       "log",       "log_offset",
       "log_floor", "log_range", "centre",   "mean",     "deviation",   "batch_axis"}));
  return make_features(params, inputs, false);
}

Made make_mfcc(const Params& params, Formats inputs) {
  EDGERT_RETURN_IF_ERROR(
      params.only({"rate",      "fft",        "window",       "hop",       "window_type", "mels",
                   "low",       "high",       "mel_scale",    "mel_axis",  "mel_norm",    "power",
                   "log",       "log_offset", "log_floor",    "log_range", "centre",      "mean",
                   "deviation", "batch_axis", "coefficients", "dct_norm"}));
  return make_features(params, inputs, true);
}

}  // namespace edgert::audio_ops
