#include <cmath>
#include <numbers>

#include "transform_tools.h"

namespace edgert::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Params to_rate(int rate) {
  return {{"rate", std::int64_t{rate}}};
}

// Feeds samples in chunks of these lengths; all that came out.
std::vector<float> feed(Transform& convert, const AudioFormat& format,
                        const std::vector<float>& samples,
                        const std::vector<std::int64_t>& lengths) {
  std::vector<float> out;
  TestContext context;
  auto begin = samples.begin();
  std::uint64_t sequence = 0;
  for (std::int64_t length : lengths) {
    const FrameRef frame =
        audio_frame(format, std::vector<float>(begin, begin + length), sequence++);
    const Status status = context.run(convert, {input_of(frame)});
    EXPECT_TRUE(status.ok()) << status.message();
    for (float value : values_of<float>(context.output(0))) out.push_back(value);
    begin += length;
  }
  return out;
}

std::vector<float> resample(int from, int to, const std::vector<float>& samples) {
  const FrameFormat format =
      audio_format(from, 1, DType::kFloat32, static_cast<int>(samples.size()));
  const auto convert = make("audio.convert", to_rate(to), {format_of(format)});
  return feed(*convert, format.audio, samples, {static_cast<std::int64_t>(samples.size())});
}

double sine(double hz, double seconds) {
  return std::sin(2 * std::numbers::pi * hz * seconds);
}

std::vector<float> sine_at(double hz, int rate, int count) {
  std::vector<float> samples;
  for (int i = 0; i < count; ++i) samples.push_back(static_cast<float>(sine(hz, double(i) / rate)));
  return samples;
}

double rms(const std::vector<float>& values, std::size_t margin) {
  double sum = 0;
  for (std::size_t i = margin; i + margin < values.size(); ++i)
    sum += double{values[i]} * values[i];
  return std::sqrt(sum / static_cast<double>(values.size() - 2 * margin));
}

TEST(AudioConvert, OneFloatChannelIsShared) {
  const FrameFormat format = audio_format(16000, 1, DType::kFloat32, 100);
  const auto convert = make("audio.convert", to_rate(16000), {format_of(format)});
  EXPECT_FALSE(convert->stateful());
  EXPECT_TRUE(convert->cheap());
  EXPECT_EQ(convert->outputs()[0].bytes(), 400U);
  const FrameRef frame = audio_frame<float>(format.audio, {1, 2, 3});
  TestContext context;
  ASSERT_TRUE(context.run(*convert, {input_of(frame)}).ok());
  EXPECT_EQ(context.output(0).shape(), Shape({3}));
  EXPECT_EQ(context.output(0).bytes_data(), frame->samples.bytes_data());
  EXPECT_EQ(context.allocations(), 0);
}

TEST(AudioConvert, MixesChannelsAndScalesIntegers) {
  const FrameFormat format = audio_format(8000, 2, DType::kInt16, 4);
  const auto convert = make("audio.convert", {}, {format_of(format)});
  const FrameRef frame =
      audio_frame<std::int16_t>(format.audio, {16384, 0, -32768, -32768, 32767, -32767});
  TestContext context;
  ASSERT_TRUE(context.run(*convert, {input_of(frame)}).ok());
  EXPECT_THAT(values_of<float>(context.output(0)), ElementsAre(0.25F, -1, 0));
  const FrameFormat floats = audio_format(8000, 3, DType::kFloat32, 4);
  const auto mix = make("audio.convert", {}, {format_of(floats)});
  const FrameRef three = audio_frame<float>(floats.audio, {1, 2, 3, 0, 0, -3});
  ASSERT_TRUE(context.run(*mix, {input_of(three)}).ok());
  EXPECT_THAT(values_of<float>(context.output(0)), ElementsAre(2, -1));
}

struct Rates {
  int from, to;
};
// Grouped, halved once and twice, by phases, by phases that are not all kept, to a higher rate.
constexpr Rates kRates[] = {
    {48000, 16000}, {44100, 16000}, {8000, 16000},  {22050, 16000},  {16000, 44100}, {44100, 48000},
    {48000, 44100}, {96000, 16000}, {32000, 8000},  {44101, 16000},  {16000, 15999}, {11025, 48000},
    {48000, 32000}, {16000, 48000}, {12000, 16000}, {192000, 16000}, {64000, 48000}};

