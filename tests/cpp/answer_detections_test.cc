// detections.filter and detections.join.
#include <gmock/gmock.h>

#include "answer_support.h"

namespace edgert::test {
namespace {

using testing::HasSubstr;

constexpr std::size_t kRoom = 10 * 6 * sizeof(float);

const std::vector<float> kRows{0,  0,  10, 10, 0.9f, 1,  //
                               20, 0,  22, 10, 0.8f, 1,  //
                               40, 0,  50, 10, 0.7f, 2,  //
                               60, 60, 70, 70, 0.3f, 1};

std::vector<float> filter(Params params) {
  return Answer("detections.filter", std::move(params)).tensor({4, 6}, kRows, kRoom).run();
}

TEST(DetectionsFilter, KeepsWhatIsWantedInOrder) {
  EXPECT_EQ(filter({}), kRows);
  const auto row = [](std::size_t i) {
    return std::vector<float>(kRows.begin() + 6 * i, kRows.begin() + 6 * (i + 1));
  };
  EXPECT_EQ(filter({{"classes", std::vector<std::int64_t>{2, 5}}}), row(2));
  EXPECT_EQ(filter({{"classes", std::int64_t{1}}, {"min_size", 5.0}, {"min_score", 0.5}}), row(0));
  EXPECT_EQ(filter({{"max_detections", std::int64_t{1}}}), row(0));
  EXPECT_TRUE(filter({{"classes", std::int64_t{9}}}).empty());
}

TEST(DetectionsFilter, DropsBrokenRows) {
  Answer answer("detections.filter", {});
  EXPECT_EQ(answer.tensor({2, 6}, {kNan, 0, 1, 1, 1, 0, 0, 0, 1, 1, kNan, 0}, kRoom).run().size(),
            0u);
}

TEST(DetectionsFilter, RefusesWhatIsNoDetections) {
  EXPECT_THAT(Answer("detections.filter", {}).tensor({1, 7}, std::vector<float>(7)).refusal(),
              AllOf(HasSubstr("1×7"), HasSubstr("6 + 3K")));
}

TEST(DetectionsJoin, HigherScoreWinsAcrossInputs) {
  Answer answer("detections.join", {{"iou", 0.5}});
  answer.tensor({2, 6}, {0, 0, 10, 10, 0.5f, 1, 100, 100, 110, 110, 0.4f, 1}, kRoom)
      .tensor({3, 6}, {1, 0, 11, 10, 0.9f, 1, 0, 0, 10, 10, 0.6f, 2, kNan, 0, 1, 1, 1, 1}, kRoom);
  expect_near(answer.run(), {1, 0, 11, 10, 0.9f, 1,  //
                             0, 0, 10, 10, 0.6f, 2,  //
                             100, 100, 110, 110, 0.4f, 1});
}

TEST(DetectionsJoin, ClassesTogetherAndAtMost) {
  Answer answer("detections.join",
                {{"iou", 0.5}, {"class_aware", false}, {"max_detections", std::int64_t{1}}});
  answer.tensor({2, 6}, {0, 0, 10, 10, 0.5f, 1, 100, 100, 110, 110, 0.4f, 1}, kRoom)
      .tensor({1, 6}, {0, 0, 10, 10, 0.6f, 2}, kRoom);
  expect_near(answer.run(), {0, 0, 10, 10, 0.6f, 2});
  EXPECT_EQ(answer.transform().outputs()[0].max_bytes, 6 * sizeof(float));
}

TEST(DetectionsJoin, KeyPointsGoAlongAndNothingIsFine) {
  std::vector<float> row{0, 0, 1, 1, 0.5f, 0, 7, 8, 0.5f};
  Answer one("detections.join", {});
  EXPECT_EQ(one.tensor({1, 9}, row, kRoom).tensor({0, 9}, {}, kRoom).run(), row);
  EXPECT_TRUE(Answer("detections.join", {}).tensor({0, 6}, {}, kRoom).run().empty());
}

TEST(DetectionsJoin, RefusesDifferentColumns) {
  Answer answer("detections.join", {});
  answer.tensor({1, 6}, std::vector<float>(6)).tensor({1, 9}, std::vector<float>(9));
  EXPECT_THAT(answer.refusal(), AllOf(HasSubstr("detections.join"), HasSubstr("1×9")));
  EXPECT_FALSE(Answer("detections.join", {}).make().ok());
}

}  // namespace
}  // namespace edgert::test
