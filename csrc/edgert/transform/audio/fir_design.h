// The weights of low passes for changing rates.
//
// A windowed sinc, at least 80 dB down from the end of its transition on, and flat within 0.002 dB
// up to its beginning.
#pragma once

#include <cstdint>
#include <vector>

namespace edgert {

struct LowPass {
  double cutoff = 0.25;   // cycles an input sample: the middle of the transition
  std::int64_t half = 0;  // inputs that an output looks ahead; it looks back half - 1
};

// In cycles an input sample: flat up to `pass`, silent from `stop` on.
LowPass low_pass(double pass, double stop);

// Of the output that lies `phase`, 0..1, behind an input: weight i is that of input i - half + 1
// from that one on. They are 2 half, and add up to 1.
std::vector<double> phase_weights(const LowPass& filter, double phase);

}  // namespace edgert
