#include "edgert/transform/audio/micro_filters.h"

#include <algorithm>
#include <cmath>

namespace edgert {
namespace {

float to_mel(float hz) {
  return 1127.0F * std::log1p(hz / 700.0F);
}

std::int16_t fixed(float weight) {
  return static_cast<std::int16_t>(std::floor(weight * (1 << MicroFilters::kBits) + 0.5F));
}

}  // namespace

std::uint32_t micro_root(std::uint64_t value) {
  auto root = static_cast<std::uint64_t>(std::sqrt(static_cast<double>(value)));
  root = std::min<std::uint64_t>(root, 0xFFFFFFFF);
  while (root * root > value) --root;
  while (root < 0xFFFFFFFF && (root + 1) * (root + 1) <= value) ++root;
  const std::uint64_t most = value >> 32 ? 0xFFFFFFFF : 0xFFFF;
  if (value - root * root > root && root != most) ++root;
  return static_cast<std::uint32_t>(root);
}

MicroFilters::MicroFilters(int rate, int bins, int channels, float low, float high)
    : channels_(channels), sums_(static_cast<std::size_t>(channels) + 1) {
  const float mel_low = to_mel(low);
  const float spacing = (to_mel(high) - mel_low) / static_cast<float>(channels + 1);
  const auto centre = [&](int i) { return mel_low + spacing * static_cast<float>(i + 1); };
  const float hz = 0.5F * static_cast<float>(rate) / (static_cast<float>(bins) - 1);
  first_ = static_cast<int>(1.5F + low / hz);  // never the bin of 0 Hz
  int bin = first_;
  for (int channel = 0; channel <= channels; ++channel) {
    const float below = channel == 0 ? mel_low : centre(channel - 1);
    for (; to_mel(static_cast<float>(bin) * hz) <= centre(channel); ++bin) {
      const float weight =
          (centre(channel) - to_mel(static_cast<float>(bin) * hz)) / (centre(channel) - below);
      bins_.push_back({channel, fixed(weight), fixed(1.0F - weight)});
    }
  }
  fits_ = bin < bins;
}

void MicroFilters::apply(const MicroComplex* spectrum, int shift, std::uint32_t* out) {
  std::fill(sums_.begin(), sums_.end(), 0);
  const MicroComplex* at = spectrum + first_;
  for (const Bin& bin : bins_) {
    const std::int32_t re = at->re, im = at->im;
    const auto energy = static_cast<std::uint64_t>(re * re + im * im);
    ++at;
    const auto channel = static_cast<std::size_t>(bin.channel);
    sums_[channel] += static_cast<std::uint64_t>(bin.weight) * energy;
    if (bin.channel < channels_)
      sums_[channel + 1] += static_cast<std::uint64_t>(bin.rest) * energy;
  }
  for (int i = 0; i < channels_; ++i)
    out[i] = micro_root(sums_[static_cast<std::size_t>(i) + 1]) >> shift;
}

}  // namespace edgert
