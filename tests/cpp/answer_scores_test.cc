// answer.classes, answer.probability and answer.embedding.
#include <gmock/gmock.h>

#include <cmath>

#include "answer_support.h"

namespace edgert::test {
namespace {

using testing::HasSubstr;

TEST(AnswerClasses, BestFewInFallingOrder) {
  Answer answer("answer.classes", {{"top", std::int64_t{3}}});
  answer.tensor({1, 5}, {0.1f, 0.5f, 0.2f, 0.5f, 0.3f});
  expect_near(answer.run(), {1, 0.5f, 3, 0.5f, 4, 0.3f});  // equal ones by index
  EXPECT_EQ(answer.shape(), (Shape{3, 2}));
  EXPECT_TRUE(answer.transform().cheap());
}

TEST(AnswerClasses, SoftmaxAddsUpOverAllClasses) {
  std::vector<float> logits(1000);
  for (std::size_t i = 0; i < logits.size(); ++i)
    logits[i] = static_cast<float>(i * 7 % 1000) / 100;
  Answer answer("answer.classes", {{"activation", "softmax"}, {"top", std::int64_t{1000}}});
  const auto rows = answer.tensor({1, 1000}, logits).run();
  ASSERT_EQ(answer.shape(), (Shape{1000, 2}));
  double sum = 0;
  for (std::size_t i = 0; i < 1000; ++i) {
    sum += rows[2 * i + 1];
    if (i > 0) {
      EXPECT_GE(rows[2 * i - 1], rows[2 * i + 1]);
    }
  }
  EXPECT_NEAR(sum, 1, 1e-5);
  EXPECT_EQ(rows[0], 857);  // 857·7 = 5999
}

TEST(AnswerClasses, LargeLogitsDoNotOverflow) {
  Answer answer("answer.classes", {{"activation", "softmax"}});
  expect_near(answer.tensor({3}, {1000, 999, -1000}).run(),
              {0, 1 / (1 + std::exp(-1.0f)), 1, 1 / (1 + std::exp(1.0f)), 2, 0});
}

TEST(AnswerClasses, MinScoreAndBrokenNumbersLeaveRowsOut) {
  Answer answer("answer.classes", {{"activation", "sigmoid"}, {"min_score", 0.5}});
  expect_near(answer.tensor({1, 1, 4}, {kNan, 1, -1, 2}).run(),
              {3, 1 / (1 + std::exp(-2.0f)), 1, 1 / (1 + std::exp(-1.0f))});
  Answer none("answer.classes", {{"activation", "softmax"}});
  EXPECT_TRUE(none.tensor({3}, {kNan, kNan, kNan}).run().empty());
  EXPECT_EQ(none.shape(), (Shape{0, 2}));
}

// Without a flatten after the last pooling, as SqueezeNet has it.
TEST(AnswerClasses, ExtentsOfOneBehindTheClassesAreNone) {
  Answer answer("answer.classes", {{"top", std::int64_t{2}}});
  expect_near(answer.tensor({1, 3, 1, 1}, {0.1f, 0.7f, 0.2f}).run(), {1, 0.7f, 2, 0.2f});
}

TEST(AnswerClasses, RefusesWhatItCannotRead) {
  EXPECT_THAT(Answer("answer.classes", {}).tensor({2, 3}, {1, 2, 3, 4, 5, 6}).refusal(),
              AllOf(HasSubstr("answer.classes"), HasSubstr("float32 2×3"), HasSubstr("[…, C]")));
  const TensorSpec quantised{"scores", DType::kUInt8, {1, 1000}, 0};
  const InputFormat formats[] = {format_of(quantised)};
  EXPECT_THAT(make_transform("answer.classes", {}, formats).status().message(),
              HasSubstr("tensor.dequantize"));
  EXPECT_FALSE(make_transform("answer.classes", {}, {}).ok());
  EXPECT_FALSE(Answer("answer.classes", {{"top", std::int64_t{0}}}).tensor({1}, {1}).make().ok());
}

TEST(AnswerProbability, OneElementThroughItsActivation) {
  const auto run = [](Params params, const Shape& shape, const std::vector<float>& values) {
    return Answer("answer.probability", std::move(params)).tensor(shape, values).run();
  };
  expect_near(run({}, {1, 1}, {0.75f}), {0.75f});
  expect_near(run({}, {}, {0.75f}), {0.75f});
  expect_near(run({{"activation", "sigmoid"}}, {1, 1, 1, 1}, {1}), {1 / (1 + std::exp(-1.0f))});
  expect_near(run({{"activation", "softmax"}, {"index", std::int64_t{1}}}, {1, 2}, {0, 1}),
              {1 / (1 + std::exp(-1.0f))});
  expect_near(run({}, {1}, {kNan}), {0});
  EXPECT_THAT(
      Answer("answer.probability", {{"index", std::int64_t{2}}}).tensor({1, 2}, {0, 1}).refusal(),
      HasSubstr("index"));
}

TEST(AnswerEmbedding, UnitLengthOrTheSameBytes) {
  Answer unit("answer.embedding", {});
  expect_near(unit.tensor({1, 2, 1, 1}, {3, 4}).run(), {0.6f, 0.8f});
  EXPECT_EQ(unit.shape(), (Shape{2}));
  const Tensor features = tensor_of({1, 2}, {3, 4});
  Answer view("answer.embedding", {{"normalise", false}});
  expect_near(view.tensor(features).run(), {3, 4});
  EXPECT_EQ(view.output().buffer().get(), features.buffer().get());
  EXPECT_EQ(view.shape(), (Shape{2}));
}

TEST(AnswerEmbedding, NothingToNormaliseGivesZeros) {
  expect_near(Answer("answer.embedding", {}).tensor({2}, {0, 0}).run(), {0, 0});
  expect_near(Answer("answer.embedding", {}).tensor({2}, {kNan, 1}).run(), {0, 0});
}

}  // namespace
}  // namespace edgert::test
