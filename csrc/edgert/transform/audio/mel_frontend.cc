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
  if (window_.size() % 2) window_.push_back(0);
  // As librosa has it: the window in the middle of the transform, that around the frame's time.
  if (options.centre) first_ = (options.mel.fft - options.window) / 2 - options.mel.fft / 2;
}

std::int64_t MelFrontend::frames(std::int64_t samples) const {
  if (samples < 1) return 0;
  if (options_.centre) return 1 + samples / options_.hop;
  return samples < options_.window ? 0 : 1 + (samples - options_.window) / options_.hop;
}

std::size_t MelFrontend::scratch_bytes() const {
  const auto rows = static_cast<std::size_t>(fft_.size() + fft_.bins() + mels());
  return (rows + window_.size()) * kLanes * sizeof(float);
}

MelFrontend::Areas MelFrontend::split(std::byte* scratch) const {
  Areas areas;
  areas.real = reinterpret_cast<float*>(scratch);
  areas.imaginary = areas.real + fft_.size() / 2 * kLanes;
  areas.power = areas.imaginary + fft_.size() / 2 * kLanes;
  areas.bands = areas.power + fft_.bins() * kLanes;
  areas.edges = areas.bands + mels() * kLanes;
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

void MelFrontend::load(const float* samples, std::int64_t count, std::int64_t frame,
                       std::int64_t used, const Areas& areas) const {
  const auto length = static_cast<std::int64_t>(window_.size());
  const float* lanes[kLanes] = {};
  for (std::int64_t l = 0; l < kLanes; ++l) {
    const std::int64_t start = first_ + (frame + l) * options_.hop;
    lanes[l] = l < used ? frame_at(samples, count, start, areas.edges + l * length) : lanes[0];
  }
  kernels_->load(fft_.tables(), lanes, window_.data(), static_cast<int>(length / 2), areas.real,
                 areas.imaginary);
}

void MelFrontend::run(const float* samples, std::int64_t count, float* out,
                      std::byte* scratch) const {
  const Areas areas = split(scratch);
  const std::int64_t total = frames(count), bands = mels();
  for (std::int64_t frame = 0; frame < total; frame += kLanes) {
    const std::int64_t used = std::min<std::int64_t>(kLanes, total - frame);
    load(samples, count, frame, used, areas);
    fft_.power(areas.real, areas.imaginary, options_.power == 1, areas.power);
    filters_.apply(areas.power, areas.bands);
    for (std::int64_t l = 0; l < used; ++l)
      for (std::int64_t band = 0; band < bands; ++band) *out++ = areas.bands[band * kLanes + l];
  }
  take_logs(out - total * bands, total * bands);
}

void MelFrontend::spectra(const float* samples, std::int64_t count, Spectrum what, float* out,
                          std::byte* scratch) const {
  const Areas areas = split(scratch);
  auto* re = reinterpret_cast<float*>(scratch + scratch_bytes());
  float* im = re + fft_.bins() * kLanes;
  const std::int64_t total = frames(count);
  for (std::int64_t frame = 0; frame < total; frame += kLanes) {
    const std::int64_t used = std::min<std::int64_t>(kLanes, total - frame);
    load(samples, count, frame, used, areas);
    if (what == Spectrum::kComplex)
      fft_.spectrum(areas.real, areas.imaginary, re, im);
    else
      fft_.power(areas.real, areas.imaginary, what == Spectrum::kMagnitude, re);
    for (std::int64_t l = 0; l < used; ++l)
      for (std::int64_t bin = 0; bin < fft_.bins(); ++bin) {
        *out++ = re[bin * kLanes + l];
        if (what == Spectrum::kComplex) *out++ = im[bin * kLanes + l];
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
