#include <cmath>
#include <complex>
#include <numbers>

#include "audio_golden.h"
#include "edgert/transform/audio/real_fft.h"
#include "transform_tools.h"

namespace edgert::testing {
namespace {

using ::testing::HasSubstr;

Params operator+(Params params, const Params& more) {
  for (const auto& [name, value] : more.values()) params.set(name, value);
  return params;
}
ParamValue text(const char* value) {
  return std::string(value);
}
ParamValue whole(std::int64_t value) {
  return value;
}

const Params kYamnetParams = {{"rate", whole(16000)},
                              {"fft", whole(512)},
                              {"window", whole(400)},
                              {"hop", whole(160)},
                              {"window_type", text("hann")},
                              {"mels", whole(64)},
                              {"low", 125.0},
                              {"high", 7500.0},
                              {"mel_scale", text("htk")},
                              {"mel_norm", text("none")},
                              {"power", whole(1)},
                              {"log", text("ln")},
                              {"log_offset", 0.001},
                              {"centre", false}};

// librosa.feature.melspectrogram's defaults.
const Params kLibrosaParams = {{"rate", whole(22050)},        {"fft", whole(2048)},
                               {"hop", whole(512)},           {"mels", whole(128)},
                               {"mel_scale", text("slaney")}, {"mel_norm", text("slaney")},
                               {"power", whole(2)},           {"centre", true},
                               {"log", text("none")}};

// As in audio_golden.py.
std::vector<float> golden_signal(std::uint64_t count, std::uint64_t rate) {
  std::vector<float> samples;
  for (std::uint64_t i = 0; i < count; ++i) {
    const double phase = static_cast<double>(i * 880 % (2 * rate)) / static_cast<double>(rate);
    const double triangle = std::abs(phase - 1) - 0.5;
    std::uint64_t state = (i * 2654435761 + 12345) % (std::uint64_t{1} << 32);
    state = (state ^ (state >> 13)) * 1274126177 % (std::uint64_t{1} << 32);
    const double noise = static_cast<double>(state >> 8) / (1 << 23) - 1;
    const double grown = 0.25 * noise * static_cast<double>(i) / static_cast<double>(count);
    samples.push_back(static_cast<float>(0.5 * triangle + grown));
  }
  return samples;
}

Tensor run(std::string_view name, const Params& params, const std::vector<float>& samples) {
  const Tensor input = tensor_of({static_cast<std::int64_t>(samples.size())}, samples);
  const TensorSpec spec = spec_of(input.shape());
  const auto transform = make(name, params, {format_of(spec)});
  TestContext context;
  const Status status = context.run(*transform, {input_of(input)});
  EXPECT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(context.output(0).shape(), transform->outputs()[0].shape);
  return context.output(0);
}

// `golden` holds `rows` of the result, every so many columns.
template <std::size_t kRows, std::size_t kColumns>
void expect_golden(const Tensor& result, const float (&golden)[kRows][kColumns],
                   const std::int64_t (&rows)[kRows], std::int64_t every, double relative,
                   double absolute) {
  for (std::size_t i = 0; i < kRows; ++i) {
    const Tensor row = result.row(rows[i]);
    for (std::size_t j = 0; j < kColumns; ++j) {
      const double wanted = golden[i][j];
      EXPECT_NEAR(row.data<float>()[static_cast<std::int64_t>(j) * every], wanted,
                  relative * std::abs(wanted) + absolute)
          << "row " << rows[i] << " column " << static_cast<std::int64_t>(j) * every;
    }
  }
}

TEST(RealFft, EqualsTheDefinition) {
  for (int size : {4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048}) {
    const RealFft fft(size);
    const auto count = static_cast<std::size_t>(std::max(8, size * 3 / 4 / 8 * 8));
    const std::vector<float> window = noise(count, 3), first = noise(count),
                             second = noise(count, 2);
    const std::vector<float>* signals[] = {&first, &second};
    const sound::Windowed in{
        {first.data(), second.data()}, window.data(), static_cast<int>(count / 8)};
    const auto room = static_cast<std::size_t>(fft.out_size());
    std::vector<float> work(static_cast<std::size_t>(fft.work_size())), power(room), root(room);
    std::vector<float> re(room), im(room);
    fft.power(in, false, work.data(), power.data());
    fft.power(in, true, work.data(), root.data());
    fft.spectrum(in, work.data(), re.data(), im.data());
    for (std::size_t l = 0; l < 2; ++l)
      for (std::size_t k = 0; k <= static_cast<std::size_t>(size) / 2; ++k) {
        std::complex<double> sum;
        for (std::size_t i = 0; i < std::min(count, static_cast<std::size_t>(size)); ++i) {
          const double turn = static_cast<double>(k * i % static_cast<std::size_t>(size)) / size;
          sum +=
              double{(*signals[l])[i]} * window[i] * std::polar(1.0, -2 * std::numbers::pi * turn);
        }
        ASSERT_NEAR(power[2 * k + l], std::norm(sum), 2e-5 * size) << size << " bin " << k;
        ASSERT_NEAR(root[2 * k + l], std::abs(sum), 1e-5 * size) << size << " bin " << k;
        ASSERT_NEAR(re[2 * k + l], sum.real(), 1e-5 * std::sqrt(size)) << size << " bin " << k;
        ASSERT_NEAR(im[2 * k + l], sum.imag(), 1e-5 * std::sqrt(size)) << size << " bin " << k;
      }
  }
}

TEST(LogMel, IsYamnets) {
  const Tensor result = run("audio.log_mel", kYamnetParams, golden_signal(15600, 16000));
  ASSERT_EQ(result.shape(), Shape({96, 64}));
  expect_golden(result, kYamnet, {0, 40, 95}, 5, 0, 1e-4);
}

TEST(LogMel, IsLibrosasMelSpectrogram) {
  const Tensor result = run("audio.log_mel", kLibrosaParams, golden_signal(11025, 22050));
  ASSERT_EQ(result.shape(), Shape({22, 128}));
  expect_golden(result, kMelSpectrogram, {0, 5, 21}, 8, 1e-4, 1e-9);
}

TEST(LogMel, IsLibrosasWithAShortWindowAndTrianglesOverHz) {
  const Params params = {{"rate", whole(22050)},
                         {"fft", whole(1024)},
                         {"window", whole(600)},
                         {"hop", whole(256)},
                         {"window_type", text("hamming")},
                         {"mels", whole(40)},
                         {"mel_axis", text("hz")},
                         {"low", whole(50)},
                         {"high", whole(8000)},
                         {"centre", true},
                         {"log", text("none")}};
  const Tensor result = run("audio.log_mel", params, golden_signal(11025, 22050));
  ASSERT_EQ(result.shape(), Shape({44, 40}));
  expect_golden(result, kHtkOverHz, {0, 20, 43}, 4, 1e-4, 1e-9);
}

TEST(Mfcc, IsLibrosas) {
  const Params params =
      kLibrosaParams +
      Params{{"log", text("db")}, {"log_range", 80.0}, {"coefficients", whole(20)}};
  const Tensor result = run("audio.mfcc", params, golden_signal(11025, 22050));
  ASSERT_EQ(result.shape(), Shape({22, 20}));
  expect_golden(result, kMfcc, {0, 5, 21}, 1, 1e-4, 2e-3);
}

TEST(Mfcc, IsTheCosineTransformOfLogMel) {
  const auto samples = noise(4000);
  const Tensor mels = run("audio.log_mel", kYamnetParams, samples);
  for (const bool ortho : {true, false}) {
    const Params more = {{"coefficients", whole(13)}, {"dct_norm", text(ortho ? "ortho" : "none")}};
    const Tensor result = run("audio.mfcc", kYamnetParams + more, samples);
    for (std::int64_t frame = 0; frame < mels.shape()[0]; ++frame) {
      for (std::int64_t k = 0; k < 13; ++k) {
        double sum = 0;
        for (std::int64_t i = 0; i < 64; ++i)
          sum += mels.row(frame).data<float>()[i] *
                 std::cos(std::numbers::pi / 64 * static_cast<double>(k) *
                          (static_cast<double>(i) + 0.5));
        sum *= !ortho ? 2 : k == 0 ? std::sqrt(1.0 / 64) : std::sqrt(2.0 / 64);
        ASSERT_NEAR(result.row(frame).data<float>()[k], sum, 1e-3);
      }
    }
  }
}

TEST(LogMel, LogarithmsAndNormalisation) {
  const auto samples = noise(2000);
  const Tensor plain = run("audio.log_mel", kYamnetParams + Params{{"log", text("none")}}, samples);
  const auto check = [&](const Params& more, auto wanted) {
    const Tensor result = run("audio.log_mel", kYamnetParams + more, samples);
    for (std::int64_t i = 0; i < plain.elements(); ++i)
      ASSERT_NEAR(result.data<float>()[i], wanted(double{plain.data<float>()[i]}), 2e-5);
  };
  check({{"log", text("log10")}}, [](double x) { return std::log10(x + 0.001); });
  check({{"log", text("db")}}, [](double x) { return 10 * std::log10(x + 0.001); });
  check({{"log_floor", 5.0}}, [](double x) { return std::log(std::max(x + 0.001, 5.0)); });
  check({{"mean", 2.0}, {"deviation", 4.0}},
        [](double x) { return (std::log(x + 0.001) - 2) / 4; });
  double top = -1e9;
  for (float x : values_of<float>(plain)) top = std::max(top, std::log10(x + 0.001));
  check({{"log", text("log10")}, {"log_range", 0.3}},
        [top](double x) { return std::max(std::log10(x + 0.001), top - 0.3); });
}

TEST(LogMel, NormalisesEachBand) {
  std::vector<double> mean(64), deviation(64);
  for (std::size_t i = 0; i < 64; ++i) {
    mean[i] = static_cast<double>(i);
    deviation[i] = 1 + static_cast<double>(i);
  }
  const auto samples = noise(800);
  const Tensor plain = run("audio.log_mel", kYamnetParams, samples);
  const Tensor result = run(
      "audio.log_mel", kYamnetParams + Params{{"mean", mean}, {"deviation", deviation}}, samples);
  for (std::int64_t i = 0; i < plain.elements(); ++i) {
    const auto band = static_cast<double>(i % 64);
    ASSERT_NEAR(result.data<float>()[i], (plain.data<float>()[i] - band) / (1 + band), 1e-5);
  }
}

TEST(LogMel, OfSilenceIsTheFloor) {
  const Tensor result = run("audio.log_mel", kYamnetParams, std::vector<float>(15600));
  for (float value : values_of<float>(result)) ASSERT_NEAR(value, std::log(0.001), 1e-5);
  const Tensor bare =
      run("audio.log_mel", kYamnetParams + Params{{"log_offset", 0.0}}, std::vector<float>(400));
  for (float value : values_of<float>(bare)) ASSERT_NEAR(value, std::log(1e-10), 1e-4);
}

// A frame does not depend on those beside it, nor on how many there are.
TEST(LogMel, FramesAreIndependent) {
  const auto samples = noise(400 + 20 * 160);
  const Tensor all = run("audio.log_mel", kYamnetParams, samples);
  ASSERT_EQ(all.shape()[0], 21);
  for (std::int64_t frame : {0, 7, 8, 20}) {
    const auto begin = samples.begin() + frame * 160;
    const Tensor one = run("audio.log_mel", kYamnetParams, std::vector<float>(begin, begin + 400));
    ASSERT_EQ(one.shape()[0], 1);
    EXPECT_EQ(values_of<float>(one), values_of<float>(all.row(frame)));
  }
}

TEST(LogMel, ABatchAxisAndAnOddWindow) {
  const Params params = kYamnetParams + Params{{"batch_axis", true}, {"window", whole(399)}};
  const auto samples = noise(399 + 160);
  EXPECT_EQ(run("audio.log_mel", params, samples).shape(), Shape({1, 2, 64}));
}

TEST(LogMel, PoveyIsKaldis) {
  // A constant signal shows the window's own spectrum: bin 0 is its sum, squared.
  const Params params = {{"rate", whole(16)},
                         {"fft", whole(8)},
                         {"hop", whole(8)},
                         {"mels", whole(1)},
                         {"mel_axis", text("hz")},
                         {"low", 0.0},
                         {"high", 8.0},
                         {"window_type", text("povey")},
                         {"log", text("none")}};
  const Tensor result = run("audio.log_mel", params, std::vector<float>(8, 1));
  double wanted = 0;
  for (int bin = 1; bin < 4; ++bin) {
    std::complex<double> sum;
    for (int i = 0; i < 8; ++i)
      sum += std::pow(0.5 - 0.5 * std::cos(2 * std::numbers::pi * i / 7), 0.85) *
             std::polar(1.0, -2 * std::numbers::pi * bin * i / 8);
    const double hz = 2.0 * bin;
    const double centre = 700 * (std::sqrt(1 + 8.0 / 700) - 1);  // half of the mels up to 8 Hz
    wanted += std::norm(sum) * std::min(hz / centre, (8 - hz) / (8 - centre));
  }
  EXPECT_NEAR(result.data<float>()[0], wanted, 1e-5);
}

TEST(LogMel, OfALengthKnownAtRunTime) {
  const TensorSpec spec = spec_of({-1}, DType::kFloat32, 15600 * 4);
  const auto transform = make("audio.log_mel", kYamnetParams, {format_of(spec)});
  EXPECT_EQ(transform->outputs()[0].shape, Shape({-1, 64}));
  EXPECT_EQ(transform->outputs()[0].bytes(), 96U * 64 * 4);
  TestContext context;
  for (std::int64_t count : {0, 399, 400, 3000}) {
    const Tensor input = tensor_of({count}, noise(static_cast<std::size_t>(count)));
    ASSERT_TRUE(context.run(*transform, {input_of(input)}).ok());
    EXPECT_EQ(context.output(0).shape(), Shape({count < 400 ? 0 : 1 + (count - 400) / 160, 64}));
  }
}

TEST(LogMel, RefusesBadParametersByName) {
  const TensorSpec spec = spec_of({15600}), rows = spec_of({4, 400}), brief = spec_of({300});
  const std::pair<const char*, ParamValue> bad[] = {{"rate", whole(0)},
                                                    {"fft", whole(500)},
                                                    {"fft", whole(256)},
                                                    {"window", whole(0)},
                                                    {"window", whole(513)},
                                                    {"hop", whole(0)},
                                                    {"hop", whole(-160)},
                                                    {"window_type", text("bartlett")},
                                                    {"mels", whole(0)},
                                                    {"low", 7500.0},
                                                    {"low", -1.0},
                                                    {"high", 8001.0},
                                                    {"mel_scale", text("bark")},
                                                    {"mel_norm", text("l2")},
                                                    {"power", whole(3)},
                                                    {"log", text("log2")},
                                                    {"log_floor", 0.0},
                                                    {"deviation", 0.0},
                                                    {"mean", std::vector<double>{1, 2}},
                                                    {"centre", whole(1)},
                                                    {"colour", whole(1)}};
  for (const auto& [name, value] : bad) {
    const std::string message =
        refusal("audio.log_mel", kYamnetParams + Params{{name, value}}, {format_of(spec)});
    const std::string blamed = value == whole(256) ? "window" : name;
    EXPECT_THAT(message, HasSubstr("audio.log_mel: parameter '" + blamed + "'"));
  }
  EXPECT_THAT(refusal("audio.log_mel", kYamnetParams, {format_of(rows)}), HasSubstr("scope"));
  EXPECT_THAT(refusal("audio.log_mel", kYamnetParams, {format_of(brief)}), HasSubstr("'window'"));
  const Params many = kYamnetParams + Params{{"coefficients", whole(65)}};
  EXPECT_THAT(refusal("audio.mfcc", many, {format_of(spec)}), HasSubstr("'coefficients'"));
  const Params norm = kYamnetParams + Params{{"dct_norm", text("l2")}};
  EXPECT_THAT(refusal("audio.mfcc", norm, {format_of(spec)}), HasSubstr("'dct_norm'"));
}

}  // namespace
}  // namespace edgert::testing
