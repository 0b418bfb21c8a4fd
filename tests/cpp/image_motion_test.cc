// image.motion: what moves is found, at any rate and in any pixel format; a lamp is no motion.
#include "image_frames.h"
#include "transform_tools.h"

namespace edgert::testing {
namespace {

FrameFormat camera() {
  FrameFormat format;
  format.kind = FrameKind::kImage;
  return format;
}

std::unique_ptr<Transform> motion(const Params& params = {}) {
  static const FrameFormat format = camera();
  return make("image.motion", params, {{&format, nullptr}});
}

// A grey picture with a brighter square of `side` pixels at x.
TestFrame scene(PixelFormat pixel, int x, int side, int grey, double seconds, int width = 320,
                int height = 180) {
  ImageFormat format;
  format.pixel = pixel;
  format.width = width;
  format.height = height;
  TestFrame test = make_image(format, Content::kFlat);
  const int step = pixel == PixelFormat::kYuyv422                                 ? 2
                   : pixel == PixelFormat::kRgb24 || pixel == PixelFormat::kBgr24 ? 3
                                                                                  : 1;
  const Plane& plane = test.frame->planes[0];
  for (int row = 0; row < height; ++row)
    for (int column = 0; column < width; ++column)
      for (int byte = 0; byte < (step == 3 ? 3 : 1); ++byte) {
        const bool inside = row >= 40 && row < 40 + side && column >= x && column < x + side;
        test.memory[0][static_cast<std::size_t>(row * plane.stride + column * step + byte)] =
            static_cast<std::uint8_t>(grey + (inside ? 60 : 0));
      }
  test.frame->media_time = static_cast<Nanos>(seconds * 1e9);
  return test;
}

float score(Transform& transform, const TestFrame& frame) {
  TestContext context(transform);
  const Input input{&*frame, nullptr};
  EXPECT_TRUE(transform.run({&input, 1}, context).ok());
  return context.output(0).data<const float>()[0];
}

class MotionOf : public ::testing::TestWithParam<PixelFormat> {};

TEST_P(MotionOf, IsTheShareOfCellsThatChanged) {
  const auto transform = motion({{"columns", std::int64_t{32}}, {"rows", std::int64_t{18}}});
  EXPECT_EQ(score(*transform, scene(GetParam(), 0, 0, 90, 0.0)), 0);
  EXPECT_EQ(score(*transform, scene(GetParam(), 0, 0, 90, 0.1)), 0);
  // 60 × 60 pixels are 6 × 6 cells of 10 × 10.
  EXPECT_FLOAT_EQ(score(*transform, scene(GetParam(), 100, 60, 90, 0.2)), 36.0F / (32 * 18));
}

INSTANTIATE_TEST_SUITE_P(Formats, MotionOf,
                         ::testing::Values(PixelFormat::kGray8, PixelFormat::kRgb24,
                                           PixelFormat::kBgr24, PixelFormat::kYuv420p,
                                           PixelFormat::kNv12, PixelFormat::kYuyv422));

TEST(Motion, AChangeOfAllCellsAlikeIsNone) {
  const auto transform = motion();
  score(*transform, scene(PixelFormat::kGray8, 0, 0, 60, 0.0));
  EXPECT_EQ(score(*transform, scene(PixelFormat::kGray8, 0, 0, 110, 0.1)), 0);
}

TEST(Motion, WhatStaysBecomesTheBackgroundAtAnyRate) {
  for (const double rate : {2.0, 10.0, 50.0}) {
    const auto transform = motion({{"memory_ms", 500.0}});
    score(*transform, scene(PixelFormat::kYuv420p, 0, 0, 90, 0.0));
    double gone = 0;
    for (int i = 1; gone == 0 && i < 1000; ++i) {
      const double time = i / rate;
      const float now = score(*transform, scene(PixelFormat::kYuv420p, 100, 60, 90, time));
      if (now == 0) gone = time;
    }
    // 60 levels are under 12 after ln(5) time constants; what was learnt shows a frame later.
    EXPECT_NEAR(gone, 0.5 * std::log(5.0), 2.0 / rate + 0.02) << rate;
  }
}

TEST(Motion, AnotherSizeATimeThatGoesBackOrAResetBeginAnew) {
  const auto transform = motion();
  score(*transform, scene(PixelFormat::kGray8, 0, 0, 90, 5.0));
  EXPECT_EQ(score(*transform, scene(PixelFormat::kGray8, 100, 60, 90, 5.1, 640, 360)), 0);
  EXPECT_EQ(score(*transform, scene(PixelFormat::kGray8, 300, 60, 90, 1.0, 640, 360)), 0);
  transform->reset();
  EXPECT_EQ(score(*transform, scene(PixelFormat::kGray8, 0, 60, 90, 1.1, 640, 360)), 0);
  EXPECT_GT(score(*transform, scene(PixelFormat::kGray8, 300, 60, 90, 1.2, 640, 360)), 0);
}

TEST(Motion, RefusesWhatItCanNotLookAt) {
  FrameFormat sound;
  sound.kind = FrameKind::kAudio;
  const FrameFormat pictures = camera();
  EXPECT_THAT(refusal("image.motion", {}, {{&sound, nullptr}}),
              ::testing::HasSubstr("not one image"));
  for (const Params& params :
       {Params{{"columns", std::int64_t{0}}}, Params{{"threshold", 0.0}},
        Params{{"memory_ms", -1.0}}, Params{{"rows", std::int64_t{100000}}}, Params{{"x", 1.0}}})
    EXPECT_NE(refusal("image.motion", params, {{&pictures, nullptr}}), "");
  const auto transform = motion();
  const TestFrame small = scene(PixelFormat::kGray8, 0, 0, 90, 0, 16, 16);
  TestContext context(*transform);
  const Input input{&*small, nullptr};
  EXPECT_THAT(transform->run({&input, 1}, context).message(),
              ::testing::HasSubstr("has no 64×36 cells"));
}

}  // namespace
}  // namespace edgert::testing
