// The makers of the audio family; docs/operations.md says what each takes and gives.
#pragma once

#include "edgert/transform/transform.h"

namespace edgert::audio_ops {

using Made = Result<std::unique_ptr<Transform>>;
using Formats = std::span<const InputFormat>;

Made make_convert(const Params& params, Formats inputs);
Made make_window(const Params& params, Formats inputs);
Made make_log_mel(const Params& params, Formats inputs);
Made make_mfcc(const Params& params, Formats inputs);
Made make_gain(const Params& params, Formats inputs);
Made make_stft(const Params& params, Formats inputs);
Made make_pcen(const Params& params, Formats inputs);
Made make_micro_frontend(const Params& params, Formats inputs);

}  // namespace edgert::audio_ops
