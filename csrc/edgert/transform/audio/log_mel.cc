#include <algorithm>
#include <optional>

#include "edgert/transform/audio/continuity.h"
#include "edgert/transform/audio/cosine.h"
#include "edgert/transform/audio/frame_stream.h"
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
  bool batch_axis = false, stream = false;
};

// Of a window of samples, or (`stream`) of a stream whose frames are computed as their samples
// come.
class LogMel final : public SpecifiedTransform {
 public:
  LogMel(TensorSpec input, const FrontendOptions& options, Shaping shaping, TensorSpec output)
      : SpecifiedTransform({std::move(output)}),
        input_(std::move(input)),
        frontend_(options),
        shaping_(std::move(shaping)) {
    if (shaping_.stream) stream_.emplace(options.window, options.hop);
  }
  bool stateful() const override { return shaping_.stream; }
  bool cheap() const override { return quick_move(2 * frontend_.work(max_elements(input_))); }
  void reset() override {
    if (stream_) stream_->reset();
    continuity_.reset();
  }

  Status run(std::span<const Input> inputs, RunContext& context) override {
    if (!stream_) {
      EDGERT_RETURN_IF_ERROR(check_tensor(name(), inputs[0], input_));
      const Tensor& window = *inputs[0].tensor;
      const std::int64_t frames = frontend_.frames(window.elements());
      EDGERT_RETURN_IF_ERROR(allocate(frames, context));
      write(window.data<const float>(), window.elements(), frames, context.scratch(room(frames)),
            context);
      return {};
    }
    if (inputs.size() == 2 && continuity_.broken_by(*inputs[1].frame)) stream_->reset();
    Status status = follow(inputs[0], context);
    if (!status.ok()) stream_->reset();  // this chunk is lost: what comes does not continue it
    return status;
  }

 private:
  std::string_view name() const { return shaping_.cosines ? kMfcc : kLogMel; }

  Status follow(const Input& input, RunContext& context) {
    EDGERT_RETURN_IF_ERROR(check_tensor(name(), input, input_));
    const std::int64_t count = input.tensor->elements(), frames = stream_->frames(count);
    EDGERT_RETURN_IF_ERROR(allocate(frames, context));
    const std::size_t behind = room(frames);
    std::byte* scratch = context.scratch(
        behind + static_cast<std::size_t>(stream_->room(count) + 1) * sizeof(float));
    auto* samples = reinterpret_cast<float*>(scratch + behind);
    const std::int64_t total = stream_->join(input.tensor->data<const float>(), count, samples);
    write(samples, total, frames, scratch, context);
    stream_->keep(samples, total, frames);
    return {};
  }

  Status allocate(std::int64_t frames, RunContext& context) const {
    Shape shape = outputs()[0].shape;
    shape[shaping_.batch_axis] = frames;
    return context.allocate(0, shape);
  }

  // Scratch that write() needs, a multiple of 64.
  std::size_t room(std::int64_t frames) const {
    const std::int64_t mels = shaping_.cosines ? frames * frontend_.mels() : 0;
    return (frontend_.scratch_bytes() + static_cast<std::size_t>(mels) * sizeof(float) + 63) / 64 *
           64;
  }

  void write(const float* samples, std::int64_t count, std::int64_t frames, std::byte* scratch,
             RunContext& context) const {
    if (frames == 0) return;
    float* out = context.output(0).data<float>();
    if (shaping_.cosines) {
      auto* mels = reinterpret_cast<float*>(scratch + frontend_.scratch_bytes());
      frontend_.run(samples, count, mels, scratch);
      shaping_.cosines->apply(mels, out, frames);
    } else {
      frontend_.run(samples, count, out, scratch);
    }
    shaping_.normalisation.apply(out, frames);
  }

  TensorSpec input_;
  MelFrontend frontend_;
  Shaping shaping_;
  std::optional<FrameStream> stream_;
  Continuity continuity_;
};

Result<Normalisation> read_normalisation(const Params& params, int columns) {
  const auto count = static_cast<std::size_t>(columns);
  EDGERT_ASSIGN_OR_RETURN(const auto mean, columns_parameter(params, "mean", 0, count));
  EDGERT_ASSIGN_OR_RETURN(const auto deviation, columns_parameter(params, "deviation", 1, count));
  Normalisation result;
  result.identity =
      std::ranges::count(mean, 0.0) == columns && std::ranges::count(deviation, 1.0) == columns;
  for (std::size_t i = 0; i < count; ++i) {
    if (!(deviation[i] > 0)) return bad_parameter("deviation", "must be above 0");
    result.mean.push_back(static_cast<float>(mean[i]));
    result.factor.push_back(static_cast<float>(1 / deviation[i]));
  }
  return result;
}

// The window of samples: [size], or [1, size]; or those of a stream and the frame they are of.
Result<TensorSpec> samples_input(Formats inputs, bool stream) {
  EDGERT_RETURN_IF_ERROR(expect_inputs(inputs, 1, stream ? 2 : 1));
  if (inputs.size() == 2)
    EDGERT_RETURN_IF_ERROR(frame_input(inputs, 1, FrameKind::kAudio).status());
  EDGERT_ASSIGN_OR_RETURN(TensorSpec input, tensor_input(inputs, 0, DType::kFloat32));
  const Shape& shape = input.shape;
  if (shape.rank() == 1 || (!stream && shape.rank() == 2 && shape[0] == 1)) return input;
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
  Shaping shaping;
  EDGERT_ASSIGN_OR_RETURN(shaping.stream, params.boolean("stream", false));
  EDGERT_ASSIGN_OR_RETURN(const TensorSpec input, samples_input(inputs, shaping.stream));
  EDGERT_ASSIGN_OR_RETURN(const FrontendOptions options, read_frontend_options(params));
  if (shaping.stream && options.centre)
    return bad_parameter("centre", "frames of a stream lie inside it");
  if (shaping.stream && options.log_range > 0)
    return bad_parameter("log_range", "a stream has no highest value; take windows of samples");
  int columns = options.mel.mels;
  if (mfcc) {
    EDGERT_ASSIGN_OR_RETURN(shaping.cosines, read_cosines(params, options.mel.mels, columns));
  }
  EDGERT_ASSIGN_OR_RETURN(shaping.normalisation, read_normalisation(params, columns));
  EDGERT_ASSIGN_OR_RETURN(shaping.batch_axis, params.boolean("batch_axis", false));
  const std::int64_t most =
      shaping.stream ? FrameStream(options.window, options.hop).most_frames(max_elements(input))
                     : MelFrontend(options).frames(max_elements(input));
  if (most == 0) return bad_parameter("window", "is longer than the input " + input.text());
  const std::int64_t frames = input.shape.is_static() && !shaping.stream ? most : -1;
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
      {"rate",      "fft",       "window",   "hop",      "window_type", "mels",       "low",
       "high",      "mel_scale", "mel_axis", "mel_norm", "power",       "log",        "log_offset",
       "log_floor", "log_range", "centre",   "mean",     "deviation",   "batch_axis", "stream"}));
  return make_features(params, inputs, false);
}

Made make_mfcc(const Params& params, Formats inputs) {
  EDGERT_RETURN_IF_ERROR(
      params.only({"rate",      "fft",        "window",       "hop",       "window_type", "mels",
                   "low",       "high",       "mel_scale",    "mel_axis",  "mel_norm",    "power",
                   "log",       "log_offset", "log_floor",    "log_range", "centre",      "mean",
                   "deviation", "batch_axis", "coefficients", "dct_norm",  "stream"}));
  return make_features(params, inputs, true);
}

}  // namespace edgert::audio_ops
