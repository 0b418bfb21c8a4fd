#include "edgert/transform/audio/fir_design.h"

#include <cmath>
#include <numbers>
#include <numeric>

namespace edgert {
namespace {

constexpr double kStopband = 90;  // dB; asked are 80

// The modified Bessel function of order 0, by its series.
double bessel_i0(double x) {
  double sum = 1, term = 1;
  for (int k = 1; term > sum * 1e-17; ++k) {
    term *= (x / (2 * k)) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

// A low pass with its cutoff in cycles a sample, under Kaiser's window over (-half, half).
// The formulas for the window's shape and length: Kaiser 1974, as in Oppenheim & Schafer, 7.5.3.
double windowed_sinc(double t, double cutoff, double half) {
  const double ratio = t / half;
  if (std::abs(ratio) >= 1) return 0;
  constexpr double kBeta = 0.1102 * (kStopband - 8.7);
  const double window = bessel_i0(kBeta * std::sqrt(1 - ratio * ratio)) / bessel_i0(kBeta);
  const double x = 2 * std::numbers::pi * cutoff * t;
  return 2 * cutoff * (std::abs(x) < 1e-12 ? 1 : std::sin(x) / x) * window;
}

}  // namespace

LowPass low_pass(double pass, double stop) {
  const double length = (kStopband - 7.95) / (2.285 * 2 * std::numbers::pi * (stop - pass));
  return {(pass + stop) / 2, static_cast<std::int64_t>(std::ceil(length / 2)) + 1};
}

std::vector<double> phase_weights(const LowPass& filter, double phase) {
  std::vector<double> weights;
  const auto half = static_cast<double>(filter.half);
  for (std::int64_t i = 0; i < 2 * filter.half; ++i)
    weights.push_back(
        windowed_sinc(static_cast<double>(i - filter.half + 1) - phase, filter.cutoff, half));
  const double gain = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& weight : weights) weight /= gain;
  return weights;
}

}  // namespace edgert
