// A windowed-sinc polyphase resampler for rational ratios, over a stream in chunks.
//
// Passband flat (within 0.002 dB) up to 0.9 of the lower Nyquist frequency, at least 80 dB down
// from that frequency on. Output j is the signal at the time of j / to_rate, exactly; it appears
// once half() more input samples have come, so the output lags by that much: half() zeros behind
// the last chunk bring out the rest. The stream is taken to be silent before its start. Stateful,
// not shared; no allocation after make().
#pragma once

#include <cstdint>
#include <vector>

#include "edgert/base/status.h"
#include "edgert/transform/audio/kernels.h"

namespace edgert {

class Resampler {
 public:
  // Refuses rates whose greatest common divisor is so small that the filter's phases would take
  // more than 16 MiB.
  static Result<Resampler> make(int from_rate, int to_rate);

  void reset();
  std::int64_t half() const { return taps_ / 2; }
  // Outputs at most for a chunk of `count`.
  std::int64_t most_from(std::int64_t count) const { return (count * up_ + down_ - 1) / down_; }
  // Multiplications for a chunk of `count`.
  std::int64_t work(std::int64_t count) const { return most_from(count) * taps_; }

  // A chunk is put at work[lead()]; process() fills what is before it, and returns how many
  // outputs it wrote.
  std::int64_t lead() const { return taps_ - 1; }
  std::int64_t process(float* work, std::int64_t count, float* out);

 private:
  float alone(const float* first) const;
  Resampler(std::int64_t up, std::int64_t down);

  const sound::Kernels* kernels_;
  std::int64_t up_, down_;    // to_rate / from_rate in lowest terms
  std::int64_t taps_ = 0;     // of a phase; a multiple of 8
  std::vector<float> table_;  // [up_][taps_]
  std::vector<float> past_;   // the last lead() inputs
  // The next output is at input `position_` (from the start of the next chunk) + phase_ / up_.
  std::int64_t position_ = 0, phase_ = 0;
};

}  // namespace edgert