TEST(Resample, KeepsThePassbandAndItsTimes) {
  for (const auto& [from, to] : kRates) {
    for (double part : {0.02, 0.3, 0.5, 0.7, 0.8, 0.9}) {
      const double hz = part * std::min(from, to) / 2;
      const auto out = resample(from, to, sine_at(hz, from, from / 4));
      ASSERT_GT(out.size(), static_cast<std::size_t>(to / 5));
      double worst = 0;
      const auto margin = static_cast<std::size_t>(200 * std::max(1, to / from));
      for (std::size_t j = margin; j + margin < out.size(); ++j)
        worst = std::max(worst, std::abs(out[j] - sine(hz, static_cast<double>(j) / to)));
      EXPECT_LT(worst, 2e-4) << from << " to " << to << " at " << hz;
    }
  }
}

TEST(Resample, StopsWhatWouldFoldBack) {
  for (const auto& [from, to] : {Rates{48000, 16000}, Rates{44100, 16000}, Rates{22050, 16000},
                                 Rates{96000, 16000}, Rates{32000, 8000}, Rates{44101, 16000}}) {
    for (double part : {1.0, 1.02, 1.05, 1.1, 1.3, 1.6, 1.9, 2.5, 3.1, 4.7}) {
      const double hz = part * to / 2;
      if (hz >= from / 2.0) continue;
      const auto out = resample(from, to, sine_at(hz, from, from / 4));
      EXPECT_LT(rms(out, 200), 1e-4 / std::numbers::sqrt2) << from << " to " << to << " at " << hz;
    }
  }
}

TEST(Resample, LeavesNoImagesAbove) {
  const auto out = resample(8000, 16000, sine_at(3600, 8000, 2000));
  std::vector<float> rest;
  double image = 0;  // the part of it that is the image, at 4400 Hz
  for (std::size_t j = 0; j < out.size(); ++j) {
    rest.push_back(static_cast<float>(out[j] - sine(3600, static_cast<double>(j) / 16000)));
    if (j >= 200 && j < 3800) image += rest[j] * sine(4400, static_cast<double>(j) / 16000) / 1800;
  }
  EXPECT_LT(std::abs(image), 1e-4);
  EXPECT_LT(rms(rest, 200), 2e-4 / std::numbers::sqrt2);  // with what the gain is off at 3600 Hz
}

TEST(Resample, IsTheSameHoweverTheStreamIsCut) {
  for (const auto& [from, to] : kRates) {
    constexpr std::int64_t kCount = 5000, kLongest = 480;
    const auto samples = noise(kCount);
    const auto whole = resample(from, to, samples);
    const FrameFormat format = audio_format(from, 1, DType::kFloat32, kLongest);
    const auto convert = make("audio.convert", to_rate(to), {format_of(format)});
    EXPECT_TRUE(convert->stateful());
    for (unsigned seed = 0; seed < 3; ++seed) {
      convert->reset();
      EXPECT_EQ(feed(*convert, format.audio, samples, cuts(kCount, kLongest, seed)), whole);
    }
    convert->reset();
    const auto single =
        feed(*convert, format.audio, std::vector<float>(samples.begin(), samples.begin() + 700),
             std::vector<std::int64_t>(700, 1));
    EXPECT_TRUE(std::equal(single.begin(), single.end(), whole.begin()));
  }
}

TEST(Resample, GivesAllOfAStreamThatEnds) {
  for (const auto& [from, to] : kRates) {
    const FrameFormat format = audio_format(from, 1, DType::kFloat32, 4001);
    const auto convert = make("audio.convert", to_rate(to), {format_of(format)});
    for (std::int64_t count : {1, 2, 1999, 4001}) {
      TestContext context;
      const FrameRef frame =
          audio_frame(format.audio, std::vector<float>(static_cast<std::size_t>(count), 1));
      frame->last = true;
      ASSERT_TRUE(context.run(*convert, {input_of(frame)}).ok());
      const auto out = values_of<float>(context.output(0));
      // Those whose time lies before the end.
      EXPECT_EQ(static_cast<std::int64_t>(out.size()), (count * to + from - 1) / from)
          << from << " to " << to << " of " << count;
    }
  }
}

