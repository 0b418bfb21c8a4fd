#include <cmath>
#include <limits>

#include "edgert/memory/half.h"
#include "transform_tools.h"

namespace edgert::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr DType kAll[] = {DType::kFloat32, DType::kFloat16, DType::kFloat64,
                          DType::kInt8,    DType::kUInt8,   DType::kInt16,
                          DType::kInt32,   DType::kInt64,   DType::kBool};

Tensor cast(const Tensor& input, DType to, Params params = {}) {
  const TensorSpec spec = spec_of(input.shape(), input.dtype());
  params.set("dtype", std::string(dtype_name(to)));
  const auto transform = make("tensor.cast", params, {format_of(spec)});
  TestContext context;
  EXPECT_TRUE(context.run(*transform, {input_of(input)}).ok());
  EXPECT_EQ(context.output(0).dtype(), to);
  EXPECT_EQ(context.output(0).shape(), input.shape());
  return context.output(0);
}

TEST(TensorCast, BetweenAllTypesAndBack) {
  const Tensor start = tensor_of({4}, {0, 1, 7, 100});
  for (DType from : kAll) {
    const Tensor typed = cast(start, from);
    for (DType to : kAll) {
      const Tensor back = cast(cast(typed, to), DType::kFloat32);
      if (from == DType::kBool || to == DType::kBool) {
        EXPECT_THAT(values_of<float>(back), ElementsAre(0, 1, 1, 1));
      } else {
        EXPECT_THAT(values_of<float>(back), ElementsAre(0, 1, 7, 100));
      }
    }
  }
}

TEST(TensorCast, OfEqualTypesIsAView) {
  const Tensor input = tensor_of({2}, {1, 2});
  EXPECT_EQ(cast(input, DType::kFloat32).bytes_data(), input.bytes_data());
}

TEST(TensorCast, CutsAndSaturates) {
  const float nan = std::nanf("");
  const Tensor input = tensor_of({6}, {1.9F, -1.9F, 300, -300, 1e30F, nan});
  EXPECT_THAT(values_of<std::int8_t>(cast(input, DType::kInt8)),
              ElementsAre(1, -1, 127, -128, 127, 0));
  EXPECT_THAT(values_of<std::uint8_t>(cast(input, DType::kUInt8)),
              ElementsAre(1, 0, 255, 0, 255, 0));
  EXPECT_THAT(values_of<std::int64_t>(cast(input, DType::kInt64)),
              ElementsAre(1, -1, 300, -300, std::numeric_limits<std::int64_t>::max(), 0));
  const Tensor wide = tensor_of<std::int64_t>(DType::kInt64, {2}, {-5'000'000'000, 70'000});
  EXPECT_THAT(values_of<std::int32_t>(cast(wide, DType::kInt32)),
              ElementsAre(std::numeric_limits<std::int32_t>::min(), 70'000));
  EXPECT_THAT(values_of<std::uint8_t>(cast(wide, DType::kUInt8)), ElementsAre(0, 255));
}

TEST(TensorCast, ToHalfRounds) {
  const Tensor input = tensor_of({3}, {1.0F, 1.0F + 0x1p-11F, 70'000});
  const auto halves = values_of<Half>(cast(input, DType::kFloat16));
  EXPECT_EQ(halves[0].bits, 0x3c00);
  EXPECT_EQ(halves[1].bits, 0x3c00);  // a tie
  EXPECT_EQ(halves[2].bits, 0x7c00);
}

TEST(TensorCast, QuantisesWhenAScaleIsGiven) {
  const Params params = {{"quant_scale", 0.5}, {"quant_zero", std::int64_t{-10}}};
  const Tensor input = tensor_of({7}, {0, 1, 1.25F, 1.75F, 1000, -1000, std::nanf("")});
  EXPECT_THAT(values_of<std::int8_t>(cast(input, DType::kInt8, params)),
              ElementsAre(-10, -8, -8, -6, 127, -128, -128));  // 2.5 and 3.5 are ties: to even
  EXPECT_THAT(values_of<std::int32_t>(cast(input, DType::kInt32, params)),
              ElementsAre(-10, -8, -8, -6, 1990, -2010, std::numeric_limits<int>::min()));
  const Tensor half = cast(tensor_of({2}, {2, -2}), DType::kFloat16);
  EXPECT_THAT(values_of<std::uint8_t>(cast(half, DType::kUInt8, {{"quant_scale", 0.5}})),
              ElementsAre(4, 0));
}

TEST(TensorDequantize, InvertsQuantisation) {
  TestContext context;
  const TensorSpec spec = spec_of({-1}, DType::kUInt8, 16);
  const auto transform =
      make("tensor.dequantize", {{"scale", 0.25}, {"zero", std::int64_t{128}}}, {format_of(spec)});
  EXPECT_EQ(transform->outputs()[0].bytes(), 64U);
  const Tensor input = tensor_of<std::uint8_t>(DType::kUInt8, {3}, {0, 128, 255});
  ASSERT_TRUE(context.run(*transform, {input_of(input)}).ok());
  EXPECT_THAT(values_of<float>(context.output(0)), ElementsAre(-32, 0, 31.75F));
}

TEST(TensorCast, RefusesBadParameters) {
  const TensorSpec spec = spec_of({2}), whole = spec_of({2}, DType::kInt32);
  const auto format = format_of(spec);
  const Params uint8 = {{"dtype", std::string("uint8")}, {"quant_scale", 0.0}};
  EXPECT_THAT(refusal("tensor.cast", {}, {format}), HasSubstr("'dtype'"));
  EXPECT_THAT(refusal("tensor.cast", {{"dtype", std::string("bfloat16")}}, {format}),
              HasSubstr("bfloat16"));
  EXPECT_THAT(refusal("tensor.cast", uint8, {format}), HasSubstr("'quant_scale'"));
  Params from_whole = uint8;
  from_whole.set("quant_scale", 1.0);
  EXPECT_THAT(refusal("tensor.cast", from_whole, {format_of(whole)}), HasSubstr("'dtype'"));
  EXPECT_THAT(refusal("tensor.dequantize", {{"scale", -1.0}}, {format_of(whole)}),
              HasSubstr("'scale'"));
  EXPECT_THAT(refusal("tensor.dequantize", {{"zero", 0.5}}, {format_of(whole)}),
              HasSubstr("'zero'"));
  EXPECT_THAT(refusal("tensor.dequantize", {}, {format}), HasSubstr("input 0"));
}

}  // namespace
}  // namespace edgert::testing
