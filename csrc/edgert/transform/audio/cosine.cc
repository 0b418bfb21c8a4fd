#include "edgert/transform/audio/cosine.h"

#include <cmath>
#include <numbers>

namespace edgert {
namespace {

float dot(const float* a, const float* b, std::size_t count) {
  float sums[4] = {};
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4)
    for (std::size_t l = 0; l < 4; ++l) sums[l] += a[i + l] * b[i + l];
  for (; i < count; ++i) sums[0] += a[i] * b[i];
  return (sums[0] + sums[2]) + (sums[1] + sums[3]);
}

}  // namespace

CosineTransform::CosineTransform(int inputs, int coefficients, bool ortho)
    : inputs_(static_cast<std::size_t>(inputs)),
      coefficients_(static_cast<std::size_t>(coefficients)) {
  for (int k = 0; k < coefficients; ++k) {
    const double norm = !ortho ? 2 : std::sqrt((k == 0 ? 1.0 : 2.0) / inputs);
    for (int i = 0; i < inputs; ++i) {
      const double angle = std::numbers::pi * k * (2 * i + 1) / (2 * inputs);
      weights_.push_back(static_cast<float>(norm * std::cos(angle)));
    }
  }
}

void CosineTransform::apply(const float* from, float* to, std::int64_t rows) const {
  for (std::int64_t row = 0; row < rows; ++row, from += inputs_) {
    for (std::size_t k = 0; k < coefficients_; ++k)
      *to++ = dot(weights_.data() + k * inputs_, from, inputs_);
  }
}

}  // namespace edgert
