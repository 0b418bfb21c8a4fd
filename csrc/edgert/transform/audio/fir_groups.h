// Changes the rate of a stream by up / down, both small, many outputs at once.
//
// `up` outputs are a group, which is `down` inputs long, and four groups that follow each other
// share multiplications (kernels.h), which pays for long filters. The inputs are dealt out to
// planes, so that neighbouring fours see neighbouring values of each plane, and a weight serves a
// vector of them. A filter that halves the rate before gives such planes, too, and is computed
// anew for the few values that were seen already: nothing but inputs is kept between chunks.
// Output j is the filtered signal at input j * down / up; a group appears once half() more inputs
// than its first have come. The stream is taken to be silent before its start. Values are the same
// bits however it is cut. Stateful, not shared; no allocation after construction.
#pragma once

#include <cstdint>
#include <vector>

#include "edgert/transform/audio/fir_bank.h"
#include "edgert/transform/audio/fir_prototype.h"

namespace edgert {

class FirGroups {
 public:
  static constexpr std::int64_t kLeastUp = 2, kMostUp = 4, kMostDown = 16;

  // Between these bounds. With `halving` the inputs have twice the rate of which `down` is told.
  FirGroups(std::int64_t up, std::int64_t down, const FirPrototype& filter,
            const FirPrototype* halving);
  // That filter by itself, where another kind of filter follows.
  static FirGroups only_halving(const FirPrototype& filter) { return FirGroups(filter); }

  void reset();
  std::int64_t half() const { return half_; }
  // Outputs at most for a chunk of `count`.
  std::int64_t most_from(std::int64_t count) const { return count * up_ / down_ + up_ + 1; }
  // Vectors' worth of multiplications for a chunk of `count`.
  std::int64_t work(std::int64_t count) const { return most_from(count) * taps_ / together_; }

  // Floats of work area, whatever the chunk.
  std::int64_t room() const;
  // Returns how many outputs it wrote.
  std::int64_t process(const float* in, std::int64_t count, float* work, float* out);

 private:
  // How many blocks there are, how many fours of groups in each, and the columns of the planes that
  // those see, of the inputs' and of the halved ones'.
  struct Blocks {
    std::int64_t count, fours, dealt, columns;
  };
  explicit FirGroups(const FirPrototype& halving);
  void add_halving(const FirPrototype& filter);
  std::vector<double> plane_weights(const FirPrototype& filter, std::int64_t d,
                                    std::int64_t p) const;
  void add_parts(const FirPrototype& filter);
  void make_past();

  Blocks blocks(std::int64_t outputs) const;
  struct Chunk {
    const float* in;
    std::int64_t count;
  };
  // Writes the outputs next_..ready.
  void filter(const Chunk& chunk, std::int64_t ready, float* work, float* out) const;
  // The window of the block's first group begins at input `first` of the chunk, or before it.
  void filter_block(const Chunk& chunk, std::int64_t first, const Blocks& block, float* work,
                    std::int64_t skipped, std::int64_t count, float* out) const;
  void deal(const Chunk& chunk, std::int64_t first, std::int64_t columns, float* planes,
            float* edge) const;
  void deal_edge(const Chunk& chunk, std::int64_t first, std::int64_t columns, float* planes,
                 std::int64_t size, float* edge) const;
  void keep(const Chunk& chunk);
  // Both return where the work area goes on.
  float* planes_of(const Chunk& chunk, std::int64_t first, const Blocks& block, float* work) const;
  float* differ(const float* planes, std::int64_t size, float* parts) const;

  const sound::Kernels* kernels_;
  std::int64_t up_, down_;
  std::int64_t together_;                // groups that share multiplications
  std::int64_t planes_, dealt_;          // planes that the parts see, that the inputs are dealt to
  std::int64_t half_ = 0, back_ = 0;     // inputs behind a group's first and before it
  std::int64_t seen_ = 0, reaches_ = 0;  // columns that a group and a halving see beyond their own
  std::vector<FirBank> halvings_;        // four values each
  std::vector<FirBank> parts_;
  std::vector<char> used_;   // [part][plane of a group]: whether the part sees it
  std::int64_t taps_ = 0;    // weights that count, of four times an output
  std::vector<float> past_;  // the last inputs
  // The next output is number `next_` of the four groups at input `base_` of the next chunk.
  std::int64_t base_ = 0, next_ = 0;
};

}  // namespace edgert