TEST(Resample, ForgetsAtAGap) {
  const FrameFormat format = audio_format(48000, 1, DType::kFloat32, 1000);
  const auto convert = make("audio.convert", to_rate(16000), {format_of(format)});
  const auto second = noise(1000, 2);
  const auto fresh = feed(*convert, format.audio, second, {1000});
  for (bool flagged : {true, false}) {
    convert->reset();
    TestContext context;
    const FrameRef before = audio_frame(format.audio, noise(1000, 1), 0);
    ASSERT_TRUE(context.run(*convert, {input_of(before)}).ok());
    const FrameRef after = audio_frame(format.audio, second, flagged ? 1 : 5);
    after->gap_before = flagged;
    ASSERT_TRUE(context.run(*convert, {input_of(after)}).ok());
    EXPECT_EQ(values_of<float>(context.output(0)), fresh);
  }
}

TEST(Resample, OfIntegersEqualsThatOfFloats) {
  std::vector<std::int16_t> integers;
  std::vector<float> floats;
  for (float value : noise(2000)) {
    integers.push_back(static_cast<std::int16_t>(value * 30000));
    floats.push_back(static_cast<float>(integers.back()) / 32768);
  }
  const FrameFormat format = audio_format(44100, 1, DType::kInt16, 2000);
  const auto convert = make("audio.convert", to_rate(16000), {format_of(format)});
  const FrameRef frame = audio_frame(format.audio, integers);
  TestContext context;
  ASSERT_TRUE(context.run(*convert, {input_of(frame)}).ok());
  EXPECT_EQ(values_of<float>(context.output(0)), resample(44100, 16000, floats));
}

TEST(AudioConvert, RefusesWhatItCannotDo) {
  const FrameFormat format = audio_format(44100, 1, DType::kFloat32, 100);
  const FrameFormat wide = audio_format(16000, 1, DType::kInt32, 100);
  EXPECT_THAT(refusal("audio.convert", to_rate(0), {format_of(format)}), HasSubstr("'rate'"));
  EXPECT_THAT(refusal("audio.convert", to_rate(100), {format_of(format)}),
              HasSubstr("more than 256 times"));
  EXPECT_THAT(refusal("audio.convert", {}, {format_of(wide)}), HasSubstr("int16 or float32"));
  const TensorSpec tensor = spec_of({4});
  EXPECT_THAT(refusal("audio.convert", {}, {format_of(tensor)}), HasSubstr("input 0"));
}

TEST(AudioConvert, RefusesAFrameOfAnotherFormat) {
  const FrameFormat format = audio_format(16000, 1, DType::kFloat32, 3);
  const auto convert = make("audio.convert", {}, {format_of(format)});
  TestContext context;
  AudioFormat other = format.audio;
  other.rate = 8000;
  const FrameRef slow = audio_frame<float>(other, {1, 2});
  EXPECT_THAT(context.run(*convert, {input_of(slow)}).message(), HasSubstr("8000"));
  const FrameRef longer = audio_frame<float>(format.audio, {1, 2, 3, 4});
  EXPECT_FALSE(context.run(*convert, {input_of(longer)}).ok());
}

TEST(AudioGain, ByAFactorOrToAPeak) {
  const TensorSpec spec = spec_of({3});
  const Tensor input = tensor_of({3}, {0.25F, -0.5F, 0});
  TestContext context;
  const auto gain = make("audio.gain", {{"gain", 2.0}}, {format_of(spec)});
  ASSERT_TRUE(context.run(*gain, {input_of(input)}).ok());
  EXPECT_THAT(values_of<float>(context.output(0)), ElementsAre(0.5F, -1, 0));
  const auto peak = make("audio.gain", {{"peak", 0.75}}, {format_of(spec)});
  ASSERT_TRUE(context.run(*peak, {input_of(input)}).ok());
  EXPECT_THAT(values_of<float>(context.output(0)), ElementsAre(0.375F, -0.75F, 0));
  const Tensor silence = tensor_of({3}, {0, 0, 0});
  ASSERT_TRUE(context.run(*peak, {input_of(silence)}).ok());
  EXPECT_THAT(values_of<float>(context.output(0)), ElementsAre(0, 0, 0));
  EXPECT_THAT(refusal("audio.gain", {}, {format_of(spec)}), HasSubstr("'gain'"));
  EXPECT_THAT(refusal("audio.gain", {{"peak", 0.0}}, {format_of(spec)}), HasSubstr("'peak'"));
}

}  // namespace
}  // namespace edgert::testing
