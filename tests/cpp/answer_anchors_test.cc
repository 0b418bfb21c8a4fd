#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "edgert/transform/answer/anchors.h"

namespace edgert {
namespace {

using testing::HasSubstr;

std::vector<Anchor> anchors(const Params& params, int size) {
  auto made = make_anchors(params, size, size);
  EXPECT_TRUE(made.ok()) << made.status().message();
  return made.ok() ? made.value() : std::vector<Anchor>{};
}

Params mediapipe(std::vector<std::int64_t> strides, bool interpolated = true) {
  return {
      {"anchors", "mediapipe"}, {"anchor_strides", strides}, {"anchor_interpolated", interpolated}};
}

TEST(Anchors, CountsOfTheMediapipeModels) {
  EXPECT_EQ(anchors(mediapipe({8, 16, 16, 16}), 128).size(), 896u);
  EXPECT_EQ(anchors(mediapipe({4}, false), 192).size(), 2304u);
  EXPECT_EQ(anchors(mediapipe({8, 16, 16, 16}), 192).size(), 2016u);
  EXPECT_EQ(anchors(mediapipe({8, 16, 32, 32, 32}), 224).size(), 2254u);
}

TEST(Anchors, MediapipeSharesCellsAmongLayersOfOneStride) {
  const auto all = anchors(mediapipe({8, 16, 16, 16}), 128);
  // 16 × 16 cells of two, then 8 × 8 cells of six, all of size 1.
  EXPECT_FLOAT_EQ(all[0].cx, 0.5f / 16);
  EXPECT_FLOAT_EQ(all[1].cx, 0.5f / 16);
  EXPECT_FLOAT_EQ(all[2].cx, 1.5f / 16);
  EXPECT_FLOAT_EQ(all[2 * 16].cy, 1.5f / 16);
  for (std::size_t i = 512; i < 518; ++i) EXPECT_FLOAT_EQ(all[i].cx, 0.5f / 8);
  EXPECT_FLOAT_EQ(all[518].cx, 1.5f / 8);
  EXPECT_FLOAT_EQ(all[895].cy, 7.5f / 8);
  for (const Anchor& anchor : all) EXPECT_EQ(anchor.width, 1.0f);
}

TEST(Anchors, SsdMobilenet) {
  const auto all = anchors({{"anchors", "ssd_mobilenet"}}, 300);
  ASSERT_EQ(all.size(), 1917u);  // 19²·3 + (10² + 5² + 3² + 2² + 1)·6
  EXPECT_FLOAT_EQ(all[0].width, 0.1f);
  EXPECT_FLOAT_EQ(all[1].width, 0.2f * std::sqrt(2.0f));
  EXPECT_FLOAT_EQ(all[1].height, 0.2f / std::sqrt(2.0f));
  EXPECT_FLOAT_EQ(all[2].width, 0.2f * std::sqrt(0.5f));
  const Anchor& second = all[19 * 19 * 3];  // scale 0.35
  EXPECT_FLOAT_EQ(second.cx, 0.05f);
  EXPECT_FLOAT_EQ(second.width, 0.35f);
  EXPECT_FLOAT_EQ(all[19 * 19 * 3 + 5].width, std::sqrt(0.35f * 0.5f));  // between two layers
  EXPECT_FLOAT_EQ(all[1916].width, std::sqrt(0.95f));                    // the last one, towards 1
}

TEST(Anchors, RefusesWhatIsMissingOrWrong) {
  EXPECT_THAT(make_anchors({{"anchors", "mediapipe"}}, 128, 128).status().message(),
              HasSubstr("anchor_strides"));
  EXPECT_THAT(make_anchors({}, 128, 128).status().message(), HasSubstr("ssd_mobilenet"));
  EXPECT_FALSE(make_anchors(mediapipe({8, 0}), 128, 128).ok());
  EXPECT_FALSE(
      make_anchors({{"anchors", "ssd_mobilenet"}, {"anchor_ratios", -1.0}}, 300, 300).ok());
}

}  // namespace
}  // namespace edgert
