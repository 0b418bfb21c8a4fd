// Operations that move elements or only look at them otherwise.
#include "transform_tools.h"

namespace edgert::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using Ints = std::vector<std::int64_t>;

std::vector<float> counting(std::int64_t count) {
  std::vector<float> values;
  for (std::int64_t i = 0; i < count; ++i) values.push_back(static_cast<float>(i));
  return values;
}

TEST(TensorReshape, IsAView) {
  const TensorSpec spec = spec_of({2, 6});
  const auto reshape = make("tensor.reshape", {{"shape", Ints{1, -1, 3}}}, {format_of(spec)});
  EXPECT_EQ(reshape->outputs()[0].shape, Shape({1, 4, 3}));
  EXPECT_TRUE(reshape->cheap());
  const Tensor input = tensor_of({2, 6}, counting(12));
  TestContext context;
  ASSERT_TRUE(context.run(*reshape, {input_of(input)}).ok());
  EXPECT_EQ(context.output(0).shape(), Shape({1, 4, 3}));
  EXPECT_EQ(context.output(0).bytes_data(), input.bytes_data());
  EXPECT_EQ(context.allocations(), 0);
}

TEST(TensorReshape, FollowsRowsThatAreKnownAtRunTime) {
  const TensorSpec spec = spec_of({-1, 4}, DType::kFloat32, 160);
  const auto reshape = make("tensor.reshape", {{"shape", Ints{-1, 2, 2}}}, {format_of(spec)});
  EXPECT_EQ(reshape->outputs()[0].bytes(), 160U);
  TestContext context;
  for (std::int64_t rows : {0, 3, 10}) {
    const Tensor input = tensor_of({rows, 4}, counting(rows * 4));
    ASSERT_TRUE(context.run(*reshape, {input_of(input)}).ok());
    EXPECT_EQ(context.output(0).shape(), Shape({rows, 2, 2}));
  }
  const Tensor eleven = tensor_of({11, 4}, counting(44));
  EXPECT_FALSE(context.run(*reshape, {input_of(eleven)}).ok());
}

TEST(TensorReshape, RefusesWhatDoesNotFit) {
  const TensorSpec spec = spec_of({2, 6}), open = spec_of({-1, 6});
  const auto format = format_of(spec);
  EXPECT_THAT(refusal("tensor.reshape", {{"shape", Ints{5, -1}}}, {format}), HasSubstr("'shape'"));
  EXPECT_THAT(refusal("tensor.reshape", {{"shape", Ints{-1, -1}}}, {format}), HasSubstr("'shape'"));
  EXPECT_THAT(refusal("tensor.reshape", {{"shape", Ints{0}}}, {format}), HasSubstr("'shape'"));
  EXPECT_THAT(refusal("tensor.reshape", {}, {format}), HasSubstr("'shape'"));
  EXPECT_THAT(refusal("tensor.reshape", {{"shap", Ints{12}}}, {format}), HasSubstr("'shap'"));
  EXPECT_THAT(refusal("tensor.reshape", {{"shape", Ints{12}}}, {format_of(open)}),
              HasSubstr("max_bytes"));
}

TEST(TensorTranspose, EqualsTheDefinition) {
  const Shape shape = {2, 3, 4, 5};
  const std::vector<float> values = counting(120);
  const TensorSpec spec = spec_of(shape);
  TestContext context;
  for (const Ints& axes : {Ints{3, 2, 1, 0}, Ints{0, 2, 3, 1}, Ints{0, 3, 1, 2}, Ints{1, 0, 2, 3},
                           Ints{2, 0, 3, 1}, Ints{-1, 0, 1, 2}}) {
    const auto transpose = make("tensor.transpose", {{"axes", axes}}, {format_of(spec)});
    const Tensor input = tensor_of(shape, values);
    ASSERT_TRUE(context.run(*transpose, {input_of(input)}).ok());
    const Tensor& output = context.output(0);
    ASSERT_EQ(output.shape(), transpose->outputs()[0].shape);
    const float* result = output.data<const float>();
    std::int64_t at[4];
    for (at[0] = 0; at[0] < 2; ++at[0])
      for (at[1] = 0; at[1] < 3; ++at[1])
        for (at[2] = 0; at[2] < 4; ++at[2])
          for (at[3] = 0; at[3] < 5; ++at[3]) {
            std::int64_t index = 0;
            for (int i = 0; i < 4; ++i) {
              const std::int64_t axis = axes[static_cast<std::size_t>(i)];
              index = index * output.shape()[i] + at[axis < 0 ? axis + 4 : axis];
            }
            ASSERT_EQ(result[index], values[((at[0] * 3 + at[1]) * 4 + at[2]) * 5 + at[3]]);
          }
  }
}

