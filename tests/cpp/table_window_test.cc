// Sliding windows, of rows and of samples: both are one transform.
#include "transform_tools.h"

namespace edgert::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Case {
  std::int64_t size, hop, pad;
};

Params params_of(const Case& c, double rate) {
  Params params = {{"size", c.size}, {"hop", c.hop}, {"rate", rate}};
  if (c.pad > 0) params.set("pad_start", c.pad);
  return params;
}

struct Stream {
  std::vector<float> windows;
  std::vector<double> times;
};

// Feeds `rows` of `width` numbers in chunks of these lengths.
Stream feed(Transform& window, const std::vector<float>& rows, std::int64_t width, bool flat,
            const std::vector<std::int64_t>& lengths) {
  Stream stream;
  TestContext context;
  std::int64_t at = 0;
  for (std::int64_t length : lengths) {
    const auto begin = rows.begin() + at * width;
    const std::vector<float> chunk(begin, begin + length * width);
    const Tensor input = tensor_of(flat ? Shape{length} : Shape{length, width}, chunk);
    const Status status = context.run(window, {input_of(input)});
    EXPECT_TRUE(status.ok()) << status.message();
    EXPECT_EQ(context.output(0).shape()[0], context.output(1).shape()[0]);
    for (float value : values_of<float>(context.output(0))) stream.windows.push_back(value);
    for (double time : values_of<double>(context.output(1))) stream.times.push_back(time);
    at += length;
  }
  return stream;
}

// The same, straight from the definition.
Stream expected(const std::vector<float>& rows, std::int64_t width, const Case& c, double rate) {
  std::vector<float> padded(static_cast<std::size_t>(c.pad * width));
  padded.insert(padded.end(), rows.begin(), rows.end());
  Stream stream;
  const auto count = static_cast<std::int64_t>(padded.size()) / width;
  for (std::int64_t start = 0; start + c.size <= count; start += c.hop) {
    const auto begin = padded.begin() + start * width;
    stream.windows.insert(stream.windows.end(), begin, begin + c.size * width);
    stream.times.push_back(static_cast<double>(start - c.pad) / rate);
    stream.times.push_back(static_cast<double>(start - c.pad + c.size) / rate);
  }
  return stream;
}

TEST(Window, IsTheSameHoweverTheStreamIsCut) {
  constexpr std::int64_t kRows = 200, kLongest = 37;
  for (const Case& c : {Case{1, 1, 0}, Case{8, 8, 0}, Case{8, 3, 0}, Case{8, 3, 5}, Case{5, 9, 0},
                        Case{5, 60, 4}, Case{64, 1, 0}, Case{150, 40, 64}, Case{300, 10, 0}}) {
    for (std::int64_t width : {1, 3}) {
      const std::vector<float> rows = noise(static_cast<std::size_t>(kRows * width));
      const bool flat = width == 1;
      const TensorSpec spec = spec_of(flat ? Shape{-1} : Shape{-1, width}, DType::kFloat32,
                                      static_cast<std::size_t>(kLongest * width) * 4);
      if (!flat && c.pad > 0) continue;  // table.window takes no padding
      const auto window =
          make(flat ? "audio.window" : "table.window", params_of(c, 50), {format_of(spec)});
      EXPECT_TRUE(window->stateful());
      const Stream wanted = expected(rows, width, c, 50);
      for (unsigned seed = 0; seed < 6; ++seed) {
        window->reset();
        const Stream got = feed(*window, rows, width, flat, cuts(kRows, kLongest, seed));
        ASSERT_EQ(got.windows, wanted.windows) << c.size << " " << c.hop << " " << c.pad;
        ASSERT_EQ(got.times.size(), wanted.times.size());
        for (std::size_t i = 0; i < got.times.size(); ++i)
          ASSERT_NEAR(got.times[i], wanted.times[i], 1e-12);
      }
    }
  }
}

TEST(Window, SileroTakesItsContextFromThePadding) {
  const TensorSpec spec = spec_of({-1}, DType::kFloat32, 512 * 4);
  const auto window = make("audio.window", params_of({576, 512, 64}, 16000), {format_of(spec)});
  EXPECT_EQ(window->outputs()[0].shape, Shape({-1, 576}));
  EXPECT_GE(window->outputs()[0].bytes(), 576U * 4);
  const std::vector<float> samples = noise(1024);
  const Stream got = feed(*window, samples, 1, true, {512, 512});
  ASSERT_EQ(got.windows.size(), 2U * 576);
  EXPECT_EQ(std::vector<float>(got.windows.begin(), got.windows.begin() + 64),
            std::vector<float>(64));
  EXPECT_TRUE(std::equal(samples.begin(), samples.begin() + 512, got.windows.begin() + 64));
  EXPECT_TRUE(std::equal(samples.begin() + 448, samples.end(), got.windows.begin() + 576));
  EXPECT_THAT(got.times, ElementsAre(-0.004, 0.032, 0.028, 0.064));
}

