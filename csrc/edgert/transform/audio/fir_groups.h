// Changes the rate of a stream by up / down, both small, many outputs at once.
//
// `up` outputs are a group, which is `down` inputs long. The inputs are dealt out to `down` planes,
// so that neighbouring groups see neighbouring values of each plane, and a weight serves a vector
// of groups. Output j is the filtered signal at input j * down / up; it appears once half() more
// inputs have come. The stream is taken to be silent before its start. Values are the same bits
// however it is cut. Stateful, not shared; no allocation after construction.
#pragma once

#include <cstdint>
#include <vector>

#include "edgert/transform/audio/fir_design.h"
#include "edgert/transform/audio/kernels.h"

namespace edgert {

class FirGroups {
 public:
  static constexpr std::int64_t kMostUp = 4, kMostDown = 16;

  // At most kMostUp and kMostDown.
  FirGroups(std::int64_t up, std::int64_t down, const LowPass& filter);

  void reset();
  std::int64_t half() const { return half_; }
  // Outputs at most for a chunk of `count`.
  std::int64_t most_from(std::int64_t count) const { return count * up_ / down_ + up_ + 1; }
  // Vectors' worth of multiplications for a chunk of `count`.
  std::int64_t work(std::int64_t count) const { return most_from(count) * taps_; }

  // The work area of a chunk: room(count) floats, in which the chunk is put at lead().
  std::int64_t lead() const { return static_cast<std::int64_t>(past_.size()); }
  std::int64_t room(std::int64_t count) const;
  // Uses up the work area; returns how many outputs it wrote.
  std::int64_t process(float* work, std::int64_t count, float* out);

 private:
  void make_planes(const std::vector<double>& weights, std::int64_t span);
  std::int64_t plane_size(std::int64_t groups) const;

  const sound::Kernels* kernels_;
  std::int64_t up_, down_, half_;
  std::vector<sound::FirPlane> planes_;
  std::vector<float> weights_;
  std::int64_t taps_ = 0;    // weights that count, of an output
  std::int64_t reach_ = 0;   // groups that an output sees
  std::vector<float> past_;  // the last inputs
  // The next output is number `next_` of the group at input `base_` of the next chunk.
  std::int64_t base_ = 0, next_ = 0;
};

}  // namespace edgert
