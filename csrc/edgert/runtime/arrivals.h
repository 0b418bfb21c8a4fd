// When the frames of a simulated sensor come: evenly, at random, in bursts, or as it is given.
#pragma once

#include <cstdint>
#include <vector>

#include "edgert/base/clock.h"
#include "edgert/base/random.h"

namespace edgert {

struct ArrivalSpec {
  enum class Kind : std::uint8_t {
    kPeriodic,
    kPoisson,  // exponentially distributed gaps
    kBursts,   // bursts at random, the frames of each `within` apart
    kGiven,    // at `times`
  } kind = Kind::kPeriodic;
  int sensor = -1;    // of the plan
  Nanos period = 0;   // between frames, on average; above 0
  Nanos phase = -1;   // of the first frame; below 0: at random within a period
  double jitter = 0;  // of periodic ones: each comes up to that part of a period later, 0 to 1
  int burst = 1;      // frames a burst
  Nanos within = 0;   // of a burst
  Nanos decode = 0;   // from capture to arrival
  Nanos work = 0;     // of a core, that each frame costs its source
  std::int64_t frames = INT64_MAX;  // then it ends
  std::vector<Nanos> times;         // of kGiven, from the start, ascending; then it ends
};

class Arrivals {
 public:
  // Of a sensor that begins at `start`.
  Arrivals(const ArrivalSpec& spec, Nanos start, std::uint64_t seed);

  const ArrivalSpec& spec() const { return spec_; }
  Nanos next() const { return next_; }  // arrival of the next frame; kNever: none comes
  // That one came. `at`: when, if it had to wait; the following ones are not before that.
  void advance(Nanos at);

 private:
  void plan();

  const ArrivalSpec spec_;
  Random random_;
  const Nanos start_;
  Nanos beat_;  // the periodic time, or when the burst began
  Nanos next_ = 0;
  int left_in_burst_ = 0;
  std::size_t given_ = 0;  // the next of spec_.times
  std::int64_t left_;
};

}  // namespace edgert
