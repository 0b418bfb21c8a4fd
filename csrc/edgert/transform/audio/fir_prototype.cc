#include "edgert/transform/audio/fir_prototype.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "edgert/transform/audio/remez.h"

namespace edgert {
namespace {

constexpr double kRipple = 1.575e-4, kOfStop = 1.6;  // an error above `stop` weighs so much more,
constexpr double kOfImages = 800, kImages = 0.35;    // and so much more once this far above it
constexpr double kHalfRipple = 3.35e-5;
constexpr std::int64_t kPointsATerm = 16;

double cosine_of(double frequency) {
  return std::cos(2 * std::numbers::pi * frequency);
}

// Kaiser 1974, as in Oppenheim & Schafer, 7.7.3: the least weights for two errors.
double least_length(double error, double other, double transition) {
  return (-10 * std::log10(error * other) - 13) / (14.6 * transition);
}

// By the same formula: how much an error that is too great asks for at least, of both sides each.
std::int64_t missing(double error, double limit, double transition) {
  const double weights = 20 * std::log10(error / limit) / (14.6 * transition);
  return std::max<std::int64_t>(static_cast<std::int64_t>(weights / 2), 1);
}

// From the highest frequency down, so that x goes up; both bands' edges are points.
std::vector<RemezPoint> low_pass_points(double pass, double stop, std::int64_t up,
                                        std::int64_t count) {
  const auto rate = static_cast<double>(up);
  const double bands = pass + (rate / 2 - stop);
  const auto low = static_cast<std::int64_t>(std::ceil(static_cast<double>(count) * pass / bands));
  const std::int64_t high = count - low;
  std::vector<RemezPoint> points;
  for (std::int64_t i = high; i >= 0; --i) {
    const double beyond = (rate / 2 - stop) * static_cast<double>(i) / static_cast<double>(high);
    const double weight = kOfStop * std::pow(kOfImages, std::min(beyond / kImages, 1.0));
    points.push_back({cosine_of((stop + beyond) / rate), 0, weight});
  }
  for (std::int64_t i = low; i >= 0; --i) {
    const double f = pass * static_cast<double>(i) / static_cast<double>(low);
    points.push_back({cosine_of(f / rate), 1, 1});
  }
  return points;
}

// By the inverse Fourier transform of the gain at as many frequencies as there are weights.
std::vector<double> symmetric_weights(const Barycentric& gain, std::int64_t terms, double scale) {
  const std::int64_t count = 2 * terms - 1;
  std::vector<double> gains, weights;
  for (std::int64_t k = 0; k < terms; ++k)
    gains.push_back(gain.at(cosine_of(static_cast<double>(k) / static_cast<double>(count))));
  for (std::int64_t i = 1 - terms; i < terms; ++i) {
    double sum = gains[0];
    for (std::int64_t k = 1; k < terms; ++k)
      sum += 2 * gains[static_cast<std::size_t>(k)] *
             cosine_of(static_cast<double>(k * i % count) / static_cast<double>(count));
    weights.push_back(scale * sum / static_cast<double>(count));
  }
  return weights;
}

// A filter of an even length has the gain cos(pi f) times a polynomial, for f up to `pass`.
std::vector<RemezPoint> even_length_points(double pass, std::int64_t count) {
  std::vector<RemezPoint> points;
  for (std::int64_t i = count; i >= 0; --i) {
    const double f = pass * static_cast<double>(i) / static_cast<double>(count);
    const double cosine = cosine_of(f / 2);
    points.push_back({cosine_of(f), 1 / cosine, cosine});
  }
  return points;
}

// Vaidyanathan & Nguyen 1987: a filter of 2 `terms` weights, flat on twice the band, is every
// second weight of the half band's; the others are zero but for the middle one.
std::vector<double> half_band_weights(const Barycentric& gain, std::int64_t terms) {
  const std::int64_t count = 2 * terms;
  std::vector<double> weights(static_cast<std::size_t>(4 * terms - 1), 0.0);
  for (std::int64_t i = 0; i < count; ++i) {
    const double time = static_cast<double>(2 * (i - terms) + 1) / 2;
    double sum = gain.at(1);
    for (std::int64_t k = 1; k < terms; ++k) {
      const double f = static_cast<double>(k) / static_cast<double>(count);
      sum += 2 * gain.at(cosine_of(f)) * cosine_of(f / 2) * cosine_of(f * time);
    }
    weights[static_cast<std::size_t>(2 * i)] = sum / static_cast<double>(count) / 2;
  }
  weights[static_cast<std::size_t>(2 * terms - 1)] = 0.5;
  return weights;
}

}  // namespace

FirPrototype low_pass(double pass, double stop, std::int64_t up) {
  auto half = static_cast<std::int64_t>(
      std::ceil(least_length(kRipple, kRipple / kOfStop, stop - pass) / 2));
  for (;;) {
    const std::int64_t terms = up * half;
    const Closest best = closest_polynomial(low_pass_points(pass, stop, up, kPointsATerm * terms),
                                            static_cast<std::size_t>(terms));
    if (best.error < kRipple)
      return {up, half, symmetric_weights(best.polynomial, terms, static_cast<double>(up))};
    half += missing(best.error, kRipple, stop - pass);
  }
}

FirPrototype half_band(double pass) {
  auto terms = static_cast<std::int64_t>(
      std::ceil(least_length(kHalfRipple, kHalfRipple, 0.5 - 2 * pass) / 4));
  for (;; ++terms) {
    const Closest best = closest_polynomial(even_length_points(2 * pass, 2 * kPointsATerm * terms),
                                            static_cast<std::size_t>(terms));
    if (best.error / 2 < kHalfRipple)
      return {1, 2 * terms, half_band_weights(best.polynomial, terms)};
  }
}

std::vector<double> phase_weights(const FirPrototype& filter, std::int64_t phase) {
  std::vector<double> weights;
  for (std::int64_t i = 1; i <= 2 * filter.half; ++i) {
    const auto at = static_cast<std::size_t>(i * filter.up - phase - 1);
    weights.push_back(at < filter.weights.size() ? filter.weights[at] : 0);
  }
  return weights;
}

}  // namespace edgert
