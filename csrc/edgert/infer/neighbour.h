// What stands for other work on a core between two runs of a model.
//
// A model that runs again and again alone finds its code, its branches and its data where it left
// them, which no run among other models does. Most of what that is worth lies in the branch
// predictor: long loops of known shape are learnt run by run. So the neighbour sorts numbers that
// are new each time (branches that nobody can learn), and walks through memory (the caches).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "edgert/base/random.h"

namespace edgert {

class Neighbour {
 public:
  explicit Neighbour(std::uint64_t seed = 1);

  // Some milliseconds of work. Returns the median of what it sorted. Not from two threads at once.
  std::uint32_t run();

 private:
  static constexpr std::size_t kNumbers = 65536;
  static constexpr std::size_t kBytes = std::size_t{4} << 20;  // more than a core's own caches
  static constexpr std::size_t kLine = 64;

  Random random_;
  std::vector<std::uint32_t> numbers_;
  std::vector<std::uint8_t> memory_;
};

}  // namespace edgert
