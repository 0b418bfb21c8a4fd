// The keyed hash against its definition, worked out digit by digit, and what follows from it.
#include "edgert/cache/keyed_hash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace edgert {
namespace {

std::vector<std::uint8_t> random_bytes(std::size_t size, unsigned seed) {
  std::mt19937 generator(seed);
  std::vector<std::uint8_t> bytes(size);
  std::ranges::generate(bytes, [&] { return static_cast<std::uint8_t>(generator()); });
  return bytes;
}

Hash128 hash(const HashKey& key, const std::vector<std::uint8_t>& bytes) {
  KeyedHasher hasher(key);
  hasher.bytes(bytes.data(), bytes.size());
  return hasher.digest();
}

// Numbers of any length as digits of 32 bits, the lowest first: slow, and nothing to get wrong.
using Number = std::vector<std::uint64_t>;

Number number(std::uint64_t high, std::uint64_t low) {
  return {low & 0xffffffff, low >> 32, high & 0xffffffff, high >> 32};
}
Number add(Number a, const Number& b) {
  a.resize(std::max(a.size(), b.size()) + 1);
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    carry += a[i] + (i < b.size() ? b[i] : 0);
    a[i] = carry & 0xffffffff;
    carry >>= 32;
  }
  return a;
}
Number times(const Number& a, const Number& b) {
  Number product(a.size() + b.size() + 1);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::uint64_t carry = 0;
    for (std::size_t j = 0; j < b.size() || carry; ++j) {
      carry += product[i + j] + (j < b.size() ? a[i] * b[j] : 0);
      product[i + j] = carry & 0xffffffff;
      carry >>= 32;
    }
  }
  return product;
}
// Modulo 2^127 - 1, below it.
Number reduced(Number a) {
  for (;;) {
    Number high;  // a / 2^127
    for (std::size_t i = 3; i < a.size(); ++i)
      high.push_back(a[i] >> 31 | (i + 1 < a.size() ? a[i + 1] << 1 & 0xffffffff : 0));
    a.resize(4);
    a[3] &= 0x7fffffff;
    if (std::ranges::all_of(high, [](std::uint64_t digit) { return digit == 0; })) break;
    a = add(a, high);
  }
  if (a == number(~0ULL >> 1, ~0ULL)) return number(0, 0);
  return a;
}
Hash128 as_hash(const Number& a) {
  return {a[3] << 32 | a[2], a[1] << 32 | a[0]};
}

std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdULL;
  x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53ULL;
  return x ^ (x >> 33);
}

TEST(KeyedHash, IsTheSameHoweverTheBytesAreCut) {
  const HashKey key = HashKey::of_seed(1);
  for (std::size_t size : {0u, 1u, 15u, 16u, 17u, 1000u, 1023u, 1024u, 1025u, 5000u}) {
    const auto bytes = random_bytes(size, static_cast<unsigned>(size));
    const Hash128 whole = hash(key, bytes);
    for (std::size_t piece : {1u, 7u, 640u, 1024u, 1500u}) {
      KeyedHasher hasher(key);
      for (std::size_t at = 0; at < size; at += piece)
        hasher.bytes(bytes.data() + at, std::min(piece, size - at));
      EXPECT_EQ(hasher.digest(), whole) << size << " bytes in pieces of " << piece;
    }
  }
}

TEST(KeyedHash, LengthCounts) {
  const HashKey key = HashKey::of_seed(2);
  std::set<Hash128> seen;
  for (std::size_t size = 0; size < 2100; ++size)
    seen.insert(hash(key, std::vector<std::uint8_t>(size)));
  EXPECT_EQ(seen.size(), 2100u);
}

TEST(KeyedHash, EachBitChangesAboutHalfOfThePlacesInATable) {
  const HashKey key = HashKey::of_seed(3);
  auto bytes = random_bytes(3000, 3);
  const Hash128 before = hash(key, bytes);
  int flipped = 0, times = 0;
  for (std::size_t bit = 0; bit < 8 * bytes.size(); bit += 61) {
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    const Hash128 after = hash(key, bytes);
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    EXPECT_NE(after, before);
    flipped += std::popcount((after.low ^ before.low) & 0xffff);
    ++times;
  }
  EXPECT_NEAR(static_cast<double>(flipped) / times, 8, 0.5);
}

TEST(KeyedHash, CountersFillATableEvenly) {
  const HashKey key = HashKey::random();
  std::vector<int> places(256);
  for (std::uint64_t i = 0; i < 25600; ++i) {
    std::vector<std::uint8_t> bytes(640);
    for (int b = 0; b < 8; ++b)
      bytes[static_cast<std::size_t>(b)] = static_cast<std::uint8_t>(i >> 8 * b);
    ++places[hash(key, bytes).low % 256];
  }
  double chi = 0;
  for (int count : places) chi += (count - 100.0) * (count - 100.0) / 100.0;
  EXPECT_LT(chi, 255 + 8 * 22.6);  // eight deviations
}

TEST(KeyedHash, KeysDiffer) {
  const auto bytes = random_bytes(100, 4);
  EXPECT_NE(hash(HashKey::random(), bytes), hash(HashKey::random(), bytes));
  EXPECT_EQ(hash(HashKey::of_seed(5), bytes), hash(HashKey::of_seed(5), bytes));
}

// What the header says: two coefficients a block, the length, then scale and offset.
TEST(KeyedHash, IsWhatItsHeaderSays) {
  std::mt19937_64 generator(7);
  std::vector<std::uint64_t> words(HashKey::kBlock / 8);
  for (auto& word : words) word = generator();
  std::uint64_t drawn[6];
  for (auto& each : drawn) each = generator();
  const std::uint64_t top = ~0ULL >> 1;
  const Number point = number(drawn[0] & top, drawn[1]);
  const Number scale = number(drawn[2] & top, drawn[3] | 1);
  const Number offset = number(drawn[4] & top, drawn[5]);
  for (std::size_t size : {16u, 40u, 1024u, 2500u}) {
    auto bytes = random_bytes(size, 6);
    Number sum{0, 0, 0, 0};
    const auto feed = [&](const Number& next) { sum = reduced(add(times(sum, point), next)); };
    for (std::size_t at = 0; at < size; at += HashKey::kBlock) {
      std::vector<std::uint8_t> block(
          bytes.begin() + static_cast<std::ptrdiff_t>(at),
          bytes.begin() + static_cast<std::ptrdiff_t>(std::min(at + HashKey::kBlock, size)));
      block.resize((block.size() + 15) / 16 * 16);
      Number nh{0, 0, 0, 0};
      for (std::size_t i = 0; i < block.size(); i += 16) {
        std::uint64_t pair[2];
        std::memcpy(pair, block.data() + i, 16);
        nh = add(nh,
                 times(number(0, pair[0] + words[i / 8]), number(0, pair[1] + words[i / 8 + 1])));
        nh.resize(4);  // modulo 2^128
      }
      feed(number(0, nh[3] << 32 | nh[2]));
      feed(number(0, nh[1] << 32 | nh[0]));
    }
    feed(number(0, size));
    Hash128 wanted = as_hash(reduced(add(times(sum, scale), offset)));
    wanted.low = mixed(wanted.low);
    EXPECT_EQ(hash(HashKey::of_seed(7), bytes), wanted) << size;
  }
}

}  // namespace
}  // namespace edgert
