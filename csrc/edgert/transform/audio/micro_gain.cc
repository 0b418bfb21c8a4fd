#include "edgert/transform/audio/micro_gain.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace edgert {
namespace {

constexpr int kNoiseBits = 14;
constexpr int kSnrBits = 12, kGainOutBits = 6;
constexpr int kLogBits = 16, kSegmentBits = 7;
constexpr std::uint32_t kLn2 = 45426;  // ln 2 × 65536

std::uint32_t fraction(double value) {
  return static_cast<std::uint32_t>(
      static_cast<std::uint16_t>(static_cast<float>(value) * (1 << kNoiseBits)));
}

// Squared below 2, then a line: what is near the noise shrinks.
std::uint32_t shrunk(std::uint32_t snr) {
  if (snr < (2U << kSnrBits)) return (snr * snr) >> (2 + 2 * kSnrBits - kGainOutBits);
  return (snr >> (kSnrBits - kGainOutBits)) - (1U << kGainOutBits);
}

}  // namespace

MicroNoise::MicroNoise(const MicroNoiseOptions& options, int channels)
    : bits_(options.smoothing_bits),
      even_(fraction(options.even_smoothing)),
      odd_(fraction(options.odd_smoothing)),
      least_(fraction(options.least_signal)),
      estimate_(static_cast<std::size_t>(channels)) {}

void MicroNoise::reset() {
  std::fill(estimate_.begin(), estimate_.end(), 0U);
}

void MicroNoise::apply(std::uint32_t* channels) {
  for (std::size_t i = 0; i < estimate_.size(); ++i) {
    const std::uint64_t share = i % 2 ? odd_ : even_, rest = (1U << kNoiseBits) - share;
    const std::uint32_t scaled = channels[i] << bits_;
    estimate_[i] = static_cast<std::uint32_t>((scaled * share + estimate_[i] * rest) >> kNoiseBits);
    const std::uint32_t noise = std::min(estimate_[i], scaled);
    const auto least =
        static_cast<std::uint32_t>((std::uint64_t{channels[i]} * least_) >> kNoiseBits);
    channels[i] = std::max((scaled - noise) >> bits_, least);
  }
}

MicroGain::MicroGain(const MicroGainOptions& options, int smoothing_bits, int correction)
    : shift_(options.gain_bits - correction - kSnrBits) {
  const auto scale = static_cast<float>(std::uint64_t{1} << (smoothing_bits - correction));
  const auto value = [&](std::uint32_t noise) {
    const float gain =
        static_cast<float>(std::uint32_t{1} << options.gain_bits) *
        std::pow(static_cast<float>(noise) / scale + static_cast<float>(options.offset),
                 -static_cast<float>(options.strength));
    return gain > 32767 ? std::int16_t{32767} : static_cast<std::int16_t>(gain + 0.5F);
  };
  table_[0] = value(0);
  table_[1] = value(1);
  for (std::size_t octave = 2; octave <= 32; ++octave) {
    const std::uint32_t x0 = 1U << (octave - 1), x1 = x0 + (x0 >> 1);
    const std::uint32_t x2 = octave == 32 ? x0 + (x0 - 1) : 2 * x0;
    const int first = value(x1) - value(x0), second = value(x2) - value(x0);
    const int slope = 4 * first - second;
    table_[4 * octave - 6] = value(x0);
    table_[4 * octave - 5] = static_cast<std::int16_t>(slope);
    table_[4 * octave - 4] = static_cast<std::int16_t>(second - slope);
  }
}

std::int32_t MicroGain::gain(std::uint32_t noise) const {
  if (noise <= 2) return table_[noise];
  const int octave = static_cast<int>(std::bit_width(noise));
  const std::int16_t* at = table_.data() + 4 * octave - 6;
  const auto along = static_cast<std::int32_t>(
      (octave < 11 ? noise << (11 - octave) : noise >> (octave - 11)) & 0x3FF);
  std::int32_t value = ((at[2] * along) >> 5) + at[1] * 32;
  value = (value * along + (1 << 14)) >> 15;
  return static_cast<std::int16_t>(value + at[0]);
}

void MicroGain::apply(const std::vector<std::uint32_t>& noise, std::uint32_t* channels) const {
  for (std::size_t i = 0; i < noise.size(); ++i) {
    const auto factor = static_cast<std::uint32_t>(gain(noise[i]));
    channels[i] =
        shrunk(static_cast<std::uint32_t>((std::uint64_t{channels[i]} * factor) >> shift_));
  }
}

MicroLog::MicroLog(int shift, int correction) : shift_(shift), correction_(correction) {
  for (std::size_t i = 0; i < 128; ++i) {
    const double x = static_cast<double>(i) / 128;
    table_[i] = static_cast<std::uint16_t>(std::lround((std::log2(1 + x) - x) * 65536));
  }
}

std::uint16_t MicroLog::operator()(std::uint32_t value) const {
  value = correction_ < 0 ? value >> -correction_ : value << correction_;
  if (value <= 1) return 0;
  const auto whole = static_cast<std::uint32_t>(std::bit_width(value)) - 1;
  std::uint32_t rest = value - (1U << whole);
  rest = whole < kLogBits ? rest << (kLogBits - whole) : rest >> (whole - kLogBits);
  const std::uint32_t segment = rest >> (kLogBits - kSegmentBits);
  const std::int32_t c0 = table_[segment], c1 = table_[segment + 1];
  const auto within = static_cast<std::int32_t>(rest - (segment << (kLogBits - kSegmentBits)));
  const std::int32_t part =
      static_cast<std::int32_t>(rest) + c0 + (((c1 - c0) * within) >> kLogBits);
  const std::uint32_t log2 = (whole << kLogBits) + static_cast<std::uint32_t>(part);
  constexpr std::uint32_t kHalf = 1U << (kLogBits - 1);
  const auto ln = static_cast<std::uint32_t>((std::uint64_t{kLn2} * log2 + kHalf) >> kLogBits);
  return static_cast<std::uint16_t>(std::min(((ln << shift_) + kHalf) >> kLogBits, 0xFFFFU));
}

}  // namespace edgert
