// From samples to log-mel frames: windows, power spectra, mel filters, logarithm.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "edgert/base/params.h"
#include "edgert/transform/audio/mel.h"
#include "edgert/transform/audio/real_fft.h"

namespace edgert {

enum class WindowType { kHann, kHamming, kPovey };
enum class LogScale { kNone, kLn, kLog10, kDecibel };

enum class Spectrum { kMagnitude, kPower, kComplex };

struct FrontendOptions {
  MelOptions mel;
  int window = 400, hop = 160;  // samples
  WindowType window_type = WindowType::kHann;
  int power = 2;  // of the magnitude
  bool centre = false;
  LogScale log = LogScale::kLn;
  double log_offset = 0, log_floor = 1e-10, log_range = 0;
};

// Reads fft, window, hop, window_type, power and centre.
Status read_spectrum_options(const Params& params, FrontendOptions& options);
// Reads the parameters of audio.log_mel but for `mean`, `deviation`, `batch_axis` and `stream`.
Result<FrontendOptions> read_frontend_options(const Params& params);

// Thread rule: read-only after construction.
class MelFrontend {
 public:
  explicit MelFrontend(const FrontendOptions& options);

  int mels() const { return filters_.mels(); }
  // Frames that `samples` give: with centre 1 + samples / hop, each in the middle of a window and
  // zeros around the signal; else those whose window lies inside the signal.
  std::int64_t frames(std::int64_t samples) const;
  // The points of all transforms together.
  std::int64_t work(std::int64_t samples) const { return frames(samples) * fft_.size(); }
  std::size_t scratch_bytes() const;
  // Writes frames(count) × mels() values. `scratch`: scratch_bytes(), aligned to 64.
  void run(const float* samples, std::int64_t count, float* out, std::byte* scratch) const;
  // The spectra themselves: frames(count) × (fft / 2 + 1) values, or for kComplex as many pairs.
  // `scratch`: spectra_scratch_bytes().
  void spectra(const float* samples, std::int64_t count, Spectrum what, float* out,
               std::byte* scratch) const;
  std::size_t spectra_scratch_bytes() const {
    return scratch_bytes() + 2 * static_cast<std::size_t>(fft_.out_size()) * sizeof(float);
  }

 private:
  static constexpr int kSignals = sound::kSignals;
  // Parts of the scratch area.
  struct Areas {
    float *work, *power, *mels, *edges;
  };
  Areas split(std::byte* scratch) const;
  // Two frames from `frame` on, or twice the last one.
  sound::Windowed pair_at(const float* samples, std::int64_t count, std::int64_t frame,
                          const Areas& areas) const;
  const float* frame_at(const float* samples, std::int64_t count, std::int64_t start,
                        float* edge) const;
  void take_logs(float* values, std::int64_t count) const;

  const sound::Kernels* kernels_;
  FrontendOptions options_;
  RealFft fft_;
  MelFilters filters_;
  std::vector<float> window_;  // zeros at the end make it a multiple of eight
  std::int64_t first_ = 0;     // where the first window begins: before the signal, when centred
};

}  // namespace edgert
