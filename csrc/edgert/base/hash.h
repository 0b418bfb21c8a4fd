// A 128-bit content hash for identities of nodes and models. Not cryptographic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace edgert {

struct Hash128 {
  std::uint64_t high = 0, low = 0;
  friend bool operator==(const Hash128&, const Hash128&) = default;
  friend auto operator<=>(const Hash128&, const Hash128&) = default;
  std::string hex() const;
};

// Feeds bytes in order; equal sequences of calls give equal digests on every machine.
class Hasher {
 public:
  Hasher& bytes(const void* data, std::size_t size);
  Hasher& text(std::string_view value);  // length-prefixed, so that ("ab","c") != ("a","bc")
  Hasher& number(std::uint64_t value);
  Hasher& hash(const Hash128& value);
  Hash128 digest() const;

 private:
  void word(std::uint64_t value);
  std::uint64_t a_ = 0x9ae16a3b2f90404fULL, b_ = 0xc949d7c7509e6557ULL, words_ = 0;
};

}  // namespace edgert

template <>
struct std::hash<edgert::Hash128> {
  std::size_t operator()(const edgert::Hash128& value) const noexcept {
    return value.low ^ (value.high * 0x9e3779b97f4a7c15ULL);
  }
};
