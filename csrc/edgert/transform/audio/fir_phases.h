// Changes the rate of a stream by up / down, of which one is large: an output at a time.
//
// Each output has the weights of its phase. Where the phases are too many to keep them all, those
// between two kept ones are on a straight line, which is within -105 dB. Output j is the filtered
// signal at input j * down / up; it appears once half() more inputs have come. The stream is taken
// to be silent before its start. Values are the same bits however it is cut. Stateful, not shared;
// no allocation after construction.
#pragma once

#include <cstdint>
#include <vector>

#include "edgert/transform/audio/fir_kaiser.h"
#include "edgert/transform/audio/kernels.h"

namespace edgert {

class FirPhases {
 public:
  // `up` and `down` in lowest terms.
  FirPhases(std::int64_t up, std::int64_t down, KaiserLowPass filter);

  void reset();
  std::int64_t half() const { return half_; }
  // Outputs at most for a chunk of `count`.
  std::int64_t most_from(std::int64_t count) const { return (count * up_ + down_ - 1) / down_; }
  // Vectors' worth of multiplications for a chunk of `count`.
  std::int64_t work(std::int64_t count) const { return most_from(count) * half_ * 4; }

  // Floats of work area for a chunk.
  std::int64_t room(std::int64_t count) const { return lead() + count; }
  // Returns how many outputs it wrote.
  std::int64_t process(const float* in, std::int64_t count, float* work, float* out);

 private:
  std::int64_t lead() const { return static_cast<std::int64_t>(past_.size()); }
  float output(const float* first) const;

  const sound::Kernels* kernels_;
  std::int64_t up_, down_, half_;
  std::int64_t kept_ = 0;    // phases in a sample; `rows_` has one more
  std::vector<float> rows_;  // [kept_ + 1][2 half_]
  std::vector<float> past_;  // the last inputs
  // The next output is at input `position_` of the next chunk, + phase_ / up_.
  std::int64_t position_ = 0, phase_ = 0;
};

}  // namespace edgert
