// Random numbers that are the same on every machine and with every standard library: xoshiro256++
// of Blackman and Vigna (https://prng.di.unimi.it), seeded through splitmix64.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace edgert {

class Random {
 public:
  explicit Random(std::uint64_t seed, std::uint64_t stream = 0) {
    std::uint64_t state = seed ^ (stream * 0xd1342543de82ef95U);
    for (std::uint64_t& word : state_) word = split(state);
  }

  std::uint64_t next() {
    const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }
  // At least 0, less than 1.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  // Exponentially distributed with mean 1.
  double exponential() { return -std::log1p(-uniform()); }

 private:
  static std::uint64_t split(std::uint64_t& state) {
    std::uint64_t word = state += 0x9e3779b97f4a7c15U;
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9U;
    word = (word ^ (word >> 27)) * 0x94d049bb133111ebU;
    return word ^ (word >> 31);
  }
  std::array<std::uint64_t, 4> state_;
};

}  // namespace edgert
