// regions.from_keypoints and regions.grid.
#include <gmock/gmock.h>

#include <numbers>

#include "answer_support.h"

namespace edgert::test {
namespace {

using testing::HasSubstr;

const std::vector<float> kHand{10, 20, 0, 1,  //
                               30, 60, 0, 1,  //
                               90, 90, 0, 0.2f};

std::vector<float> around(Params params, const std::vector<float>& points = kHand) {
  Answer answer("regions.from_keypoints", std::move(params));
  return answer.tensor({static_cast<std::int64_t>(points.size() / 4), 4}, points)
      .frame(640, 480)
      .run();
}

TEST(RegionsFromKeypoints, TheBoxAroundTheChosenPoints) {
  const std::vector<std::int64_t> two{0, 1};
  expect_near(around({}), {50, 55, 80, 70, 0});
  expect_near(around({{"points", two}}), {20, 40, 20, 40, 0});
  expect_near(around({{"min_score", 0.5}}), {20, 40, 20, 40, 0});
  expect_near(around({{"points", two}, {"square", true}, {"scale", 2.0}}), {20, 40, 80, 80, 0});
  expect_near(around({{"points", two},
                      {"rotate_from", std::int64_t{0}},
                      {"rotate_to", std::int64_t{1}},
                      {"target_angle", 90.0}},
                     {10, 20, 0, 1, 30, 40, 0, 1}),
              {20, 30, 20, 20, 3 * std::numbers::pi_v<float> / 4});
}

TEST(RegionsFromKeypoints, NoUsablePointGivesNoRegion) {
  EXPECT_TRUE(around({{"min_score", 1.0}}, {1, 1, 0, 0.5f, 2, 2, 0, 0.5f}).empty());
  EXPECT_TRUE(around({}, {kNan, 1, 0, 1, 2, kNan, 0, 1}).empty());
  EXPECT_TRUE(around({}, {5, 5, 0, 1}).empty());  // of no size
}

TEST(RegionsFromKeypoints, RefusesPointsThatAreNotThere) {
  Answer answer("regions.from_keypoints", {{"points", std::vector<std::int64_t>{0, 3}}});
  EXPECT_THAT(answer.tensor({3, 4}, kHand).frame(1, 1).refusal(),
              AllOf(HasSubstr("points"), HasSubstr("below 3")));
}

TEST(RegionsGrid, TilesCoverTheFrame) {
  Answer plain("regions.grid", {{"rows", std::int64_t{1}}, {"columns", std::int64_t{2}}});
  expect_near(plain.frame(640, 480).run(), {160, 240, 320, 480, 0, 480, 240, 320, 480, 0});
  EXPECT_EQ(plain.shape(), (Shape{2, 5}));
  Answer shared("regions.grid",
                {{"rows", std::int64_t{2}}, {"columns", std::int64_t{1}}, {"overlap", 0.2}});
  // Two tiles that share a fifth: each is 1 / 1.8 of the height.
  expect_near(shared.frame(640, 360).run(), {320, 100, 640, 200, 0, 320, 260, 640, 200, 0});
}

TEST(RegionsGrid, RefusesWhatIsNoFrame) {
  EXPECT_THAT(Answer("regions.grid", {}).tensor({1}, {1}).refusal(), HasSubstr("frame"));
  EXPECT_FALSE(Answer("regions.grid", {{"rows", std::int64_t{0}}}).frame(1, 1).make().ok());
}

}  // namespace
}  // namespace edgert::test
