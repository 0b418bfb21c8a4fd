// image.resize: what image.to_tensor gives of a frame with the same bytes.
#include <gmock/gmock.h>

#include <cstring>

#include "edgert/transform/test_context.h"
#include "image_frames.h"

namespace edgert {
namespace {

using ::testing::HasSubstr;

constexpr int kWidth = 45, kHeight = 31;

TensorSpec picture(int channels) {
  return {"picture", DType::kUInt8, Shape{1, kHeight, kWidth, channels}, 0};
}
const TensorSpec kRegion{"region", DType::kFloat32, Shape{5}, 0};

Params sized(const char* fit = "stretch", const char* filter = "bilinear") {
  return {{"width", std::int64_t{20}},
          {"height", std::int64_t{16}},
          {"fit", std::string(fit)},
          {"filter", std::string(filter)},
          {"pad", 114.0}};
}

Tensor packed(const TestFrame& test, int channels) {
  Tensor tensor = allocate_tensor(DType::kUInt8, picture(channels).shape);
  const Plane& plane = test.frame->planes[0];
  const std::int64_t row = std::int64_t{kWidth} * channels;
  for (int y = 0; y < kHeight; ++y)
    std::memcpy(tensor.bytes_data() + y * row, plane.data + y * plane.stride,
                static_cast<std::size_t>(row));
  return tensor;
}

std::vector<std::byte> bytes(const Tensor& tensor) {
  return {tensor.bytes_data(), tensor.bytes_data() + tensor.bytes()};
}

// By both operations, of the whole or of a region.
void expect_equal(Params params, int channels, const Tensor* region) {
  const PixelFormat pixel = channels == 1 ? PixelFormat::kGray8 : PixelFormat::kRgb24;
  const TestFrame test = make_image({pixel, kWidth, kHeight}, Content::kNoise);
  const FrameFormat format{FrameKind::kImage, test.frame->image, {}, {}};
  const TensorSpec spec = picture(channels);
  std::vector<InputFormat> of_frame{format_of(format)}, of_bytes{format_of(spec)};
  const Tensor tensor = packed(test, channels);
  std::vector<Input> frames{input_of(*test)}, tensors{input_of(tensor)};
  if (region) {
    for (auto* formats : {&of_frame, &of_bytes}) formats->push_back(format_of(kRegion));
    for (auto* inputs : {&frames, &tensors}) inputs->push_back(input_of(*region));
  }
  auto resize = make_transform("image.resize", params, of_bytes);
  ASSERT_TRUE(resize.ok()) << resize.status().message();
  params.set("dtype", std::string("uint8"));
  params.set("colour", std::string(channels == 1 ? "gray" : "rgb"));
  auto to_tensor = make_transform("image.to_tensor", params, of_frame);
  ASSERT_TRUE(to_tensor.ok()) << to_tensor.status().message();
  TestContext one, other;
  for (int run = 0; run < 2; ++run) {  // the second one with what the first kept
    ASSERT_TRUE(one.run(**resize, tensors).ok());
    ASSERT_TRUE(other.run(**to_tensor, frames).ok());
    EXPECT_EQ(bytes(one.output(0)), bytes(other.output(0)));
    EXPECT_EQ(one.output(0).shape(), (Shape{1, 16, 20, channels}));
  }
}

TEST(ImageResize, GivesWhatTheFrameGives) {
  for (const int channels : {1, 3})
    for (const char* fit : {"stretch", "letterbox", "centre_crop"})
      for (const char* filter : {"bilinear", "area", "nearest"})
        expect_equal(sized(fit, filter), channels, nullptr);
}

TEST(ImageResize, TakesARegion) {
  const Tensor turned = tensor_of(Shape{5}, {20.0f, 14.0f, 22.0f, 12.0f, 0.4f});
  const Tensor upright = tensor_of(Shape{5}, {20.0f, 14.0f, 60.0f, 12.0f, 0.0f});
  for (const int channels : {1, 3})
    for (const Tensor* region : {&turned, &upright}) expect_equal(sized(), channels, region);
}

TEST(ImageResize, RefusesWhatIsNoPicture) {
  const auto refused = [](const TensorSpec& spec, const Params& params) {
    const InputFormat input[] = {format_of(spec)};
    return make_transform("image.resize", params, input).status().message();
  };
  EXPECT_THAT(refused(picture(4), sized()), HasSubstr("height×width×3"));
  EXPECT_THAT(refused({"x", DType::kUInt8, Shape{1, -1, 8, 3}, 999}, sized()),
              HasSubstr("picture"));
  EXPECT_THAT(refused({"x", DType::kFloat32, Shape{1, 8, 8, 3}, 0}, sized()), HasSubstr("uint8"));
  EXPECT_THAT(refused(picture(3), {}), HasSubstr("width"));
  Params other = sized();
  other.set("layout", std::string("nchw"));
  EXPECT_THAT(refused(picture(3), other), HasSubstr("layout"));
  const TensorSpec picture3 = picture(3), many{"r", DType::kFloat32, Shape{-1, 5}, 320};
  const InputFormat inputs[] = {format_of(picture3), format_of(many)};
  EXPECT_THAT(make_transform("image.resize", sized(), inputs).status().message(),
              HasSubstr("one region"));
}

}  // namespace
}  // namespace edgert
