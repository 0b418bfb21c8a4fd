#include "edgert/base/hash.h"

#include <bit>
#include <cstring>

namespace edgert {
namespace {

// The finaliser of MurmurHash3 (Austin Appleby, public domain): every input bit reaches every
// output bit.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdULL;
  x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53ULL;
  return x ^ (x >> 33);
}

}  // namespace

void Hasher::word(std::uint64_t value) {
  ++words_;
  a_ = mix(a_ ^ (value + 0x9e3779b97f4a7c15ULL * words_)) + std::rotl(b_, 29);
  b_ = mix(b_ + std::rotl(value, 31)) ^ (a_ * 0x87c37b91114253d5ULL);
}

Hasher& Hasher::bytes(const void* data, std::size_t size) {
  const auto* cursor = static_cast<const unsigned char*>(data);
  for (; size >= 8; size -= 8, cursor += 8) {
    std::uint64_t value;
    std::memcpy(&value, cursor, 8);
    word(value);
  }
  std::uint64_t tail = 0;
  std::memcpy(&tail, cursor, size);
  word(tail ^ (std::uint64_t{size} << 56));
  return *this;
}

Hasher& Hasher::text(std::string_view value) {
  number(value.size());
  return bytes(value.data(), value.size());
}

Hasher& Hasher::number(std::uint64_t value) {
  word(value);
  return *this;
}

Hasher& Hasher::hash(const Hash128& value) {
  word(value.high);
  word(value.low);
  return *this;
}

Hash128 Hasher::digest() const {
  const std::uint64_t high = mix(a_ + std::rotl(b_, 17) + words_);
  return {high, mix(b_ ^ high)};
}

std::string Hash128::hex() const {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out(32, '0');
  for (int i = 0; i < 16; ++i) {
    out[15 - i] = kDigits[(high >> (4 * i)) & 15];
    out[31 - i] = kDigits[(low >> (4 * i)) & 15];
  }
  return out;
}

}  // namespace edgert
