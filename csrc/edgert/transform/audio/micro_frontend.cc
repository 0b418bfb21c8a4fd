#include "edgert/transform/audio/micro_frontend.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

namespace edgert {
namespace {

constexpr int kWindowBits = 12;

int fft_size(int window) {
  return static_cast<int>(std::bit_ceil(static_cast<unsigned>(window)));
}
// By how many bits the roots of the channels are below the signal's true scale.
int correction(int window) {
  return std::countr_zero(static_cast<unsigned>(fft_size(window))) - MicroFilters::kBits / 2;
}

std::int32_t to_int16(float sample) {
  return std::clamp(static_cast<int>(std::lrint(sample * 32768.0F)), -32768, 32767);
}

}  // namespace

MicroFrontend::MicroFrontend(const MicroOptions& options)
    : pcan_(options.pcan),
      values_(static_cast<std::size_t>(options.channels)),
      fft_(fft_size(options.window)),
      filters_(options.rate, fft_.bins(), options.channels, static_cast<float>(options.low),
               static_cast<float>(options.high)),
      noise_(options.noise, options.channels),
      gain_(options.gain, options.noise.smoothing_bits, correction(options.window)),
      log_(options.log_shift, correction(options.window)) {
  const float turn = std::numbers::pi_v<float> * 2.0F / static_cast<float>(options.window);
  for (int i = 0; i < options.window; ++i) {
    const float value = 0.5F - 0.5F * std::cos(turn * (static_cast<float>(i) + 0.5F));
    window_.push_back(static_cast<std::int16_t>(std::floor(value * (1 << kWindowBits) + 0.5F)));
  }
  input_.resize(static_cast<std::size_t>(fft_.size()));
  spectrum_.resize(static_cast<std::size_t>(fft_.bins()));
}

// Fills the transform's input, shifted up to its full range; returns by how much.
int MicroFrontend::apply_window(const float* samples) {
  std::int16_t peak = 0;
  for (std::size_t i = 0; i < window_.size(); ++i) {
    const auto value =
        static_cast<std::int16_t>((to_int16(samples[i]) * window_[i]) >> kWindowBits);
    input_[i] = value;
    peak = std::max(peak, value < 0 ? static_cast<std::int16_t>(-value) : value);
  }
  const int shift = 15 - static_cast<int>(std::bit_width(static_cast<std::uint32_t>(peak)));
  for (std::size_t i = 0; i < window_.size(); ++i)
    input_[i] = static_cast<std::int16_t>(static_cast<std::uint16_t>(input_[i]) << shift);
  return shift;
}

void MicroFrontend::process(const float* samples, std::uint16_t* out) {
  const int shift = apply_window(samples);
  fft_.transform(input_.data(), spectrum_.data());
  filters_.apply(spectrum_.data(), shift, values_.data());
  noise_.apply(values_.data());
  if (pcan_) gain_.apply(noise_.estimate(), values_.data());
  for (std::uint32_t value : values_) *out++ = log_(value);
}

}  // namespace edgert
