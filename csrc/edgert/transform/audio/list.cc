#include "edgert/transform/audio/ops.h"
#include "edgert/transform/table/window.h"

namespace edgert {

namespace audio_ops {

Made make_window(const Params& params, Formats inputs) {
  EDGERT_RETURN_IF_ERROR(params.only({"size", "hop", "pad_start", "rate"}));
  EDGERT_RETURN_IF_ERROR(expect_inputs(inputs, 1, 2));
  EDGERT_ASSIGN_OR_RETURN(const TensorSpec samples, tensor_input(inputs, 0, DType::kFloat32));
  if (samples.shape.rank() != 1) {
    return Status::invalid("input 0", "expected samples [n], is " + samples.text());
  }
  // The frame's rate says nothing: the samples may have been resampled.
  if (inputs.size() == 2) {
    EDGERT_RETURN_IF_ERROR(frame_input(inputs, 1, FrameKind::kAudio).status());
  }
  EDGERT_ASSIGN_OR_RETURN(const WindowOptions options, read_window_options(params, 0));
  return edgert::make_window("audio.window", options, samples, inputs.size() == 2);
}

}  // namespace audio_ops

std::span<const TransformEntry> audio_transforms() {
  static constexpr TransformEntry kEntries[] = {
      {"audio.convert", audio_ops::make_convert},
      {"audio.window", audio_ops::make_window},
      {"audio.log_mel", audio_ops::make_log_mel},
      {"audio.mfcc", audio_ops::make_mfcc},
      {"audio.stft", audio_ops::make_stft},
      {"audio.pcen", audio_ops::make_pcen},
      {"audio.gain", audio_ops::make_gain},
      {"audio.micro_frontend", audio_ops::make_micro_frontend},
  };
  return kEntries;
}

}  // namespace edgert
