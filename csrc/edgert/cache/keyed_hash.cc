#include "edgert/cache/keyed_hash.h"

#include <algorithm>
#include <cstring>
#include <random>

namespace edgert {
namespace {

__extension__ typedef unsigned __int128 Wide;

constexpr std::uint64_t kTop = (std::uint64_t{1} << 63) - 1;  // of a number below 2^127

Wide product(std::uint64_t a, std::uint64_t b) {
  return static_cast<Wide>(a) * b;
}

// The finaliser of MurmurHash3 (Austin Appleby, public domain): linear patterns in contents, such
// as counters, leave none in the digests.
std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdULL;
  x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53ULL;
  return x ^ (x >> 33);
}

std::uint64_t word_at(const std::uint8_t* data) {
  std::uint64_t word;
  std::memcpy(&word, data, sizeof word);
  return word;
}

// NH of `words` words, an even number: apart, so that the compiler sees nothing but the loop.
Wide nh(const std::uint8_t* data, const std::uint64_t* key, std::size_t words) {
  Wide even = 0, odd = 0;
  std::size_t i = 0;
  for (; i + 4 <= words; i += 4) {
    even += product(word_at(data + 8 * i) + key[i], word_at(data + 8 * i + 8) + key[i + 1]);
    odd +=
        product(word_at(data + 8 * i + 16) + key[i + 2], word_at(data + 8 * i + 24) + key[i + 3]);
  }
  if (i < words)
    even += product(word_at(data + 8 * i) + key[i], word_at(data + 8 * i + 8) + key[i + 1]);
  return even + odd;
}

}  // namespace

template <class Next>
HashKey HashKey::fill(Next&& next) {
  HashKey key;
  for (std::uint64_t& word : key.words_) word = next();
  for (Field* field : {&key.point_, &key.scale_, &key.offset_}) *field = {next() & kTop, next()};
  key.scale_.low |= 1;  // a scale of zero would make all digests one
  return key;
}

HashKey HashKey::random() {
  std::random_device device;
  return fill([&] { return std::uint64_t{device()} << 32 | device(); });
}

HashKey HashKey::of_seed(std::uint64_t seed) {
  std::mt19937_64 generator(seed);
  return fill(generator);
}

namespace {

// (a * b + c) modulo 2^127 - 1, where 2^127 is 1. Below 2^127; the prime itself stands for zero.
template <class Field>
Field multiply_add(const Field& a, const Field& b, std::uint64_t c_high, std::uint64_t c_low) {
  const Wide low = product(a.low, b.low);
  const Wide middle = product(a.low, b.high) + product(a.high, b.low);  // two below 2^127
  Wide bottom = low + (middle << 64);
  const Wide top = product(a.high, b.high) + (middle >> 64) + (bottom < low ? 1 : 0);
  const Wide mask = (static_cast<Wide>(1) << 127) - 1;
  Wide sum = 2 * top + (bottom & mask);  // 2^128 is 2
  sum = (sum & mask) + (sum >> 127) + (bottom >> 127);
  sum = (sum & mask) + (sum >> 127) + ((static_cast<Wide>(c_high) << 64) | c_low);
  sum = (sum & mask) + (sum >> 127);
  return {static_cast<std::uint64_t>(sum >> 64), static_cast<std::uint64_t>(sum)};
}

}  // namespace

void KeyedHasher::add(std::uint64_t coefficient) {
  sum_ = multiply_add(sum_, key_.point_, 0, coefficient);
}

void KeyedHasher::block(const std::uint8_t* data, std::size_t size) {
  const Wide sum = nh(data, key_.words_.data(), size / 8);
  add(static_cast<std::uint64_t>(sum >> 64));
  add(static_cast<std::uint64_t>(sum));
}

void KeyedHasher::bytes(const void* data, std::size_t size) {
  if (size == 0) return;
  const auto* from = static_cast<const std::uint8_t*>(data);
  length_ += size;
  if (held_ > 0) {
    const std::size_t taken = std::min(size, HashKey::kBlock - held_);
    std::memcpy(rest_.data() + held_, from, taken);
    held_ += taken;
    from += taken;
    size -= taken;
    if (held_ < HashKey::kBlock) return;
    block(rest_.data(), HashKey::kBlock);
    held_ = 0;
  }
  for (; size >= HashKey::kBlock; size -= HashKey::kBlock, from += HashKey::kBlock)
    block(from, HashKey::kBlock);
  std::memcpy(rest_.data(), from, size);
  held_ = size;
}

Hash128 KeyedHasher::digest() {
  if (held_ > 0) {
    const std::size_t padded = (held_ + 15) / 16 * 16;  // the length tells padding from zeros
    std::memset(rest_.data() + held_, 0, padded - held_);
    block(rest_.data(), padded);
  }
  add(length_);
  const HashKey::Field out = multiply_add(sum_, key_.scale_, key_.offset_.high, key_.offset_.low);
  const bool zero = out.high == kTop && out.low == ~std::uint64_t{0};  // the prime
  return zero ? Hash128{0, mixed(0)} : Hash128{out.high, mixed(out.low)};
}

}  // namespace edgert
