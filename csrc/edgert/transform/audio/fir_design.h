// The weights of low passes for changing rates: sincs under Kaiser's window.
#pragma once

#include <cstdint>
#include <vector>

namespace edgert {

struct LowPass {
  double cutoff = 0.25;   // cycles an input sample: the middle of the transition
  std::int64_t half = 0;  // inputs that an output looks ahead; it looks back half - 1
  double beta = 0;        // of Kaiser's window
};

// In cycles an input sample: flat up to `pass` and silent from `stop` on, both within 80 dB.
LowPass low_pass(double pass, double stop);
// Flat up to `pass` and silent from 0.5 - `pass` on, within 90 dB; every other weight is zero.
LowPass half_band(double pass);

// Of the output that lies `phase`, 0..1, behind an input: weight i is that of input i - half + 1
// from that one on. They are 2 half, and add up to 1.
std::vector<double> phase_weights(const LowPass& filter, double phase);

}  // namespace edgert
