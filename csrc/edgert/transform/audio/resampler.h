// Changes the rate of a stream of sound in chunks, exactly in time.
//
// Flat within 0.002 dB up to 0.9 of the lower Nyquist frequency, at least 80 dB down from that
// frequency on. Output j is the signal at the time of j / to_rate; it appears once half() more
// input samples have come, or with the stream's end. The stream is taken to be silent before its
// start and after its end. Values are the same bits however the stream is cut. Stateful, not
// shared; no allocation after make().
//
// A rate that is more than twice as high is halved first, as often as that is so: the long filter
// then has half the length, and the short ones before it cost little.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "edgert/base/status.h"
#include "edgert/transform/audio/fir_groups.h"
#include "edgert/transform/audio/fir_phases.h"

namespace edgert {

class Resampler {
 public:
  // Refuses rates of which one is more than 256 times the other.
  static Result<Resampler> make(int from_rate, int to_rate);

  void reset();
  std::int64_t half() const { return half_; }
  // Outputs at most for a chunk of `count`.
  std::int64_t most_from(std::int64_t count, bool last) const;
  // Vectors' worth of multiplications for a chunk of `count`.
  std::int64_t work(std::int64_t count) const;

  // Floats of work area for a chunk.
  std::int64_t room(std::int64_t count, bool last) const;
  // Returns how many outputs it wrote. Behind the last chunk of a stream comes what was held back,
  // and only reset() may follow.
  std::int64_t process(const float* in, std::int64_t count, bool last, float* work, float* out);

 private:
  Resampler(std::int64_t from, std::int64_t to);
  void add_halving(const FirPrototype& filter, std::int64_t step);

  std::int64_t up_ = 0, down_ = 0;  // to_rate / from_rate in lowest terms
  std::int64_t half_ = 0;
  std::vector<FirGroups> groups_;       // one after the other
  std::optional<FirPhases> phases_;     // after them
  std::int64_t taken_ = 0, given_ = 0;  // samples since the start
};

}  // namespace edgert
