// Triangular filters on the mel scale, kept sparse.
//
// Scales: htk is 2595 log10(1 + f / 700) (Young et al., The HTK Book); slaney is linear below
// 1000 Hz and logarithmic above (Slaney's Auditory Toolbox, librosa's default). The triangles'
// sides are straight lines over mel (as TensorFlow and Kaldi have them) or over Hz (librosa).
#pragma once

#include <vector>

#include "edgert/transform/audio/real_fft.h"

namespace edgert {

struct MelOptions {
  int rate = 16000, fft = 512, mels = 64;
  double low = 0, high = 8000;  // Hz
  bool slaney_scale = false;
  bool sides_over_mel = true;
  bool unit_area = false;  // Slaney's norm: each filter is divided by half its width in Hz
};

class MelFilters {
 public:
  explicit MelFilters(const MelOptions& options);

  int mels() const { return mels_; }
  // Values that apply() writes: of both signals, and of mels that fill up the last four.
  std::int64_t out_size() const {
    return sound::kSignals * static_cast<std::int64_t>(filters_.size());
  }
  // From RealFft::power() to the mels, each of both signals.
  void apply(const float* spectrum, float* mels) const;

 private:
  void add(int first, const std::vector<double>& weights);

  const sound::Kernels* kernels_;
  int mels_;
  std::vector<sound::Band> filters_;
  std::vector<float> weights_;
};

}  // namespace edgert
