#include <gmock/gmock.h>

#include <cmath>

#include "answer_support.h"

namespace edgert::test {
namespace {

using testing::HasSubstr;

TEST(AnswerMask, ValuesAreClampedAndNanIsNothing) {
  Answer answer("answer.mask", {});
  answer.tensor({1, 2, 3, 1}, {0.25f, 1.5f, -1, kNan, 1, 0}).frame(640, 480);
  expect_near(answer.run(), {0.25f, 1, 0, 0, 1, 0});
  EXPECT_EQ(answer.shape(), (Shape{2, 3}));
  EXPECT_TRUE(answer.transform().cheap());
}

TEST(AnswerMask, ChannelsInBothLayouts) {
  const float p = 1 / (1 + std::exp(-2.0f));
  Params params{{"activation", "softmax"}, {"channel", std::int64_t{1}}};
  expect_near(Answer("answer.mask", params).tensor({1, 1, 2, 2}, {0, 2, 5, 3}).run(), {p, 1 - p});
  params.set("layout", "nchw");
  expect_near(Answer("answer.mask", params).tensor({1, 2, 1, 2}, {0, 5, 2, 3}).run(), {p, 1 - p});
  params.set("activation", "sigmoid");
  expect_near(Answer("answer.mask", params).tensor({2, 1, 2}, {9, 9, 2, -2}).run(), {p, 1 - p});
  expect_near(Answer("answer.mask", {}).tensor({1, 2}, {0.5f, 0.25f}).run(), {0.5f, 0.25f});
}

TEST(AnswerMask, RefusesWrongShapesAndChannels) {
  EXPECT_THAT(Answer("answer.mask", {}).tensor({4}, {0, 0, 0, 0}).refusal(),
              AllOf(HasSubstr("answer.mask"), HasSubstr("[1, H, W, C]")));
  EXPECT_THAT(
      Answer("answer.mask", {{"channel", std::int64_t{1}}}).tensor({1, 1, 1, 1}, {0}).refusal(),
      HasSubstr("channel"));
}

}  // namespace
}  // namespace edgert::test
