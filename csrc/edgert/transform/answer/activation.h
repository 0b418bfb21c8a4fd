// What turns a model's raw scores into probabilities.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>

#include "edgert/transform/answer/options.h"

namespace edgert {

enum class ScoreActivation : std::uint8_t { kNone, kSigmoid, kSoftmax };

inline Result<ScoreActivation> activation_option(const Params& params, std::string_view fallback,
                                                 std::string_view name = "activation") {
  return choice_option<ScoreActivation>(params, name, fallback,
                                        {{"none", ScoreActivation::kNone},
                                         {"sigmoid", ScoreActivation::kSigmoid},
                                         {"softmax", ScoreActivation::kSoftmax}});
}

inline float sigmoid(float raw) {
  return 1.0f / (1.0f + std::exp(-raw));
}

// The raw value whose sigmoid is `probability`; infinite at 0 and 1.
inline float logit(float probability) {
  if (probability <= 0) return -std::numeric_limits<float>::infinity();
  if (probability >= 1) return std::numeric_limits<float>::infinity();
  return static_cast<float>(std::log(static_cast<double>(probability) / (1.0 - probability)));
}

// Sum of exp(value - peak), the softmax's denominator; what is not a number adds nothing.
inline float exponential_sum(const float* values, std::int64_t count, float peak,
                             std::int64_t stride = 1) {
  float sum = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const float term = std::exp(values[i * stride] - peak);
    if (!std::isnan(term)) sum += term;
  }
  return sum;
}

}  // namespace edgert