TEST(TensorTranspose, OfOtherWidthsAndEmpty) {
  const TensorSpec spec = spec_of({-1, 3}, DType::kUInt8, 30);
  const auto transpose = make("tensor.transpose", {}, {format_of(spec)});
  TestContext context;
  const Tensor input = tensor_of<std::uint8_t>(DType::kUInt8, {2, 3}, {1, 2, 3, 4, 5, 6});
  ASSERT_TRUE(context.run(*transpose, {input_of(input)}).ok());
  EXPECT_THAT(values_of<std::uint8_t>(context.output(0)), ElementsAre(1, 4, 2, 5, 3, 6));
  const Tensor none = allocate_tensor(DType::kUInt8, {0, 3});
  ASSERT_TRUE(context.run(*transpose, {input_of(none)}).ok());
  EXPECT_EQ(context.output(0).shape(), Shape({3, 0}));
}

TEST(TensorTranspose, OfExtentsOfOneIsAView) {
  const TensorSpec spec = spec_of({1, 4, 6});
  const auto transpose = make("tensor.transpose", {{"axes", Ints{1, 0, 2}}}, {format_of(spec)});
  const Tensor input = tensor_of({1, 4, 6}, counting(24));
  TestContext context;
  ASSERT_TRUE(context.run(*transpose, {input_of(input)}).ok());
  EXPECT_EQ(context.output(0).shape(), Shape({4, 1, 6}));
  EXPECT_EQ(context.output(0).bytes_data(), input.bytes_data());
  EXPECT_THAT(refusal("tensor.transpose", {{"axes", Ints{0, 1, 1}}}, {format_of(spec)}),
              HasSubstr("'axes'"));
}

TEST(TensorSlice, TakesAPartOfAnyAxis) {
  const TensorSpec spec = spec_of({2, 3, 4});
  const Tensor input = tensor_of({2, 3, 4}, counting(24));
  TestContext context;
  const auto middle = make("tensor.slice", {{"axis", std::int64_t{1}}, {"start", std::int64_t{1}}},
                           {format_of(spec)});
  ASSERT_TRUE(context.run(*middle, {input_of(input)}).ok());
  EXPECT_EQ(context.output(0).shape(), Shape({2, 2, 4}));
  EXPECT_THAT(values_of<float>(context.output(0)),
              ElementsAre(4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23));
  const auto last =
      make("tensor.slice",
           {{"axis", std::int64_t{-1}}, {"start", std::int64_t{-2}}, {"stop", std::int64_t{-1}}},
           {format_of(spec)});
  ASSERT_TRUE(context.run(*last, {input_of(input)}).ok());
  EXPECT_EQ(context.output(0).shape(), Shape({2, 3, 1}));
  EXPECT_THAT(values_of<float>(context.output(0)), ElementsAre(2, 6, 10, 14, 18, 22));
}

TEST(TensorSlice, SharesRowsThatAreAligned) {
  const TensorSpec spec = spec_of({4, 16});
  const Tensor input = tensor_of({4, 16}, counting(64));
  const auto slice = make("tensor.slice", {{"start", std::int64_t{1}}, {"stop", std::int64_t{3}}},
                          {format_of(spec)});
  TestContext context;
  ASSERT_TRUE(context.run(*slice, {input_of(input)}).ok());
  EXPECT_EQ(context.output(0).bytes_data(), input.bytes_data() + 64);
  EXPECT_EQ(context.output(0).shape(), Shape({2, 16}));
}

