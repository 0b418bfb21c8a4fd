#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "edgert/memory/half.h"

namespace edgert {
namespace {

// What the ten bits of the fraction and five of the exponent mean, by the definition.
double meaning(std::uint16_t bits) {
  const double sign = bits & 0x8000 ? -1 : 1;
  const int exponent = (bits >> 10) & 31, fraction = bits & 1023;
  if (exponent == 31) return fraction ? std::nan("") : sign * INFINITY;
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

TEST(Half, EveryHalfIsItsFloat) {
  for (unsigned bits = 0; bits <= 0xffff; ++bits) {
    const Half half{static_cast<std::uint16_t>(bits)};
    const double expected = meaning(half.bits);
    for (float value : {half_to_float(half), half_detail::to_float(half)}) {
      if (std::isnan(expected)) {
        EXPECT_TRUE(std::isnan(value));
      } else {
        ASSERT_EQ(value, expected);
        ASSERT_EQ(std::signbit(value), std::signbit(expected));
        ASSERT_EQ(float_to_half(value), half);
        ASSERT_EQ(half_detail::to_half(value), half);
      }
    }
  }
}

TEST(Half, RoundsToTheNearestTiesToEven) {
  for (unsigned bits = 0; bits < 0x7bff; ++bits) {
    const double low = meaning(static_cast<std::uint16_t>(bits));
    const double high = meaning(static_cast<std::uint16_t>(bits + 1));
    const auto middle = static_cast<float>((low + high) / 2);
    const unsigned even = bits % 2 ? bits + 1 : bits;
    for (auto convert : {float_to_half, half_detail::to_half}) {
      ASSERT_EQ(convert(middle).bits, even);
      ASSERT_EQ(convert(std::nextafter(middle, 0.0F)).bits, bits);
      ASSERT_EQ(convert(std::nextafter(middle, 1e9F)).bits, bits + 1);
    }
  }
}

TEST(Half, LimitsAreKept) {
  EXPECT_EQ(half_detail::to_half(65519.9F).bits, 0x7bff);
  EXPECT_EQ(half_detail::to_half(65520.0F).bits, 0x7c00);
  EXPECT_EQ(half_detail::to_half(-1e30F).bits, 0xfc00);
  EXPECT_EQ(half_detail::to_half(1e-30F).bits, 0);
  EXPECT_EQ(half_detail::to_half(-0.0F).bits, 0x8000);
  EXPECT_TRUE(std::isnan(half_to_float(float_to_half(std::nanf("")))));
  EXPECT_TRUE(std::isnan(half_detail::to_float(half_detail::to_half(std::nanf("")))));
}

TEST(Half, RowsConvertAsSingleValuesDo) {
  std::vector<float> floats;
  std::mt19937 random(7);
  for (int i = 0; i < 37; ++i) floats.push_back(static_cast<float>(random()) * 1e-5F - 2e4F);
  std::vector<Half> halves(floats.size());
  std::vector<float> back(floats.size());
  floats_to_halves(floats.data(), halves.data(), floats.size());
  halves_to_floats(halves.data(), back.data(), floats.size());
  for (std::size_t i = 0; i < floats.size(); ++i) {
    EXPECT_EQ(halves[i], half_detail::to_half(floats[i]));
    EXPECT_EQ(back[i], half_detail::to_float(halves[i]));
  }
}

}  // namespace
}  // namespace edgert
