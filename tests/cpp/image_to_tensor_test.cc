// image.to_tensor against its definition in double precision, for each set of kernels.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "edgert/transform/image/colour.h"
#include "edgert/transform/image/reference.h"
#include "edgert/transform/image/resample.h"
#include "edgert/transform/test_context.h"
#include "image_frames.h"

namespace edgert {
namespace {

using namespace image;

constexpr PixelFormat kFormats[] = {
    PixelFormat::kGray8, PixelFormat::kRgb24,   PixelFormat::kBgr24,     PixelFormat::kYuv420p,
    PixelFormat::kNv12,  PixelFormat::kYuyv422, PixelFormat::kYuv420p10, PixelFormat::kP010};
constexpr Filter kFilters[] = {Filter::kBilinear, Filter::kArea, Filter::kNearest};

struct Size {
  int width, height;
};

struct Case {
  ImageFormat format;
  Options options;
  Region region;
  Content content = Content::kNoise;
};

std::string text(const Case& c) {
  return std::string(pixel_format_name(c.format.pixel)) + " " + std::to_string(c.format.width) +
         "x" + std::to_string(c.format.height) + " -> " + std::to_string(c.options.width) + "x" +
         std::to_string(c.options.height) + " filter " +
         std::to_string(static_cast<int>(c.options.filter)) + " fit " +
         std::to_string(static_cast<int>(c.options.fit)) + " colour " +
         std::to_string(static_cast<int>(c.options.colour)) + " region " +
         std::to_string(c.region.cx) + "," + std::to_string(c.region.cy) + " " +
         std::to_string(c.region.width) + "x" + std::to_string(c.region.height) + " angle " +
         std::to_string(c.region.angle);
}

float from_half(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 31, fraction = bits & 1023;
  const float magnitude = exponent == 0
                              ? std::ldexp(static_cast<float>(fraction), -24)
                              : std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
  return bits & 0x8000 ? -magnitude : magnitude;
}

double element(const Tensor& tensor, std::size_t i) {
  switch (tensor.dtype()) {
    case DType::kFloat16:
      return from_half(tensor.data<std::uint16_t>()[i]);
    case DType::kUInt8:
      return tensor.data<std::uint8_t>()[i];
    case DType::kInt8:
      return tensor.data<std::int8_t>()[i];
    default:
      return tensor.data<float>()[i];
  }
}

// What the dtype can hold of a value.
double stored(double value, DType dtype) {
  if (dtype == DType::kUInt8) return std::clamp(std::nearbyint(value), 0.0, 255.0);
  if (dtype == DType::kInt8) return std::clamp(std::nearbyint(value), -128.0, 127.0);
  return value;
}

// The greatest difference, in levels of a pixel, 0..255.
double difference(const Tensor& tensor, const std::vector<double>& expected, double scale) {
  double most = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double got = element(tensor, i);
    if (std::isnan(got)) return NAN;
    most = std::max(most, std::abs(got - stored(expected[i], tensor.dtype())) / scale);
  }
  return most;
}

Tensor run(const Kernels& kernels, const View& view, const Case& c) {
  TestContext context;
  const TensorSpec spec{"tensor", c.options.dtype, c.options.shape(), 0};
  context.expect({&spec, 1});
  EXPECT_TRUE(context.allocate(0, spec.shape).ok());
  const Affine m = input_to_frame(c.region, c.options.fit, c.options.width, c.options.height);
  resample(kernels, view, m, {&c.options, 1}, context);
  return context.output(0);
}

// Every set of kernels against the reference.
void expect_close(const Case& c, double most = 0.3) {
  SCOPED_TRACE(text(c));
  const TestFrame frame = make_image(c.format, c.content, 7);
  const auto view = view_of(*frame);
  ASSERT_TRUE(view.ok()) << view.status().message();
  const Affine m = input_to_frame(c.region, c.options.fit, c.options.width, c.options.height);
  const std::vector<double> expected = reference(*view, m, c.options);
  const KernelList kernels = available_kernels();
  for (int k = 0; k < kernels.count; ++k) {
    const Tensor tensor = run(*kernels.kernels[k], *view, c);
    EXPECT_LE(difference(tensor, expected, std::abs(c.options.scale[0])), most)
        << kernels.kernels[k]->name;
  }
}

Case make_case(PixelFormat pixel, Size frame, Size input, Filter filter = Filter::kBilinear) {
  Case c;
  c.format.pixel = pixel;
  c.format.width = frame.width;
  c.format.height = frame.height;
  c.options.width = input.width;
  c.options.height = input.height;
  c.options.filter = filter;
  c.region = Region::whole(frame.width, frame.height);
  return c;
}

TEST(ImageToTensor, EveryFormatFilterAndSize) {
  const std::pair<Size, Size> sizes[] = {
      {{64, 48}, {24, 20}},  {{65, 47}, {17, 23}},  {{31, 17}, {64, 50}},   {{40, 30}, {40, 30}},
      {{200, 30}, {21, 30}}, {{1, 1}, {5, 3}},      {{2, 2}, {7, 7}},       {{3, 5}, {1, 1}},
      {{300, 9}, {9, 2}},    {{1, 40}, {3, 13}},    {{41, 1}, {19, 4}},     {{90, 60}, {30, 20}},
      {{260, 9}, {70, 5}},   {{640, 12}, {112, 4}}, {{1921, 11}, {224, 6}}, {{1600, 5}, {31, 3}},
      {{128, 40}, {64, 20}},
  };
  for (const PixelFormat format : kFormats) {
    for (const Filter filter : kFilters) {
      for (const auto& [frame, input] : sizes)
        expect_close(make_case(format, frame, input, filter));
    }
  }
}

TEST(ImageToTensor, RangesMatricesAndSitings) {
  for (const PixelFormat format : {PixelFormat::kYuv420p, PixelFormat::kNv12, PixelFormat::kYuyv422,
                                   PixelFormat::kYuv420p10, PixelFormat::kP010}) {
    for (const ColourRange range : {ColourRange::kVideo, ColourRange::kFull}) {
      for (const ColourMatrix matrix : {ColourMatrix::kBt601, ColourMatrix::kBt709}) {
        for (const ChromaSiting siting :
             {ChromaSiting::kLeft, ChromaSiting::kCentre, ChromaSiting::kTopLeft}) {
          Case c = make_case(format, {53, 38}, {30, 29});
          c.format.range = range;
          c.format.matrix = matrix;
          c.format.siting = siting;
          expect_close(c);
          c.options.filter = Filter::kArea;
          expect_close(c);
          c.region = {25, 20, 33, 21, 0.4f};
          expect_close(c);
        }
      }
    }
  }
}

TEST(ImageToTensor, ColoursAndLayouts) {
  for (const PixelFormat format : kFormats) {
    for (const Colour colour : {Colour::kRgb, Colour::kBgr, Colour::kGray}) {
      for (const Layout layout : {Layout::kNhwc, Layout::kNchw}) {
        Case c = make_case(format, {50, 34}, {23, 19});
        c.options.colour = colour;
        c.options.layout = layout;
        c.options.scale = {1 / 58.4, 1 / 57.1, 1 / 57.4};
        c.options.offset = {-2.1, -2.0, -1.8};
        expect_close(c, 0.35);
        c.region.angle = -1.1f;
        expect_close(c, 0.35);
      }
    }
  }
}

TEST(ImageToTensor, DTypes) {
  struct Encoding {
    DType dtype;
    double scale, offset, tolerance;
  };
  const Encoding encodings[] = {
      {DType::kUInt8, 1, 0, 1.001},          {DType::kInt8, 1, -128, 1.001},
      {DType::kInt8, 0.5, -60, 2.001},       {DType::kUInt8, 2, -100, 0.51},
      {DType::kFloat16, 1 / 127.5, -1, 0.4}, {DType::kFloat32, 1 / 255.0, 0, 0.3},
  };
  for (const PixelFormat format : kFormats) {
    for (const Encoding& e : encodings) {
      for (const Colour colour : {Colour::kRgb, Colour::kGray}) {
        for (const Layout layout : {Layout::kNhwc, Layout::kNchw}) {
          Case c = make_case(format, {61, 40}, {27, 22});
          c.options.dtype = e.dtype;
          c.options.scale.fill(e.scale);
          c.options.offset.fill(e.offset);
          c.options.colour = colour;
          c.options.layout = layout;
          expect_close(c, e.tolerance);
        }
      }
    }
  }
}

TEST(ImageToTensor, Fits) {
  for (const Fit fit : {Fit::kStretch, Fit::kLetterbox, Fit::kCentreCrop}) {
    for (const auto& [frame, input] : {std::pair<Size, Size>{{64, 36}, {32, 32}},
                                       {{36, 64}, {32, 32}},
                                       {{33, 65}, {47, 19}},
                                       {{20, 12}, {50, 51}}}) {
      for (const Filter filter : kFilters) {
        Case c = make_case(PixelFormat::kYuv420p, frame, input, filter);
        c.options.fit = fit;
        c.options.pad = 114;
        expect_close(c);
        c.options.layout = Layout::kNchw;
        expect_close(c);
      }
    }
  }
}

TEST(ImageToTensor, RandomRegions) {
  RandomBytes random(3);
  for (int i = 0; i < 240; ++i) {
    Case c = make_case(kFormats[i % 8], {20 + random.below(60), 10 + random.below(60)},
                       {1 + random.below(40), 1 + random.below(40)}, kFilters[random.below(3)]);
    const auto width = static_cast<float>(c.format.width),
               height = static_cast<float>(c.format.height);
    c.region = {width * (random.unit() * 1.6f - 0.3f), height * (random.unit() * 1.6f - 0.3f),
                width * (random.unit() * 1.5f + 0.05f), height * (random.unit() * 1.5f + 0.05f), 0};
    // A nearest pixel turns on rounding where a place falls between two, so it isn't turned here.
    if (i % 2 && c.options.filter != Filter::kNearest) c.region.angle = random.unit() * 6.3f;
    c.options.fit = static_cast<Fit>(random.below(3));
    c.options.pad = 50;
    c.content = c.options.filter == Filter::kNearest ? Content::kGradient : Content::kNoise;
    // Near the border a place may be in the frame for the one and outside for the other.
    expect_close(c, 0.6);
  }
}

TEST(ImageToTensor, AConstantPictureStaysConstant) {
  for (const PixelFormat format : {PixelFormat::kGray8, PixelFormat::kRgb24}) {
    for (const Filter filter : kFilters) {
      for (const int side : {4, 7, 15, 16, 20, 90}) {
        const Case c = make_case(format, {64, 60}, {side, side}, filter);
        TestFrame frame = make_image(c.format, Content::kFlat);
        for (const int level : {1, 100, 255}) {
          std::ranges::fill(frame.memory[0], static_cast<std::uint8_t>(level));
          const Tensor tensor = run(best_kernels(), *view_of(*frame), c);
          for (std::int64_t i = 0; i < tensor.elements(); ++i) {
            ASSERT_EQ(tensor.data<float>()[i], static_cast<float>(level)) << text(c);
          }
        }
      }
    }
  }
}

TEST(ImageToTensor, OutsideIsPadding) {
  Case c = make_case(PixelFormat::kRgb24, {20, 20}, {16, 16});
  c.options.pad = 77;
  for (const float angle : {0.0f, 0.7f}) {
    c.region = {500, 500, 10, 10, angle};
    const TestFrame frame = make_image(c.format, Content::kNoise);
    const Tensor tensor = run(best_kernels(), *view_of(*frame), c);
    for (std::int64_t i = 0; i < tensor.elements(); ++i) {
      ASSERT_EQ(tensor.data<float>()[i], 77);
    }
  }
}

TEST(ImageToTensor, AFullTurnIsAlmostNoTurn) {
  // The two ways of resampling agree.
  for (const PixelFormat format : kFormats) {
    Case c = make_case(format, {80, 60}, {33, 31});
    const TestFrame frame = make_image(c.format, Content::kNoise, 5);
    const View view = *view_of(*frame);
    const Tensor straight = run(best_kernels(), view, c);
    c.region.angle = 6.2831853f;
    const Tensor turned = run(best_kernels(), view, c);
    for (std::int64_t i = 0; i < straight.elements(); ++i) {
      ASSERT_NEAR(straight.data<float>()[i], turned.data<float>()[i], 0.3) << text(c);
    }
  }
}

TEST(ImageToTensor, KnownColours) {
  // BT.601 video range: white, black and the primaries by the standard's own code values.
  struct Known {
    int y, u, v;
    double r, g, b;
  };
  const Known known[] = {{235, 128, 128, 255, 255, 255},
                         {16, 128, 128, 0, 0, 0},
                         {81, 90, 240, 255, 0, 0},
                         {145, 54, 34, 0, 255, 0},
                         {41, 240, 110, 0, 0, 255}};
  for (const Known& k : known) {
    Case c = make_case(PixelFormat::kYuv420p, {16, 16}, {4, 4});
    TestFrame frame = make_image(c.format, Content::kFlat);
    std::ranges::fill(frame.memory[0], static_cast<std::uint8_t>(k.y));
    std::ranges::fill(frame.memory[1], static_cast<std::uint8_t>(k.u));
    std::ranges::fill(frame.memory[2], static_cast<std::uint8_t>(k.v));
    const Tensor tensor = run(best_kernels(), *view_of(*frame), c);
    EXPECT_NEAR(tensor.data<float>()[0], k.r, 1.5);
    EXPECT_NEAR(tensor.data<float>()[1], k.g, 1.5);
    EXPECT_NEAR(tensor.data<float>()[2], k.b, 1.5);
  }
}

TEST(ImageToTensor, RowsMayRunUpwards) {
  Case c = make_case(PixelFormat::kRgb24, {30, 20}, {30, 20});
  TestFrame frame = make_image(c.format, Content::kNoise);
  Plane& plane = frame.frame->planes[0];
  const Tensor upright = run(best_kernels(), *view_of(*frame), c);
  plane.data += 19 * plane.stride;
  plane.stride = -plane.stride;
  const Tensor flipped = run(best_kernels(), *view_of(*frame), c);
  const std::size_t row = 30 * 3;
  for (std::size_t y = 0; y < 20; ++y) {
    ASSERT_EQ(0, std::memcmp(upright.data<float>() + y * row,
                             flipped.data<float>() + (19 - y) * row, row * sizeof(float)));
  }
}

}  // namespace
}  // namespace edgert
