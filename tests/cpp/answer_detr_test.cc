#include <gmock/gmock.h>

#include <cmath>

#include "answer_support.h"

namespace edgert::test {
namespace {

using testing::HasSubstr;

Params detr(Params more = {}) {
  Params params{{"input_width", std::int64_t{200}}, {"input_height", std::int64_t{100}}};
  for (const auto& [name, value] : more.values()) params.set(name, value);
  return params;
}

TEST(AnswerDetr, SoftmaxWithNoObjectLast) {
  Answer answer("answer.detr", detr());
  answer.tensor({1, 3, 3}, {0, 0, 9, 4, 0, 1, 0, 3, 1})
      .tensor({1, 3, 4}, {0, 0, 1, 1, 0.5f, 0.5f, 0.2f, 0.4f, 0.5f, 0.5f, 0.2f, 0.4f})
      .frame(400, 400);
  const float first = std::exp(4.0f) / (std::exp(4.0f) + 1 + std::exp(1.0f));
  const float second = std::exp(3.0f) / (std::exp(3.0f) + 1 + std::exp(1.0f));
  // Equal boxes both stay: queries are not suppressed.
  expect_near(answer.run(), {160, 120, 240, 280, first, 0, 160, 120, 240, 280, second, 1});
}

TEST(AnswerDetr, SigmoidHasNoSuchColumn) {
  Answer answer("answer.detr",
                detr({{"activation", "sigmoid"}, {"max_detections", std::int64_t{1}}}));
  answer.tensor({1, 2, 2}, {-1, 1, 0.5f, 2})
      .tensor({1, 2, 4}, {0.5f, 0.5f, 1, 1, 0.25f, 0.5f, 0.5f, 1})
      .frame(200, 100);
  expect_near(answer.run(), {0, 0, 100, 100, 1 / (1 + std::exp(-2.0f)), 1});
}

TEST(AnswerDetr, BrokenNumbersAreNoDetections) {
  Answer answer("answer.detr", detr({{"min_score", 0.0}}));
  answer.tensor({1, 3, 2}, {kNan, kNan, 5, kNan, 5, 0})
      .tensor({1, 3, 4}, {0.5f, 0.5f, 1, 1, 0.5f, 0.5f, 1, 1, kNan, 0.5f, 1, 1})
      .frame(200, 100);
  EXPECT_TRUE(answer.run().empty());
}

TEST(AnswerDetr, RefusesWrongShapes) {
  Answer answer("answer.detr", detr());
  answer.tensor(allocate_tensor(DType::kFloat32, {1, 100, 92}))
      .tensor(allocate_tensor(DType::kFloat32, {1, 100, 5}))
      .frame(1, 1);
  EXPECT_THAT(answer.refusal(),
              AllOf(HasSubstr("answer.detr"), HasSubstr("1×100×5"), HasSubstr("[1, 100, 4]")));
}

}  // namespace
}  // namespace edgert::test
