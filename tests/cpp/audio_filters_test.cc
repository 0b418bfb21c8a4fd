// What the filters for changing rates promise, by their own gains on a fine grid.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "edgert/transform/audio/fir_prototype.h"
#include "edgert/transform/audio/remez.h"
#include "transform_tools.h"

namespace edgert::testing {
namespace {

// At a frequency in cycles an input.
double gain(const FirPrototype& filter, double frequency) {
  const auto middle = static_cast<std::ptrdiff_t>(filter.weights.size() / 2);
  const double step = 2 * std::numbers::pi * frequency / static_cast<double>(filter.up);
  double sum = 0;
  for (std::ptrdiff_t i = 0; i < std::ssize(filter.weights); ++i)
    sum += filter.weights[static_cast<std::size_t>(i)] *
           std::cos(step * static_cast<double>(i - middle));
  return sum / static_cast<double>(filter.up);
}

double greatest_error(const FirPrototype& filter, double from, double to, double wanted) {
  constexpr int kPoints = 3001;
  double worst = 0;
  for (int i = 0; i < kPoints; ++i)
    worst =
        std::max(worst, std::abs(gain(filter, from + (to - from) * i / (kPoints - 1)) - wanted));
  return worst;
}

double amplitude(double decibel) {
  return std::pow(10, decibel / 20);
}

// Of all polynomials of a lower degree, none is closer to x^n on -1..1 than 2^(1 - n): Chebyshev.
TEST(Remez, FindsTheLeastErrorThatThereIs) {
  for (int degree : {2, 5, 8}) {
    std::vector<RemezPoint> points;
    for (int i = -2000; i <= 2000; ++i) {
      const double x = i / 2000.0;
      points.push_back({x, std::pow(x, degree), 1});
    }
    const Closest best = closest_polynomial(points, static_cast<std::size_t>(degree));
    const double least = std::pow(2.0, 1 - degree);
    EXPECT_GE(best.error, 0.999 * least);
    EXPECT_LE(best.error, 1.006 * least);
    for (const RemezPoint& point : points)
      EXPECT_LE(std::abs(best.polynomial.at(point.x) - point.wanted), 1.001 * best.error);
  }
}

TEST(FirPrototype, LowPassesHoldTheirBands) {
  struct Bands {
    double pass, stop;
    std::int64_t up, most;  // `most`: the half that 12 multiplications a part allow, or about so
  };
  for (const auto& [pass, stop, up, most] :
       {Bands{0.3, 1.0 / 3, 2, 71}, Bands{0.225, 0.25, 1, 96}, Bands{0.45, 0.5, 2, 49},
        Bands{0.45, 0.5, 3, 49}, Bands{0.45, 0.5, 4, 49}, Bands{0.3375, 0.375, 3, 64}}) {
    const FirPrototype filter = low_pass(pass, stop, up);
    const double nyquist = static_cast<double>(up) / 2;
    EXPECT_LE(filter.half, most) << up;
    EXPECT_EQ(std::ssize(filter.weights), 2 * up * filter.half - 1);
    EXPECT_LT(greatest_error(filter, 0, pass, 1), 1.6e-4) << up;
    EXPECT_LT(greatest_error(filter, stop, nyquist, 0), amplitude(-80)) << up;
    if (stop + 0.35 < nyquist) {
      EXPECT_LT(greatest_error(filter, stop + 0.35, nyquist, 0), amplitude(-138)) << up;
    }
    for (std::size_t i = 0; i < filter.weights.size(); ++i)
      EXPECT_NEAR(filter.weights[i], filter.weights[filter.weights.size() - 1 - i], 1e-12);
  }
}

TEST(FirPrototype, HalfBandsHoldTheirs) {
  for (double pass : {0.05, 1.0 / 6, 0.1814, 0.2, 0.23}) {
    const FirPrototype filter = half_band(pass);
    EXPECT_EQ(filter.up, 1);
    EXPECT_LT(greatest_error(filter, 0, pass, 1), amplitude(-89)) << pass;
    EXPECT_LT(greatest_error(filter, 0.5 - pass, 0.5, 0), amplitude(-89)) << pass;
    const std::size_t middle = filter.weights.size() / 2;
    for (std::size_t i = middle % 2; i < filter.weights.size(); i += 2)
      EXPECT_EQ(filter.weights[i], i == middle ? 0.5 : 0);
  }
  EXPECT_EQ(half_band(1.0 / 6).half, 16);
}

// Every weight of the filter is in one phase, at its place.
TEST(FirPrototype, PhasesShareOutTheWeights) {
  const FirPrototype filter = low_pass(0.4, 0.5, 3);
  double sum = 0, wanted = 0;
  for (std::int64_t phase = 0; phase < 3; ++phase) {
    const std::vector<double> weights = phase_weights(filter, phase);
    ASSERT_EQ(std::ssize(weights), 2 * filter.half);
    const double of_phase = std::accumulate(weights.begin(), weights.end(), 0.0);
    EXPECT_NEAR(of_phase, 1, 1.6e-4 + 1e-4);
    sum += of_phase;
  }
  for (double weight : filter.weights) wanted += weight;
  EXPECT_NEAR(sum, wanted, 1e-12);
  EXPECT_EQ(phase_weights(filter, 0)[static_cast<std::size_t>(filter.half - 1)],
            filter.weights[filter.weights.size() / 2]);
}

}  // namespace
}  // namespace edgert::testing
