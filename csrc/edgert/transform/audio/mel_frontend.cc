#include "edgert/transform/audio/mel_frontend.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace edgert {
namespace {

// hann and hamming are periodic, as SciPy's and TensorFlow's for spectra; povey is Kaldi's.
double window_value(WindowType type, int i, int length) {
  const double turn = 2 * std::numbers::pi * i;
  switch (type) {
    case WindowType::kHann:
      return 0.5 - 0.5 * std::cos(turn / length);
    case WindowType::kHamming:
      return 0.54 - 0.46 * std::cos(turn / length);
    case WindowType::kPovey:
      break;
  }
  return std::pow(0.5 - 0.5 * std::cos(turn / (length - 1)), 0.85);
}

}  // namespace

MelFrontend::MelFrontend(const FrontendOptions& options)
    : kernels_(&sound::best_kernels()),
      options_(options),
      fft_(options.mel.fft),
      filters_(options.mel) {
  for (int i = 0; i < options.window; ++i)
    window_.push_back(static_cast<float>(window_value(options.window_type, i, options.window)));
  while (window_.size() % 8) window_.push_back(0);
  // As librosa has it: the window in the middle of the transform, that around the frame's time.
  if (options.centre) first_ = (options.mel.fft - options.window) / 2 - options.mel.fft / 2;
}

std::int64_t MelFrontend::frames(std::int64_t samples) const {
  if (samples < 1) return 0;
  if (options_.centre) return 1 + samples / options_.hop;
  return samples < options_.window ? 0 : 1 + (samples - options_.window) / options_.hop;
}

std::size_t MelFrontend::scratch_bytes() const {
  const std::int64_t values = fft_.work_size() + fft_.out_size() + filters_.out_size();
  return (static_cast<std::size_t>(values) + kSignals * window_.size()) * sizeof(float);
}

MelFrontend::Areas MelFrontend::split(std::byte* scratch) const {
  Areas areas;
  areas.work = reinterpret_cast<float*>(scratch);
  areas.power = areas.work + fft_.work_size();
  areas.mels = areas.power + fft_.out_size();
  areas.edges = areas.mels + filters_.out_size();
  return areas;
}

// The samples of a window, copied with zeros around them where it reaches beyond the signal.
const float* MelFrontend::frame_at(const float* samples, std::int64_t count, std::int64_t start,
                                   float* edge) const {
  const auto length = static_cast<std::int64_t>(window_.size());
  if (start >= 0 && start + length <= count) return samples + start;
  for (std::int64_t i = 0; i < length; ++i)
    edge[i] = start + i >= 0 && start + i < count ? samples[start + i] : 0;
  return edge;
}

sound::Windowed MelFrontend::pair_at(const float* samples, std::int64_t count, std::int64_t frame,
                                     const Areas& areas) const {
  const auto length = static_cast<std::int64_t>(window_.size());
  const std::int64_t start = first_ + frame * options_.hop;
  const bool two = frame + 1 < frames(count);
  const float* first = frame_at(samples, count, start, areas.edges);
  const float* second =
      two ? frame_at(samples, count, start + options_.hop, areas.edges + length) : first;
  return {{first, second}, window_.data(), static_cast<int>(length / 8)};
}

void MelFrontend::run(const float* samples, std::int64_t count, float* out,
                      std::byte* scratch) const {
  const Areas areas = split(scratch);
  const std::int64_t total = frames(count), bands = mels();
  for (std::int64_t frame = 0; frame < total; frame += kSignals) {
    fft_.power(pair_at(samples, count, frame, areas), options_.power == 1, areas.work, areas.power);
    filters_.apply(areas.power, areas.mels);
    float* to = out + frame * bands;
    if (frame + 1 < total)
      kernels_->unpair(areas.mels, bands, to, to + bands);
    else
      for (std::int64_t band = 0; band < bands; ++band) to[band] = areas.mels[kSignals * band];
  }
  take_logs(out, total * bands);
}

void MelFrontend::spectra(const float* samples, std::int64_t count, Spectrum what, float* out,
                          std::byte* scratch) const {
  const Areas areas = split(scratch);
  auto* re = reinterpret_cast<float*>(scratch + scratch_bytes());
  float* im = re + fft_.out_size();
  const std::int64_t total = frames(count);
  for (std::int64_t frame = 0; frame < total; frame += kSignals) {
    const sound::Windowed pair = pair_at(samples, count, frame, areas);
    if (what == Spectrum::kComplex)
      fft_.spectrum(pair, areas.work, re, im);
    else
      fft_.power(pair, what == Spectrum::kMagnitude, areas.work, re);
    for (std::int64_t f = 0; f < std::min<std::int64_t>(kSignals, total - frame); ++f)
      for (std::int64_t i = f; i < kSignals * fft_.bins(); i += kSignals) {
        *out++ = re[i];
        if (what == Spectrum::kComplex) *out++ = im[i];
      }
  }
}

void MelFrontend::take_logs(float* values, std::int64_t count) const {
  if (options_.log == LogScale::kNone || count == 0) return;
  const auto offset = static_cast<float>(options_.log_offset);
  const auto floor = static_cast<float>(options_.log_floor);
  double unit = 1;
  if (options_.log == LogScale::kLog10) unit = std::numbers::log10e;
  if (options_.log == LogScale::kDecibel) unit = 10 * std::numbers::log10e;
  const auto factor = static_cast<float>(unit);
  kernels_->logs(values, count, offset, floor, factor);
  if (options_.log_range <= 0) return;
  const float low =
      *std::max_element(values, values + count) - static_cast<float>(options_.log_range);
  for (std::int64_t i = 0; i < count; ++i) values[i] = std::max(values[i], low);
}

}  // namespace edgert
