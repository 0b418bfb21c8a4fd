#include "edgert/infer/neighbour.h"

#include <algorithm>

namespace edgert {

Neighbour::Neighbour(std::uint64_t seed) : random_(seed), numbers_(kNumbers), memory_(kBytes) {}

std::uint32_t Neighbour::run() {
  for (std::uint32_t& number : numbers_) number = static_cast<std::uint32_t>(random_.next());
  std::ranges::sort(numbers_);
  // What is written depends on what was sorted: neither half can be left out.
  const std::uint32_t median = numbers_[kNumbers / 2];
  for (std::size_t at = 0; at < kBytes; at += kLine)
    memory_[at] = static_cast<std::uint8_t>(memory_[at] + median);
  return median;
}

}  // namespace edgert
