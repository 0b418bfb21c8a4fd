// The weights of low passes at any time between inputs: sincs under Kaiser's window.
#pragma once

#include <cstdint>
#include <vector>

namespace edgert {

struct KaiserLowPass {
  double cutoff = 0.25;   // cycles an input sample: the middle of the transition
  std::int64_t half = 0;  // inputs that an output looks ahead; it looks back half - 1
  double beta = 0;        // of Kaiser's window
};

// In cycles an input sample: flat up to `pass` and silent from `stop` on, both within 80 dB.
KaiserLowPass kaiser_low_pass(double pass, double stop);

// Of the output that lies `phase`, 0..1, behind an input: weight i is that of input i - half + 1
// from that one on. They are 2 half, and add up to 1.
std::vector<double> phase_weights(const KaiserLowPass& filter, double phase);

}  // namespace edgert
