// The discrete cosine transform of type II of rows, the first coefficients of it: what makes
// cepstra of log-mel frames.
#pragma once

#include <cstdint>
#include <vector>

namespace edgert {

class CosineTransform {
 public:
  // `ortho`: scaled to keep lengths; else 2 Σ x cos, SciPy's two conventions.
  CosineTransform(int inputs, int coefficients, bool ortho);
  // From [rows, inputs] to [rows, coefficients].
  void apply(const float* from, float* to, std::int64_t rows) const;

 private:
  std::size_t inputs_, coefficients_;
  std::vector<float> weights_;  // [coefficients_][inputs_]
};

}  // namespace edgert
