// A keyed hash of 127 bits for bytes that others choose: who does not know the key cannot make two
// contents that collide, nor many that fall into one place of a table.
//
// It follows VHASH (Krovetz, "Message Authentication on 64-Bit Architectures", SAC 2006;
// draft-krovetz-vmac-01) without its encryption, since no digest leaves the process: blocks of 1
// KiB go through NH (Black et al., "UMAC", CRYPTO 1999: the sum of (m0 + k0) * (m1 + k1)), the sums
// through a polynomial over the prime 2^127 - 1, and that through (a * x + b) of the same field
// (Carter and Wegman 1979), so that any of its bits may index a table; the low word is mixed. For
// two different contents, whatever they are, the chance to collide over all keys is below 2^-63 for
// up to 2^50 bytes.
//
// Digests differ from process to process and by byte order: they are not to be stored.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "edgert/base/hash.h"

namespace edgert {

class HashKey {
 public:
  static constexpr std::size_t kBlock = 1024;  // bytes

  static HashKey random();                     // from the system's generator
  static HashKey of_seed(std::uint64_t seed);  // the same for the same seed: for tests

 private:
  friend class KeyedHasher;
  struct Field {  // below 2^127
    std::uint64_t high = 0, low = 0;
  };
  template <class Next>
  static HashKey fill(Next&& next);
  std::array<std::uint64_t, kBlock / 8> words_{};
  Field point_, scale_, offset_;
};

// Feeds bytes in order; how they are cut into calls makes no difference.
class KeyedHasher {
 public:
  explicit KeyedHasher(const HashKey& key) : key_(key) {}
  void bytes(const void* data, std::size_t size);
  Hash128 digest();  // once

 private:
  void block(const std::uint8_t* data, std::size_t size);
  void add(std::uint64_t coefficient);

  const HashKey& key_;
  HashKey::Field sum_;
  std::uint64_t length_ = 0;
  std::size_t held_ = 0;  // bytes of a block that is not full
  alignas(16) std::array<std::uint8_t, HashKey::kBlock> rest_;
};

}  // namespace edgert