TEST(TensorSlice, ClipsToTheRowsThatCame) {
  const TensorSpec spec = spec_of({-1, 2}, DType::kFloat32, 80);
  const auto slice = make("tensor.slice", {{"start", std::int64_t{1}}, {"stop", std::int64_t{3}}},
                          {format_of(spec)});
  TestContext context;
  for (std::int64_t rows : {0, 1, 2, 5}) {
    const Tensor input = tensor_of({rows, 2}, counting(2 * rows));
    ASSERT_TRUE(context.run(*slice, {input_of(input)}).ok());
    const std::int64_t kept = std::max<std::int64_t>(std::min<std::int64_t>(rows, 3) - 1, 0);
    EXPECT_EQ(context.output(0).shape(), Shape({kept, 2}));
    if (kept > 0) {
      EXPECT_EQ(context.output(0).data<float>()[0], 2);
    }
  }
  const TensorSpec fixed = spec_of({4, 2});
  EXPECT_THAT(refusal("tensor.slice", {{"start", std::int64_t{4}}}, {format_of(fixed)}),
              HasSubstr("'stop'"));
  EXPECT_THAT(refusal("tensor.slice", {{"axis", std::int64_t{2}}}, {format_of(fixed)}),
              HasSubstr("'axis'"));
}

TEST(TensorConcat, JoinsAlongAnyAxis) {
  const TensorSpec a = spec_of({2, 2}), b = spec_of({2, 3}), c = spec_of({1, 2});
  const Tensor first = tensor_of({2, 2}, {1, 2, 3, 4});
  const Tensor second = tensor_of({2, 3}, {5, 6, 7, 8, 9, 10});
  const Tensor third = tensor_of({1, 2}, {11, 12});
  TestContext context;
  const auto wide =
      make("tensor.concat", {{"axis", std::int64_t{-1}}}, {format_of(a), format_of(b)});
  ASSERT_TRUE(context.run(*wide, {input_of(first), input_of(second)}).ok());
  EXPECT_EQ(context.output(0).shape(), Shape({2, 5}));
  EXPECT_THAT(values_of<float>(context.output(0)), ElementsAre(1, 2, 5, 6, 7, 3, 4, 8, 9, 10));
  const auto tall = make("tensor.concat", {}, {format_of(a), format_of(c), format_of(a)});
  ASSERT_TRUE(context.run(*tall, {input_of(first), input_of(third), input_of(first)}).ok());
  EXPECT_EQ(context.output(0).shape(), Shape({5, 2}));
  EXPECT_THAT(values_of<float>(context.output(0)), ElementsAre(1, 2, 3, 4, 11, 12, 1, 2, 3, 4));
}

TEST(TensorConcat, OfUnknownRows) {
  const TensorSpec open = spec_of({-1, 2}, DType::kFloat32, 32), fixed = spec_of({1, 2});
  const auto concat = make("tensor.concat", {}, {format_of(open), format_of(fixed)});
  EXPECT_EQ(concat->outputs()[0].shape, Shape({-1, 2}));
  EXPECT_EQ(concat->outputs()[0].bytes(), 40U);
  const Tensor none = allocate_tensor(DType::kFloat32, {0, 2}), row = tensor_of({1, 2}, {1, 2});
  TestContext context;
  ASSERT_TRUE(context.run(*concat, {input_of(none), input_of(row)}).ok());
  EXPECT_THAT(values_of<float>(context.output(0)), ElementsAre(1, 2));
}

TEST(TensorConcat, RefusesWhatDoesNotJoin) {
  const TensorSpec a = spec_of({2, 2}), b = spec_of({2, 3}), c = spec_of({2, 2}, DType::kInt32);
  EXPECT_THAT(refusal("tensor.concat", {}, {format_of(a), format_of(b)}), HasSubstr("2×3"));
  EXPECT_THAT(refusal("tensor.concat", {}, {format_of(a), format_of(c)}), HasSubstr("input 1"));
  EXPECT_THAT(refusal("tensor.concat", {}, {}), HasSubstr("inputs"));
}

}  // namespace
}  // namespace edgert::testing
