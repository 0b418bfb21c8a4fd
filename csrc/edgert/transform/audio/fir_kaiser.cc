#include "edgert/transform/audio/fir_kaiser.h"

#include <cmath>
#include <numbers>
#include <numeric>

namespace edgert {
namespace {

// The modified Bessel function of order 0, by its series.
double bessel_i0(double x) {
  double sum = 1, term = 1;
  for (int k = 1; term > sum * 1e-17; ++k) {
    term *= (x / (2 * k)) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

double windowed_sinc(double t, const KaiserLowPass& filter) {
  const double ratio = t / static_cast<double>(filter.half);
  if (std::abs(ratio) >= 1) return 0;
  // Less what Kaiser's window still is at its ends: without that step the stopband goes on falling,
  // and images of a signal far from the transition vanish below -115 dB.
  const double window =
      (bessel_i0(filter.beta * std::sqrt(1 - ratio * ratio)) - 1) / (bessel_i0(filter.beta) - 1);
  const double x = 2 * std::numbers::pi * filter.cutoff * t;
  return 2 * filter.cutoff * (std::abs(x) < 1e-12 ? 1 : std::sin(x) / x) * window;
}

}  // namespace

// The formulas for the window's shape and length: Kaiser 1974, as in Oppenheim & Schafer, 7.5.3.
KaiserLowPass kaiser_low_pass(double pass, double stop) {
  constexpr double kDecibel = 88;
  const double length = (kDecibel - 7.95) / (2.285 * 2 * std::numbers::pi * (stop - pass));
  return {(pass + stop) / 2, static_cast<std::int64_t>(std::ceil(length / 2)) + 1,
          0.1102 * (kDecibel - 8.7)};
}

std::vector<double> phase_weights(const KaiserLowPass& filter, double phase) {
  std::vector<double> weights;
  for (std::int64_t i = 0; i < 2 * filter.half; ++i)
    weights.push_back(windowed_sinc(static_cast<double>(i - filter.half + 1) - phase, filter));
  const double gain = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& weight : weights) weight /= gain;
  return weights;
}

}  // namespace edgert
