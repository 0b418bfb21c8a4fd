// Filters over a signal that is dealt out to planes, of small groups of outputs: kernels.h.
#pragma once

#include <cstdint>
#include <vector>

#include "edgert/transform/audio/kernels.h"

namespace edgert {

class FirBank {
 public:
  // rows[output][column planes + plane]: the weights of what a group sees, from its own column on.
  // What no output has a weight for is left out.
  FirBank(const std::vector<std::vector<double>>& rows, std::int64_t planes);

  // Multiplications of an output.
  std::int64_t taps() const {
    return static_cast<std::int64_t>(taps_.size()) + (own_.empty() ? 0 : 1);
  }
  bool sees(std::int64_t plane) const;
  // To out[output][groups].
  void run(const sound::Kernels& kernels, const float* planes, std::int64_t size,
           std::int64_t groups, float* out) const {
    kernels.fir({up_, static_cast<std::int64_t>(taps_.size()), taps_.data(), weights_.data(),
                 own_.empty() ? nullptr : own_.data(), own_weights_.data()},
                planes, size, groups, out);
  }

 private:
  void add(const sound::FirTap& tap, const std::vector<double>& weights);

  std::int64_t up_;
  std::vector<sound::FirTap> taps_, own_;  // own_: one for each output, or none
  std::vector<float> weights_, own_weights_;
};

}  // namespace edgert
