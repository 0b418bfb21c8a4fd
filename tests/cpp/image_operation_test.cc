// image.to_tensor as an operation: parameters, inputs, errors, and frames that change.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edgert/transform/test_context.h"
#include "image_frames.h"

namespace edgert {
namespace {

using ::testing::HasSubstr;

const FrameFormat kCamera{FrameKind::kImage, {PixelFormat::kYuv420p, 64, 48}, {}, {}};
const TensorSpec kRegion{"region", DType::kFloat32, Shape{5}, 0};

Result<std::unique_ptr<Transform>> make(const Params& params) {
  const InputFormat inputs[] = {format_of(kCamera)};
  return make_transform("image.to_tensor", params, inputs);
}

Result<std::unique_ptr<Transform>> make_with_region(const Params& params) {
  const InputFormat inputs[] = {format_of(kCamera), format_of(kRegion)};
  return make_transform("image.to_tensor", params, inputs);
}

Params sized(ParamValue width, ParamValue height) {
  return {{"width", std::move(width)}, {"height", std::move(height)}};
}

Params with(std::string name, ParamValue value) {
  Params params = sized(std::int64_t{8}, std::int64_t{6});
  params.set(std::move(name), std::move(value));
  return params;
}

std::string refusal(const Params& params) {
  auto made = make(params);
  EXPECT_FALSE(made.ok());
  return made.status().message();
}

TEST(ImageOperation, SaysWhatItGives) {
  auto nhwc = make(sized(std::int64_t{8}, std::int64_t{6}));
  ASSERT_TRUE(nhwc.ok()) << nhwc.status().message();
  EXPECT_EQ((*nhwc)->outputs()[0].text(), "float32 1×6×8×3");
  auto nchw = make(with("layout", std::string("nchw")));
  EXPECT_EQ((*nchw)->outputs()[0].shape, (Shape{1, 3, 6, 8}));
  auto gray = make(with("colour", std::string("gray")));
  EXPECT_EQ((*gray)->outputs()[0].shape, (Shape{1, 6, 8, 1}));
  EXPECT_EQ((*gray)->outputs()[0].name, "tensor");
}

TEST(ImageOperation, RefusesWrongParameters) {
  EXPECT_THAT(refusal({}), HasSubstr("width"));
  EXPECT_THAT(refusal(sized(std::int64_t{0}, std::int64_t{6})), HasSubstr("out of range"));
  EXPECT_THAT(refusal(sized(std::int64_t{8}, std::string("six"))), HasSubstr("height"));
  EXPECT_THAT(refusal(with("widht", std::int64_t{8})), HasSubstr("widht"));
  EXPECT_THAT(refusal(with("layout", std::string("hwc"))), HasSubstr("nhwc, nchw"));
  EXPECT_THAT(refusal(with("fit", std::string("crop"))), HasSubstr("centre_crop"));
  EXPECT_THAT(refusal(with("filter", std::string("cubic"))), HasSubstr("bilinear, area, nearest"));
  EXPECT_THAT(refusal(with("dtype", std::string("int16"))), HasSubstr("float32, float16"));
  EXPECT_THAT(refusal(with("scale", std::vector<double>{1, 2})), HasSubstr("one a channel: 3"));
  EXPECT_THAT(refusal(with("pad", 300.0)), HasSubstr("pad"));
  EXPECT_THAT(refusal(with("quant_scale", 0.5)), HasSubstr("floating dtype"));
}

TEST(ImageOperation, RefusesWrongInputs) {
  const Params params = sized(std::int64_t{8}, std::int64_t{6});
  EXPECT_FALSE(make_transform("image.to_tensor", params, {}).ok());
  FrameFormat audio;
  audio.kind = FrameKind::kAudio;
  const InputFormat sound[] = {format_of(audio)};
  EXPECT_THAT(make_transform("image.to_tensor", params, sound).status().message(),
              HasSubstr("not an image"));
  const TensorSpec all{"regions", DType::kFloat32, Shape{-1, 5}, 320};
  const InputFormat regions[] = {format_of(kCamera), format_of(all)};
  EXPECT_THAT(make_transform("image.to_tensor", params, regions).status().message(),
              HasSubstr("one region"));
}

TEST(ImageOperation, FollowsFramesThatChangeInSizeAndFormat) {
  auto made = make(with("scale", 0.5));
  ASSERT_TRUE(made.ok());
  TestContext context;
  for (const auto& [pixel, width, height] : {std::tuple{PixelFormat::kGray8, 64, 48},
                                             {PixelFormat::kRgb24, 7, 5},
                                             {PixelFormat::kBgr24, 300, 200},
                                             {PixelFormat::kGray8, 1, 1}}) {
    const TestFrame frame = make_image({pixel, width, height}, Content::kFlat);
    ASSERT_TRUE(context.run(**made, {input_of(frame.frame)}).ok());
    const Tensor& tensor = context.output(0);
    EXPECT_EQ(tensor.shape(), (Shape{1, 6, 8, 3}));
    for (std::int64_t i = 0; i < tensor.elements(); ++i) {
      ASSERT_NEAR(tensor.data<float>()[i], 63.5, 0.02);
    }
  }
}

TEST(ImageOperation, RefusesFramesThatLackSomething) {
  auto made = make(sized(std::int64_t{8}, std::int64_t{6}));
  TestContext context;
  const auto run = [&](const TestFrame& frame) {
    return context.run(**made, {input_of(frame.frame)}).message();
  };
  const ImageFormat format{PixelFormat::kYuv420p, 64, 48};
  TestFrame frame = make_image(format, Content::kFlat);
  frame.frame->plane_count = 2;
  EXPECT_THAT(run(frame), HasSubstr("plane 2: missing"));
  frame = make_image(format, Content::kFlat);
  frame.frame->planes[1].data = nullptr;
  EXPECT_THAT(run(frame), HasSubstr("plane 1: has no data"));
  frame = make_image(format, Content::kFlat);
  frame.frame->planes[0].stride = 60;
  EXPECT_THAT(run(frame), HasSubstr("stride of 60"));
  frame = make_image(format, Content::kFlat);
  frame.frame->planes[2].height = 23;
  EXPECT_THAT(run(frame), HasSubstr("23 rows"));
  frame = make_image(format, Content::kFlat);
  frame.frame->image.width = 0;
  EXPECT_THAT(run(frame), HasSubstr("0×48"));
  frame = make_image(format, Content::kFlat);
  frame.frame->kind = FrameKind::kTable;
  EXPECT_THAT(run(frame), HasSubstr("not an image"));
}

TEST(ImageOperation, TakesARegion) {
  auto made = make_with_region(sized(std::int64_t{4}, std::int64_t{4}));
  ASSERT_TRUE(made.ok()) << made.status().message();
  TestFrame frame = make_image({PixelFormat::kGray8, 40, 40}, Content::kFlat);
  for (int y = 10; y < 20; ++y) {
    for (int x = 20; x < 30; ++x) frame.memory[0][static_cast<std::size_t>(y * 54 + x)] = 200;
  }
  TestContext context;
  const Tensor region = tensor_of(Shape{5}, {25, 15, 8, 8, 0});
  ASSERT_TRUE(context.run(**made, {input_of(frame.frame), input_of(region)}).ok());
  for (int i = 0; i < 48; ++i) EXPECT_NEAR(context.output(0).data<float>()[i], 200, 0.02);
  for (const auto& bad :
       {std::vector<float>{25, 15, 0, 8, 0}, {25, 15, 8, -1, 0}, {NAN, 15, 8, 8, 0}}) {
    const Tensor wrong = tensor_of(Shape{5}, bad);
    EXPECT_THAT(context.run(**made, {input_of(frame.frame), input_of(wrong)}).message(),
                HasSubstr("region: has no size"));
  }
}

TEST(ImageOperation, Quantises) {
  Params params = with("dtype", std::string("int8"));
  params.set("scale", 1 / 127.5);
  params.set("offset", -1.0);
  params.set("quant_scale", 0.0078125);
  params.set("quant_zero", std::int64_t{-1});
  auto made = make(params);
  ASSERT_TRUE(made.ok()) << made.status().message();
  TestFrame frame = make_image({PixelFormat::kGray8, 16, 16}, Content::kFlat);
  TestContext context;
  for (const auto& [pixel, expected] : {std::pair{0, -128}, {127, -2}, {191, 63}, {255, 127}}) {
    std::ranges::fill(frame.memory[0], static_cast<std::uint8_t>(pixel));
    ASSERT_TRUE(context.run(**made, {input_of(frame.frame)}).ok());
    EXPECT_EQ(context.output(0).data<std::int8_t>()[0], expected) << pixel;
  }
}

TEST(Registry, SuggestsNearNames) {
  const auto message = [](std::string_view name) {
    return make_transform(name, {}, {}).status().message();
  };
  EXPECT_THAT(message("image.to_tensr"), HasSubstr("did you mean image.to_tensor?"));
  EXPECT_THAT(message("to_tensor"), HasSubstr("image.to_tensor"));
  EXPECT_THAT(message("entirely.unlike"), HasSubstr("docs/operations.md"));
  EXPECT_EQ(make_transform("nothing", {}, {}).status().code(), Code::kNotFound);
}

TEST(Registry, NamesAreDistinctAndSorted) {
  const auto all = all_transforms();
  ASSERT_FALSE(all.empty());
  for (std::size_t i = 1; i < all.size(); ++i) EXPECT_LT(all[i - 1].name, all[i].name);
}

}  // namespace
}  // namespace edgert
