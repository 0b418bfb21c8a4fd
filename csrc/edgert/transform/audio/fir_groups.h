// Changes the rate of a stream by up / down, both small, many outputs at once.
//
// `up` outputs are a group, which is `down` inputs long, and with `shared` four groups that follow
// each other share multiplications (kernels.h), which pays for long filters. The inputs are dealt
// out to planes, so that neighbouring fours see neighbouring values of each plane, and a weight
// serves a vector of them. Output j is the filtered signal at input j * down / up; a group appears
// once half() more inputs than its first have come. The stream is taken to be silent before its
// start. Values are the same bits however it is cut. Stateful, not shared; no allocation after
// construction.
#pragma once

#include <cstdint>
#include <vector>

#include "edgert/transform/audio/fir_design.h"
#include "edgert/transform/audio/kernels.h"

namespace edgert {

class FirGroups {
 public:
  static constexpr std::int64_t kLeastUp = 2, kMostUp = 4, kMostDown = 16;

  // Between these bounds; `down` is a multiple of 4 unless `shared`, as is `up`.
  FirGroups(std::int64_t up, std::int64_t down, const LowPass& filter, bool shared);

  void reset();
  std::int64_t half() const { return half_; }
  // Outputs at most for a chunk of `count`.
  std::int64_t most_from(std::int64_t count) const { return count * up_ / down_ + up_ + 1; }
  // Vectors' worth of multiplications for a chunk of `count`.
  std::int64_t work(std::int64_t count) const { return most_from(count) * taps_ / together_; }

  // The work area of a chunk: room(count) floats, in which the chunk is put at lead().
  std::int64_t lead() const { return static_cast<std::int64_t>(past_.size()); }
  std::int64_t room(std::int64_t count) const;
  // Uses up the work area; returns how many outputs it wrote.
  std::int64_t process(float* work, std::int64_t count, float* out);

 private:
  // How many blocks there are, how many fours of groups in each, and the values of a plane that
  // those see.
  struct Blocks {
    std::int64_t count, fours, plane;
  };
  Blocks blocks(std::int64_t outputs) const;
  std::vector<double> plane_weights(const LowPass& filter, std::int64_t d, std::int64_t p) const;
  void add_part(const std::vector<std::vector<double>>& rows);
  // Writes the outputs next_..ready of the group whose inputs begin at `first`.
  void filter(const float* first, float* end, std::int64_t ready, float* out) const;

  void filter_block(const float* first, const Blocks& block, float* work, std::int64_t skipped,
                    std::int64_t count, float* out) const;
  void differ(const float* planes, std::int64_t d, std::int64_t size, float* parts) const;

  const sound::Kernels* kernels_;
  std::int64_t up_, down_;
  std::int64_t together_, parts_;        // groups that share multiplications, in how many parts
  std::int64_t half_, span_;             // inputs behind a group's first; all that it sees
  std::vector<sound::FirPlane> planes_;  // [part][down]
  std::vector<float> weights_;
  std::int64_t taps_ = 0;    // weights that count, of four times an output
  std::vector<float> past_;  // the last inputs
  // The next output is number `next_` of the four groups at input `base_` of the next chunk.
  std::int64_t base_ = 0, next_ = 0;
};

}  // namespace edgert
