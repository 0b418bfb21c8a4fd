#include <gmock/gmock.h>

#include <cmath>
#include <numbers>

#include "answer_support.h"

namespace edgert::test {
namespace {

using testing::HasSubstr;

Params points(Params more = {}) {
  Params params{{"input_width", std::int64_t{100}}, {"input_height", std::int64_t{100}}};
  for (const auto& [name, value] : more.values()) params.set(name, value);
  return params;
}

TEST(AnswerKeypoints, WholeFrame) {
  Answer answer("answer.keypoints", points());
  answer.tensor({1, 1, 1, 6}, {10, 20, 5, 50, 50, -1}).frame(200, 300);
  expect_near(answer.run(), {20, 60, 10, 1, 100, 150, -2, 1});
  EXPECT_EQ(answer.shape(), (Shape{2, 4}));
}

TEST(AnswerKeypoints, ThroughATurnedRegion) {
  const float quarter = std::numbers::pi_v<float> / 2;
  Answer answer("answer.keypoints", points({{"z_scale", 2.5}}));
  answer.tensor({1, 3}, {50, 25, 4}).frame(1000, 1000).tensor({1, 5}, {300, 400, 50, 50, quarter});
  // 25 input pixels above the middle is 12.5 frame pixels to its right.
  expect_near(answer.run(), {312.5f, 400, 5, 1});
}

TEST(AnswerKeypoints, OwnScoresTimesPresence) {
  const float half = 1 / (1 + std::exp(-1.0f));
  Answer answer("answer.keypoints", points({{"stride", std::int64_t{5}},
                                            {"score_at", std::int64_t{3}},
                                            {"activation", "sigmoid"},
                                            {"presence_activation", "sigmoid"},
                                            {"count", std::int64_t{2}},
                                            {"keep", std::int64_t{1}}}));
  answer.tensor({1, 10}, {1, 2, 3, 1, 9, 4, 5, 6, 7, 8}).tensor({1, 1}, {1}).frame(100, 100);
  expect_near(answer.run(), {1, 2, 3, half * half});
}

TEST(AnswerKeypoints, NormalisedYFirstWithScoreThird) {
  Answer answer("answer.keypoints",
                points({{"order", "yx"}, {"normalised", true}, {"score_at", std::int64_t{2}}}));
  answer.tensor({1, 1, 2, 3}, {0.1f, 0.2f, 0.9f, 0.5f, 0.6f, 0.8f}).frame(100, 200);
  expect_near(answer.run(), {20, 20, 0, 0.9f, 60, 100, 0, 0.8f});
}

TEST(AnswerKeypoints, BrokenPointsBecomeZeros) {
  Answer answer("answer.keypoints", points({{"stride", std::int64_t{2}}}));
  answer.tensor({1, 4}, {kNan, 1, 10, 10}).frame(100, 100);
  expect_near(answer.run(), {0, 0, 0, 0, 10, 10, 0, 1});
  Answer absent("answer.keypoints", points({{"stride", std::int64_t{2}}}));
  absent.tensor({1, 2}, {10, 10}).tensor({1, 1}, {kNan}).frame(100, 100);
  expect_near(absent.run(), {10, 10, 0, 0});
}

TEST(AnswerKeypoints, RefusesWrongInputs) {
  Answer count("answer.keypoints", points({{"count", std::int64_t{21}}}));
  EXPECT_THAT(count.tensor(allocate_tensor(DType::kFloat32, {1, 1404})).frame(1, 1).refusal(),
              AllOf(HasSubstr("answer.keypoints"), HasSubstr("1×1404"), HasSubstr("21 × 3")));
  Answer score("answer.keypoints", points({{"score_at", std::int64_t{1}}}));
  EXPECT_THAT(score.tensor({3}, {1, 2, 3}).frame(1, 1).refusal(), HasSubstr("score_at"));
  Answer region("answer.keypoints", points());
  EXPECT_THAT(region.tensor({3}, {1, 2, 3}).frame(1, 1).tensor({4}, {1, 2, 3, 4}).refusal(),
              HasSubstr("region"));
  Answer presence("answer.keypoints", points());
  EXPECT_THAT(presence.tensor({3}, {1, 2, 3}).tensor({1, 2}, {1, 2}).frame(1, 1).refusal(),
              HasSubstr("presence"));
}

}  // namespace
}  // namespace edgert::test
