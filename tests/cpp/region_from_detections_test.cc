#include <gmock/gmock.h>

#include <cmath>
#include <numbers>

#include "answer_support.h"

namespace edgert::test {
namespace {

using testing::HasSubstr;

constexpr float kPi = std::numbers::pi_v<float>;

// One detection with key points, made of (x, y) pairs.
std::vector<float> detection(std::vector<float> box, const std::vector<float>& points,
                             float score = 0.9f) {
  box.insert(box.end(), {score, 0});
  for (std::size_t i = 0; i < points.size(); i += 2) {
    box.insert(box.end(), {points[i], points[i + 1], score});
  }
  return box;
}

std::vector<float> regions(Params params, const std::vector<float>& row) {
  Answer answer("regions.from_detections", std::move(params));
  return answer.tensor({1, static_cast<std::int64_t>(row.size())}, row).frame(640, 480).run();
}

TEST(RegionsFromDetections, TheBoxItselfScaledOrSquared) {
  const auto row = detection({100, 100, 140, 200}, {});
  expect_near(regions({}, row), {120, 150, 40, 100, 0});
  expect_near(regions({{"scale", 1.5}}, row), {120, 150, 60, 150, 0});
  expect_near(regions({{"scale", std::vector<double>{2, 1}}}, row), {120, 150, 80, 100, 0});
  expect_near(regions({{"scale", 1.5}, {"square", true}}, row), {120, 150, 150, 150, 0});
  expect_near(regions({{"shift_x", 0.5}, {"shift_y", -0.5}}, row), {140, 100, 40, 100, 0});
}

TEST(RegionsFromDetections, FacesAreTurnedByTheEyes) {
  const Params params{{"scale", 1.5},
                      {"square", true},
                      {"rotate_from", std::int64_t{0}},
                      {"rotate_to", std::int64_t{1}},
                      {"target_angle", 0.0}};
  const std::vector<float> box{100, 100, 200, 200};
  expect_near(regions(params, detection(box, {120, 130, 180, 130})), {150, 150, 150, 150, 0});
  // The second eye is lower: the face leans clockwise as seen.
  expect_near(regions(params, detection(box, {120, 130, 180, 190})), {150, 150, 150, 150, kPi / 4});
  expect_near(regions(params, detection(box, {120, 130, 120, 70})), {150, 150, 150, 150, -kPi / 2});
}

TEST(RegionsFromDetections, PalmsGrowTowardsTheFingers) {
  const Params params{{"scale", 2.6},
                      {"square", true},
                      {"shift_y", -0.5},
                      {"rotate_from", std::int64_t{0}},
                      {"rotate_to", std::int64_t{2}},
                      {"target_angle", 90.0}};
  // Fingers up: the middle moves up by half the box.
  expect_near(regions(params, detection({100, 100, 140, 140}, {120, 140, 0, 0, 120, 100})),
              {120, 100, 104, 104, 0});
  // Fingers to the right, as after a quarter turn clockwise: it moves right.
  expect_near(regions(params, detection({100, 100, 140, 140}, {100, 120, 0, 0, 140, 120})),
              {140, 120, 104, 104, kPi / 2});
}

TEST(RegionsFromDetections, PosesAreCirclesAroundAKeyPoint) {
  const Params params{{"scale", 1.25},
                      {"square", true},
                      {"centre_on", std::int64_t{0}},
                      {"size_to", std::int64_t{1}},
                      {"rotate_from", std::int64_t{0}},
                      {"rotate_to", std::int64_t{1}},
                      {"target_angle", 90.0}};
  expect_near(regions(params, detection({0, 0, 9, 9}, {300, 200, 300, 100})),
              {300, 200, 250, 250, 0});
  expect_near(regions(params, detection({0, 0, 9, 9}, {300, 200, 360, 120})),
              {300, 200, 250, 250, std::atan2(60.0f, 80.0f)});
}

TEST(RegionsFromDetections, OnlyTheBestAndOnlyWhatIsUsable) {
  std::vector<float> rows;
  for (const auto& row :
       {detection({0, 0, 10, 10}, {}, 0.9f), detection({0, 0, kNan, 10}, {}, 0.8f),
        detection({5, 5, 5, 10}, {}, 0.8f), detection({20, 0, 30, 10}, {}, 0.7f),
        detection({40, 0, 50, 10}, {}, 0.6f), detection({60, 0, 70, 10}, {}, 0.1f)}) {
    rows.insert(rows.end(), row.begin(), row.end());
  }
  const auto run = [&](Params params) {
    return Answer("regions.from_detections", std::move(params))
        .tensor({6, 6}, rows, 20 * 6 * sizeof(float))
        .frame(640, 480)
        .run();
  };
  expect_near(run({{"max_regions", std::int64_t{2}}}), {5, 5, 10, 10, 0, 25, 5, 10, 10, 0});
  expect_near(run({{"min_score", 0.5}}), {5, 5, 10, 10, 0, 25, 5, 10, 10, 0, 45, 5, 10, 10, 0});
  EXPECT_TRUE(run({{"min_score", 0.95}}).empty());
}

TEST(RegionsFromDetections, RefusesKeyPointsThatAreNotThere) {
  const auto refusal = [](Params params, const std::vector<float>& row) {
    Answer answer("regions.from_detections", std::move(params));
    return answer.tensor({1, static_cast<std::int64_t>(row.size())}, row).frame(1, 1).refusal();
  };
  const auto plain = detection({0, 0, 1, 1}, {}), pointed = detection({0, 0, 1, 1}, {1, 1, 2, 2});
  const std::int64_t two = 2, one = 1;
  EXPECT_THAT(refusal({{"rotate_from", one}, {"rotate_to", one}}, plain),
              AllOf(HasSubstr("regions.from_detections"), HasSubstr("no key points")));
  EXPECT_THAT(refusal({{"rotate_from", one}, {"rotate_to", two}}, pointed), HasSubstr("0 to 1"));
  EXPECT_THAT(refusal({{"rotate_from", one}}, pointed), HasSubstr("rotate_to"));
  EXPECT_THAT(refusal({{"size_to", one}}, pointed), HasSubstr("centre_on"));
  EXPECT_THAT(refusal({{"scale", 0.0}}, plain), HasSubstr("scale"));
}

}  // namespace
}  // namespace edgert::test
