#include "edgert/transform/audio/mel.h"

#include <algorithm>
#include <cmath>

namespace edgert {
namespace {

constexpr double kSlaneyStep = 200.0 / 3;  // Hz a mel below 1000 Hz
constexpr double kSlaneyKnee = 1000;
const double kSlaneyLog = std::log(6.4) / 27;

double hz_to_mel(double hz, bool slaney) {
  if (!slaney) return 2595 * std::log10(1 + hz / 700);
  if (hz < kSlaneyKnee) return hz / kSlaneyStep;
  return kSlaneyKnee / kSlaneyStep + std::log(hz / kSlaneyKnee) / kSlaneyLog;
}

double mel_to_hz(double mel, bool slaney) {
  if (!slaney) return 700 * (std::pow(10, mel / 2595) - 1);
  const double knee = kSlaneyKnee / kSlaneyStep;
  return mel < knee ? mel * kSlaneyStep : kSlaneyKnee * std::exp(kSlaneyLog * (mel - knee));
}

}  // namespace

MelFilters::MelFilters(const MelOptions& options)
    : kernels_(&sound::best_kernels()), mels_(options.mels) {
  const bool slaney = options.slaney_scale;
  const double low = hz_to_mel(options.low, slaney), high = hz_to_mel(options.high, slaney);
  const auto edge_hz = [&](int i) {
    return mel_to_hz(low + (high - low) * i / (options.mels + 1), slaney);
  };
  const auto along = [&](double hz) { return options.sides_over_mel ? hz_to_mel(hz, slaney) : hz; };
  for (int mel = 0; mel < options.mels; ++mel) {
    const double left = along(edge_hz(mel)), centre = along(edge_hz(mel + 1));
    const double right = along(edge_hz(mel + 2));
    const double norm = options.unit_area ? 2 / (edge_hz(mel + 2) - edge_hz(mel)) : 1;
    int first = 0;
    std::vector<double> weights;
    for (int bin = 0; bin <= options.fft / 2; ++bin) {
      const double at = along(static_cast<double>(options.rate) * bin / options.fft);
      const double weight =
          norm * std::min((at - left) / (centre - left), (right - at) / (right - centre));
      if (weight <= 0) continue;
      if (weights.empty()) first = bin;
      weights.push_back(weight);
    }
    add(first, weights);
  }
  while (filters_.size() % 4) add(0, {});
}

// As sound::Kernels::filter wants it: four bins at a time, each weight twice.
void MelFilters::add(int first, const std::vector<double>& weights) {
  const std::size_t fours = (weights.size() + 3) / 4;
  filters_.push_back({first, static_cast<int>(fours), static_cast<int>(weights_.size())});
  for (std::size_t i = 0; i < 4 * fours; ++i)
    weights_.insert(weights_.end(), sound::kSignals,
                    i < weights.size() ? static_cast<float>(weights[i]) : 0.0F);
}

void MelFilters::apply(const float* spectrum, float* mels) const {
  kernels_->filter(filters_.data(), static_cast<int>(filters_.size() / 4), weights_.data(),
                   spectrum, mels);
}

}  // namespace edgert
