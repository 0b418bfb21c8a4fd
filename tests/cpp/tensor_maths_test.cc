#include <cmath>

#include "transform_tools.h"

namespace edgert::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Tensor run_one(Transform& transform, const Tensor& input) {
  TestContext context;
  const Status status = context.run(transform, {input_of(input)});
  EXPECT_TRUE(status.ok()) << status.message();
  return context.output(0);
}

TEST(TensorSoftmax, EqualsTheDefinitionOnEachAxis) {
  const Shape shape = {3, 5, 4};
  std::vector<float> values = noise(60);
  for (float& value : values) value *= 20;
  const Tensor input = tensor_of(shape, values);
  const TensorSpec spec = spec_of(shape);
  for (int axis = 0; axis < 3; ++axis) {
    const auto softmax = make("tensor.softmax", {{"axis", std::int64_t{axis}}}, {format_of(spec)});
    const Tensor output = run_one(*softmax, input);
    const std::int64_t step = axis == 0 ? 20 : axis == 1 ? 4 : 1;
    for (std::int64_t i = 0; i < 60; ++i) {
      const std::int64_t first = i - (i / step % shape[axis]) * step;
      double sum = 0;
      for (std::int64_t j = 0; j < shape[axis]; ++j)
        sum += std::exp(double{values[static_cast<std::size_t>(first + j * step)]});
      EXPECT_NEAR(output.data<float>()[i],
                  std::exp(double{values[static_cast<std::size_t>(i)]}) / sum, 1e-6);
    }
  }
}

TEST(TensorSoftmax, StandsLargeValuesAndTakesTheLastAxis) {
  const TensorSpec spec = spec_of({-1, 2}, DType::kFloat32, 64);
  const auto softmax = make("tensor.softmax", {}, {format_of(spec)});
  const Tensor output = run_one(*softmax, tensor_of({2, 2}, {1000, 1000, -1000, 0}));
  EXPECT_THAT(values_of<float>(output), ElementsAre(0.5F, 0.5F, 0, 1));
  EXPECT_EQ(run_one(*softmax, allocate_tensor(DType::kFloat32, {0, 2})).elements(), 0);
}

TEST(TensorSigmoid, EqualsTheDefinition) {
  const TensorSpec spec = spec_of({5});
  const auto sigmoid = make("tensor.sigmoid", {}, {format_of(spec)});
  const Tensor output = run_one(*sigmoid, tensor_of({5}, {0, 2, -2, 200, -200}));
  const float* y = output.data<float>();
  EXPECT_EQ(y[0], 0.5F);
  EXPECT_NEAR(y[1], 1 / (1 + std::exp(-2.0)), 1e-7);
  EXPECT_NEAR(y[2], 1 / (1 + std::exp(2.0)), 1e-7);
  EXPECT_EQ(y[3], 1);
  EXPECT_EQ(y[4], 0);
}

TEST(TensorReduce, EachWayOnEachAxis) {
  const TensorSpec spec = spec_of({2, 3});
  const Tensor input = tensor_of({2, 3}, {1, -2, 3, -4, 5, -6});
  const auto reduce = [&](const char* how, std::int64_t axis) {
    const auto transform =
        make("tensor.reduce", {{"how", std::string(how)}, {"axis", axis}}, {format_of(spec)});
    return values_of<float>(run_one(*transform, input));
  };
  EXPECT_THAT(reduce("max", 0), ElementsAre(1, 5, 3));
  EXPECT_THAT(reduce("max", 1), ElementsAre(3, 5));
  EXPECT_THAT(reduce("sum", 0), ElementsAre(-3, 3, -3));
  EXPECT_THAT(reduce("mean", 0), ElementsAre(-1.5F, 1.5F, -1.5F));
  EXPECT_THAT(reduce("sum", -1), ElementsAre(2, -5));
}

TEST(TensorReduce, OfUnknownRows) {
  const TensorSpec spec = spec_of({-1, 2}, DType::kFloat32, 64);
  const auto mean = make("tensor.reduce", {{"how", std::string("mean")}}, {format_of(spec)});
  EXPECT_EQ(mean->outputs()[0].shape, Shape({2}));
  EXPECT_THAT(values_of<float>(run_one(*mean, tensor_of({3, 2}, {1, 2, 3, 4, 5, 9}))),
              ElementsAre(3, 5));
  const Tensor none = allocate_tensor(DType::kFloat32, {0, 2});
  TestContext context;
  EXPECT_EQ(context.run(*mean, {input_of(none)}).code(), Code::kSkipped);
  const auto sum = make("tensor.reduce", {{"how", std::string("sum")}}, {format_of(spec)});
  EXPECT_THAT(values_of<float>(run_one(*sum, none)), ElementsAre(0, 0));
  const auto across = make(
      "tensor.reduce", {{"how", std::string("max")}, {"axis", std::int64_t{1}}}, {format_of(spec)});
  EXPECT_EQ(across->outputs()[0].bytes(), 32U);
}

TEST(TensorReduce, OfAVectorLeavesOneElement) {
  const TensorSpec spec = spec_of({3});
  const auto reduce = make("tensor.reduce", {{"how", std::string("max")}}, {format_of(spec)});
  EXPECT_EQ(reduce->outputs()[0].shape, Shape({1}));
  EXPECT_THAT(values_of<float>(run_one(*reduce, tensor_of({3}, {1, 5, 2}))), ElementsAre(5));
}

TEST(TensorThreshold, IsOneAbove) {
  const TensorSpec spec = spec_of({-1}, DType::kFloat32, 64);
  const auto threshold = make("tensor.threshold", {{"above", 0.5}}, {format_of(spec)});
  EXPECT_EQ(threshold->outputs()[0].bytes(), 16U);
  const Tensor output = run_one(*threshold, tensor_of({4}, {0.4F, 0.5F, 0.6F, std::nanf("")}));
  EXPECT_EQ(output.dtype(), DType::kUInt8);
  EXPECT_THAT(values_of<std::uint8_t>(output), ElementsAre(0, 0, 1, 0));
}

TEST(TensorMaths, RefusesBadParameters) {
  const TensorSpec spec = spec_of({2, 3}), whole = spec_of({2}, DType::kInt8);
  const auto format = format_of(spec);
  EXPECT_THAT(refusal("tensor.reduce", {}, {format}), HasSubstr("'how'"));
  EXPECT_THAT(refusal("tensor.reduce", {{"how", std::string("min")}}, {format}),
              HasSubstr("'how'"));
  EXPECT_THAT(refusal("tensor.softmax", {{"axis", std::int64_t{2}}}, {format}),
              HasSubstr("'axis'"));
  EXPECT_THAT(refusal("tensor.softmax", {}, {format_of(whole)}), HasSubstr("tensor.cast"));
  EXPECT_THAT(refusal("tensor.sigmoid", {{"above", 1.0}}, {format}), HasSubstr("'above'"));
  EXPECT_THAT(refusal("tensor.threshold", {}, {format}), HasSubstr("'above'"));
  EXPECT_THAT(refusal("tensor.sigmoid", {}, {format, format}), HasSubstr("inputs"));
}

TEST(TensorMaths, RefusesAnotherTensorAtRunTime) {
  const TensorSpec spec = spec_of({2, 3});
  const auto sigmoid = make("tensor.sigmoid", {}, {format_of(spec)});
  const Tensor input = tensor_of({3, 2}, {1, 2, 3, 4, 5, 6});
  TestContext context;
  EXPECT_THAT(context.run(*sigmoid, {input_of(input)}).message(), HasSubstr("3×2"));
}

}  // namespace
}  // namespace edgert::testing