class WindowOfFrames : public ::testing::Test {
 protected:
  WindowOfFrames() {
    window_ =
        make("audio.window", params_of({4, 4, 0}, 1000), {format_of(samples_), format_of(format_)});
  }
  // Three samples that all have this value; the windows that they complete.
  std::vector<float> push(float value, std::uint64_t sequence, Nanos media_time, bool gap = false) {
    const FrameRef frame = audio_frame<float>(format_.audio, {value, value, value}, sequence,
                                              media_time * kMillisecond);
    frame->gap_before = gap;
    Tensor samples = frame->samples;
    samples.set_shape({3});
    EXPECT_TRUE(context_.run(*window_, {input_of(samples), input_of(frame)}).ok());
    times_ = values_of<double>(context_.output(1));
    return values_of<float>(context_.output(0));
  }

  FrameFormat format_ = audio_format(1000, 1, DType::kFloat32, 3);
  TensorSpec samples_ = spec_of({-1}, DType::kFloat32, 12);
  std::unique_ptr<Transform> window_;
  TestContext context_;
  std::vector<double> times_;
};

TEST_F(WindowOfFrames, TimesBeginAtTheFirstFramesMediaTime) {
  EXPECT_THAT(push(1, 7, 5000), ElementsAre());
  EXPECT_THAT(push(2, 8, 5003), ElementsAre(1, 1, 1, 2));
  EXPECT_THAT(times_, ElementsAre(5.0, 5.004));
  EXPECT_THAT(push(3, 9, 5006), ElementsAre(2, 2, 3, 3));
  EXPECT_THAT(times_, ElementsAre(5.004, 5.008));
}

TEST_F(WindowOfFrames, ResetAtAGap) {
  push(1, 0, 0);
  EXPECT_THAT(push(2, 1, 9000, true), ElementsAre());
  EXPECT_THAT(push(3, 2, 9003), ElementsAre(2, 2, 2, 3));
  EXPECT_THAT(times_, ElementsAre(9.0, 9.004));
}

TEST_F(WindowOfFrames, ResetWhereAFrameDidNotCome) {
  push(1, 0, 0);
  EXPECT_THAT(push(2, 2, 6), ElementsAre());
  EXPECT_THAT(push(3, 3, 9), ElementsAre(2, 2, 2, 3));
  EXPECT_THAT(times_, ElementsAre(0.006, 0.01));
}

TEST_F(WindowOfFrames, ForgetAllOnReset) {
  push(1, 0, 0);
  window_->reset();
  EXPECT_THAT(push(2, 40, 800), ElementsAre());
  EXPECT_THAT(push(3, 41, 803), ElementsAre(2, 2, 2, 3));
  EXPECT_THAT(times_, ElementsAre(0.8, 0.804));
}

TEST(Window, RefusesBadParameters) {
  const TensorSpec samples = spec_of({-1}, DType::kFloat32, 64), rows = spec_of({4, 2});
  const auto format = format_of(samples);
  EXPECT_THAT(refusal("audio.window", params_of({0, 1, 0}, 10), {format}), HasSubstr("'size'"));
  EXPECT_THAT(refusal("audio.window", params_of({4, 0, 0}, 10), {format}), HasSubstr("'hop'"));
  EXPECT_THAT(refusal("audio.window", params_of({4, -2, 0}, 10), {format}), HasSubstr("'hop'"));
  EXPECT_THAT(refusal("audio.window", params_of({4, 1, 4}, 10), {format}),
              HasSubstr("'pad_start'"));
  EXPECT_THAT(refusal("audio.window", params_of({4, 1, 0}, 0), {format}), HasSubstr("'rate'"));
  EXPECT_THAT(refusal("audio.window", params_of({4, 1, 0}, 10), {format_of(rows)}),
              HasSubstr("input 0"));
  EXPECT_THAT(refusal("table.window", params_of({4, 1, 1}, 10), {format_of(rows)}),
              HasSubstr("'pad_start'"));
  EXPECT_THAT(refusal("table.window", params_of({4, 1, 0}, 10), {format}), HasSubstr("input 0"));
}

TEST(Window, OfATableTakesTheRateOfItsFrame) {
  const TensorSpec rows = spec_of({-1, 2}, DType::kFloat32, 64);
  FrameFormat format;
  format.kind = FrameKind::kTable;
  format.table = {{"x", "y"}, 2, 8};
  const Params params = {{"size", std::int64_t{2}}, {"hop", std::int64_t{1}}};
  const auto window = make("table.window", params, {format_of(rows), format_of(format)});
  const FrameRef frame = make_frame();
  frame->media_time = 3 * kSecond;
  const Tensor input = tensor_of({3, 2}, {1, 2, 3, 4, 5, 6});
  TestContext context;
  ASSERT_TRUE(context.run(*window, {input_of(input), input_of(frame)}).ok());
  EXPECT_EQ(context.output(0).shape(), Shape({2, 2, 2}));
  EXPECT_THAT(values_of<float>(context.output(0)), ElementsAre(1, 2, 3, 4, 3, 4, 5, 6));
  EXPECT_THAT(values_of<double>(context.output(1)), ElementsAre(3, 4, 3.5, 4.5));
  format.table.rate = 0;
  EXPECT_THAT(refusal("table.window", params, {format_of(rows), format_of(format)}),
              HasSubstr("'rate'"));
}

}  // namespace
}  // namespace edgert::testing
