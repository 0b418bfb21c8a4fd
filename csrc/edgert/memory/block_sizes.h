// Sizes in which blocks of memory are made: four from a power of two to the next, from 64 bytes on.
#pragma once

#include <cstddef>

namespace edgert {

inline constexpr std::size_t kLeastBlock = 6, kLargestBlock = 40;  // powers of two
inline constexpr std::size_t kBlockSizes = 4 * (kLargestBlock - kLeastBlock);

constexpr std::size_t block_size(std::size_t index) {
  return (4 + index % 4) << (kLeastBlock + index / 4 - 2);
}

// The least size that holds so many bytes; kBlockSizes: none does.
constexpr std::size_t block_index(std::size_t bytes) {
  std::size_t index = 0;
  while (index < kBlockSizes && block_size(index) < bytes) ++index;
  return index;
}

// What a block for so many bytes is made of.
constexpr std::size_t block_bytes(std::size_t bytes) {
  const std::size_t index = block_index(bytes);
  return index < kBlockSizes ? block_size(index) : bytes;
}

}  // namespace edgert
