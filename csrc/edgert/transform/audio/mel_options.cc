#include <algorithm>
#include <bit>
#include <cmath>

#include "edgert/transform/audio/mel_frontend.h"
#include "edgert/transform/tensor/spec.h"

namespace edgert {
namespace {

// A whole number in least..most; `fallback` outside of it makes the parameter required.
Status read_count(const Params& params, std::string_view name, int fallback, int least, int most,
                  int& value) {
  EDGERT_ASSIGN_OR_RETURN(const std::int64_t given, params.integer(name, fallback));
  if (given < least || given > most) {
    return bad_parameter(name, "must be " + std::to_string(least) + " to " + std::to_string(most) +
                                   ", is " + std::to_string(given));
  }
  value = static_cast<int>(given);
  return {};
}

// The index of the text among `choices`.
Status read_choice(const Params& params, std::string_view name,
                   std::initializer_list<std::string_view> choices, std::size_t fallback,
                   std::size_t& index) {
  EDGERT_ASSIGN_OR_RETURN(const std::string text,
                          params.text(name, std::string(choices.begin()[fallback])));
  std::string known;
  for (index = 0; index < choices.size(); ++index) {
    if (text == choices.begin()[index]) return {};
    known += (known.empty() ? "" : ", ") + std::string(choices.begin()[index]);
  }
  return bad_parameter(name, "'" + text + "' is none of " + known);
}

Status read_spectrum(const Params& params, FrontendOptions& options) {
  constexpr int kMost = RealFft::kMaxSize;
  int given = 0;
  EDGERT_RETURN_IF_ERROR(read_count(params, "fft", 0, 0, kMost, given));
  EDGERT_RETURN_IF_ERROR(read_count(params, "window", given, 2, kMost, options.window));
  options.mel.fft = given ? given : static_cast<int>(std::bit_ceil(unsigned(options.window)));
  options.mel.fft = std::max(options.mel.fft, RealFft::kMinSize);
  if (!std::has_single_bit(static_cast<unsigned>(options.mel.fft))) {
    return bad_parameter("fft", "must be a power of two, is " + std::to_string(given));
  }
  if (options.window > options.mel.fft) return bad_parameter("window", "is longer than fft");
  EDGERT_RETURN_IF_ERROR(read_count(params, "hop", 0, 1, 1 << 24, options.hop));
  EDGERT_RETURN_IF_ERROR(read_count(params, "power", 2, 1, 2, options.power));
  std::size_t type = 0;
  EDGERT_RETURN_IF_ERROR(read_choice(params, "window_type", {"hann", "hamming", "povey"}, 0, type));
  options.window_type = static_cast<WindowType>(type);
  EDGERT_ASSIGN_OR_RETURN(options.centre, params.boolean("centre", false));
  return {};
}

Status read_mel(const Params& params, MelOptions& mel) {
  EDGERT_RETURN_IF_ERROR(read_count(params, "mels", 64, 1, 1024, mel.mels));
  EDGERT_ASSIGN_OR_RETURN(mel.low, params.real("low", 0));
  EDGERT_ASSIGN_OR_RETURN(mel.high, params.real("high", mel.rate / 2.0));
  if (!(mel.low >= 0)) return bad_parameter("low", "must be at least 0 Hz");
  if (!(mel.high <= mel.rate / 2.0)) return bad_parameter("high", "must be at most half the rate");
  if (!(mel.low < mel.high)) return bad_parameter("low", "must be below high");
  std::size_t scale = 0, axis = 0, norm = 0;
  EDGERT_RETURN_IF_ERROR(read_choice(params, "mel_scale", {"htk", "slaney"}, 0, scale));
  EDGERT_RETURN_IF_ERROR(read_choice(params, "mel_axis", {"mel", "hz"}, scale, axis));
  EDGERT_RETURN_IF_ERROR(read_choice(params, "mel_norm", {"none", "slaney"}, 0, norm));
  mel.slaney_scale = scale == 1;
  mel.sides_over_mel = axis == 0;
  mel.unit_area = norm == 1;
  return {};
}

Status read_log(const Params& params, FrontendOptions& options) {
  std::size_t log = 0;
  EDGERT_RETURN_IF_ERROR(read_choice(params, "log", {"none", "ln", "log10", "db"}, 1, log));
  options.log = static_cast<LogScale>(log);
  EDGERT_ASSIGN_OR_RETURN(options.log_offset, params.real("log_offset", 0));
  EDGERT_ASSIGN_OR_RETURN(options.log_floor, params.real("log_floor", 1e-10));
  EDGERT_ASSIGN_OR_RETURN(options.log_range, params.real("log_range", 0));
  if (!(options.log_offset >= 0)) return bad_parameter("log_offset", "must be at least 0");
  if (!(options.log_floor >= 1e-37)) return bad_parameter("log_floor", "must be above 1e-37");
  if (!(options.log_range >= 0)) return bad_parameter("log_range", "must be at least 0");
  return {};
}

}  // namespace

Status read_spectrum_options(const Params& params, FrontendOptions& options) {
  return read_spectrum(params, options);
}

Result<FrontendOptions> read_frontend_options(const Params& params) {
  FrontendOptions options;
  EDGERT_RETURN_IF_ERROR(read_count(params, "rate", 0, 1, 1'000'000, options.mel.rate));
  EDGERT_RETURN_IF_ERROR(read_spectrum(params, options));
  EDGERT_RETURN_IF_ERROR(read_mel(params, options.mel));
  EDGERT_RETURN_IF_ERROR(read_log(params, options));
  return options;
}

}  // namespace edgert
