// The weights of low passes for changing rates by small factors: the shortest ones, whose error is
// spread evenly over their bands.
#pragma once

#include <cstdint>
#include <vector>

namespace edgert {

// One symmetric filter at `up` times the inputs' rate; each phase of an output sees every up-th
// weight of it.
struct FirPrototype {
  std::int64_t up = 1;
  std::int64_t half = 0;        // inputs that an output looks ahead; it looks back half - 1
  std::vector<double> weights;  // 2 up half - 1, the one of the output's own time in the middle
};

// In cycles an input sample: flat within 1.6e-4 up to `pass` and silent from `stop` on within 80
// dB. The images of a signal (up > 1) lie deeper, the farther they are above `stop`: below -138 dB
// from 0.35 above it on.
FirPrototype low_pass(double pass, double stop, std::int64_t up);
// Flat up to `pass` and silent from 0.5 - `pass` on, within 89.5 dB; every other weight is zero.
FirPrototype half_band(double pass);

// Of the output that lies phase / up behind an input: weight i is that of input i - half + 1 from
// that one on. They are 2 half.
std::vector<double> phase_weights(const FirPrototype& filter, std::int64_t phase);

}  // namespace edgert
