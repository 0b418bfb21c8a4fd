// Each instruction set's kernels against plain loops in double precision.
#include <algorithm>
#include <cmath>

#include "edgert/transform/audio/kernels.h"
#include "transform_tools.h"

namespace edgert::testing {
namespace {

class SoundKernels : public ::testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    const sound::KernelList list = sound::available_kernels();
    if (GetParam() >= list.count) GTEST_SKIP() << "this processor lacks them";
    kernels_ = list.kernels[GetParam()];
  }
  const sound::Kernels* kernels_ = nullptr;
};

TEST_P(SoundKernels, Dot) {
  for (std::int64_t count : {8, 16, 40, 352}) {
    const std::vector<float> a = noise(static_cast<std::size_t>(count)),
                             b = noise(static_cast<std::size_t>(count), 2);
    double wanted = 0;
    for (std::size_t i = 0; i < a.size(); ++i) wanted += double{a[i]} * b[i];
    EXPECT_NEAR(kernels_->dot(a.data(), b.data(), count), wanted, 1e-4);
  }
}

TEST_P(SoundKernels, SplitAndMergeAreEachOthersInverse) {
  for (std::int64_t step : {4, 8, 12, 16, 24, 32}) {
    constexpr std::int64_t kSize = 5 * sound::kFirGroups;
    const std::int64_t count = step * kSize;
    const std::vector<float> samples = noise(static_cast<std::size_t>(count));
    std::vector<float> planes(samples.size());
    kernels_->split(samples.data(), step, kSize, planes.data(), kSize);
    for (std::int64_t i = 0; i < count; ++i)
      ASSERT_EQ(planes[static_cast<std::size_t>(i % step * kSize + i / step)],
                samples[static_cast<std::size_t>(i)]);
    if (step > sound::kMostMerged) continue;
    for (std::int64_t first : {0, 1, 7, 15})
      for (std::int64_t end : {16, 17, 100, 255, 256, 257, static_cast<int>(count)}) {
        std::vector<float> out(static_cast<std::size_t>(end - first + 1), 7);
        kernels_->merge(planes.data(), kSize, step, first, end - first, out.data());
        EXPECT_TRUE(std::equal(out.begin(), out.end() - 1, samples.begin() + first)) << step;
        EXPECT_EQ(out.back(), 7);
      }
  }
}

TEST_P(SoundKernels, FiltersOfGroups) {
  for (std::int64_t up = 2; up <= 4; ++up)
    for (std::int64_t vectors : {1, 2, 11, 15, 29}) {
      const std::int64_t groups = vectors * sound::kFirGroups, size = groups + 9;
      // The last ones are the outputs' own.
      const sound::FirTap taps[] = {{0, 0}, {1, 3}, {0, 6}, {2, 1}, {1, 9}, {0, 2}, {2, 8}, {1, 0}};
      constexpr std::size_t kShared = 4;
      const std::vector<float> weights = noise(kShared * static_cast<std::size_t>(up)),
                               own = noise(4, 3), in = noise(static_cast<std::size_t>(3 * size), 2);
      for (bool with_own : {false, true}) {
        std::vector<float> out(static_cast<std::size_t>(up * groups));
        kernels_->fir(
            {up, kShared, taps, weights.data(), with_own ? taps + kShared : nullptr, own.data()},
            in.data(), size, groups, out.data());
        const auto seen = [&](const sound::FirTap& tap, std::int64_t g) -> double {
          return in[static_cast<std::size_t>(tap.plane * size + g + tap.column)];
        };
        for (std::int64_t p = 0; p < up; ++p)
          for (std::int64_t g = 0; g < groups; ++g) {
            const auto output = static_cast<std::size_t>(p);
            double wanted = with_own ? own[output] * seen(taps[kShared + output], g) : 0;
            for (std::size_t i = 0; i < kShared; ++i)
              wanted +=
                  double{weights[i * static_cast<std::size_t>(up) + output]} * seen(taps[i], g);
            ASSERT_NEAR(out[static_cast<std::size_t>(p * groups + g)], wanted, 1e-5) << up;
          }
      }
    }
}

// Integers are exact; floats differ by the order of the sum at most.
TEST_P(SoundKernels, ChannelsMixed) {
  for (int channels = 1; channels <= 6; ++channels)
    for (std::int64_t count : {0, 1, 15, 16, 33, 480}) {
      const std::vector<float> floats = noise(static_cast<std::size_t>(count * channels));
      std::vector<std::int16_t> shorts;
      for (float value : floats)
        shorts.push_back(static_cast<std::int16_t>(std::clamp(40000 * value, -32768.0F, 32767.0F)));
      std::vector<float> of_shorts(static_cast<std::size_t>(count + 1), 7), of_floats(of_shorts);
      kernels_->mix_shorts(shorts.data(), count, channels, 0.125F, of_shorts.data());
      kernels_->mix(floats.data(), count, channels, 0.125F, of_floats.data());
      for (std::int64_t i = 0; i < count; ++i) {
        double sum = 0, exact = 0;
        for (std::int64_t at = i * channels; at < (i + 1) * channels; ++at) {
          exact += shorts[static_cast<std::size_t>(at)];
          sum += floats[static_cast<std::size_t>(at)];
        }
        ASSERT_EQ(of_shorts[static_cast<std::size_t>(i)], 0.125 * exact) << channels;
        ASSERT_NEAR(of_floats[static_cast<std::size_t>(i)], 0.125 * sum, 1e-6) << channels;
      }
      EXPECT_EQ(of_shorts.back(), 7);
      EXPECT_EQ(of_floats.back(), 7);
    }
}

// A filter of four weights, which is one weight of each of the nine.
TEST_P(SoundKernels, NineProductsGiveFourSumsOfFour) {
  constexpr std::int64_t kSize = 2 * sound::kFirGroups, kParts = sound::kFirParts;
  const std::vector<float> in = noise(4 * kSize + 1), h = noise(4, 3);
  const float thirds[3][2] = {{h[0], h[2]}, {h[0] + h[1], h[2] + h[3]}, {h[1], h[3]}};
  std::vector<float> sums(kParts * kSize);
  float* parts[kParts];
  for (std::int64_t i = 0; i < kParts; ++i) parts[i] = sums.data() + i * kSize;
  std::vector<float> planes(in);
  for (std::size_t i = 0; i < 4 * kSize; ++i) planes[i % 4 * kSize + i / 4] = in[i];
  kernels_->differ(planes.data(), kSize, kSize, parts);
  for (std::int64_t i = 0; i < kParts * kSize; ++i) {
    const float* two = thirds[i / kSize / 3];
    const float weights[3] = {two[0], two[0] + two[1], two[1]};
    sums[static_cast<std::size_t>(i)] *= weights[i / kSize % 3];
  }
  kernels_->gather(sums.data(), 1, kSize);
  for (std::size_t n = 0; n + 4 < 4 * kSize; ++n) {
    double wanted = 0;
    for (std::size_t k = 0; k < 4; ++k) wanted += double{h[k]} * in[n + k];
    ASSERT_NEAR(sums[n % 4 * kSize + n / 4], wanted, 2e-6) << n;
  }
}

TEST_P(SoundKernels, LogarithmsOfEveryMagnitude) {
  std::vector<float> values, wanted;
  for (double x = 2e-37; x < 1e38; x *= 1.037) values.push_back(static_cast<float>(x));
  for (double x = 0.4; x < 2.5; x += 0.00037) values.push_back(static_cast<float>(x));
  values.push_back(-3);
  values.push_back(0);
  values.push_back(std::nanf(""));
  for (float x : values)
    wanted.push_back(static_cast<float>(std::log(x > 1e-37F ? double{x} : 1e-37)));
  kernels_->logs(values.data(), static_cast<std::int64_t>(values.size()), 0, 1e-37F, 1);
  for (std::size_t i = 0; i < values.size(); ++i)
    ASSERT_NEAR(values[i], wanted[i], 2e-7 * std::max(1.0F, std::abs(wanted[i]))) << i;
}

TEST_P(SoundKernels, FilterWeighsItsBins) {
  const std::vector<float> power = noise(2 * 20), weights = noise(8 * 6, 3);
  const sound::Band bands[] = {{0, 1, 0},   {3, 3, 8}, {14, 1, 32}, {7, 0, 40},
                               {16, 1, 40}, {1, 2, 0}, {0, 0, 0},   {5, 1, 24}};
  float out[16];
  kernels_->filter(bands, 2, weights.data(), power.data(), out);
  for (int band = 0; band < 8; ++band)
    for (int f = 0; f < 2; ++f) {
      double wanted = 0;
      for (int i = 0; i < 4 * bands[band].fours; ++i)
        wanted += double{weights[static_cast<std::size_t>(bands[band].weights + 2 * i + f)]} *
                  power[static_cast<std::size_t>(2 * (bands[band].first + i) + f)];
      EXPECT_NEAR(out[2 * band + f], wanted, 1e-5);
    }
}

// By the definition, in rows whose bands fill no vector, with levels from silence to full scale.
TEST_P(SoundKernels, PcenOfEveryLevel) {
  constexpr std::int64_t kRows = 300, kBands = 43;
  std::vector<float> rows = noise(kRows * kBands);
  for (std::size_t i = 0; i < rows.size(); ++i)
    rows[i] =
        i % 97 == 0 ? 0 : std::abs(rows[i]) * std::pow(10.0F, static_cast<float>(i % 43) / 4 - 6);
  struct Terms {
    double gain, bias, power;
  };
  for (const auto& [gain, bias, power] : {Terms{0.98, 2, 0.5}, Terms{0.8, 10, 0.25},
                                          Terms{0.98, 0, 0.5}, Terms{1, 2, 0}, Terms{0, 1, 1}}) {
    const double lift = std::pow(bias, power), eps = 1e-6, smoothing = 0.025;
    const sound::Pcen terms = {static_cast<float>(gain),
                               static_cast<float>(bias),
                               static_cast<float>(power),
                               static_cast<float>(1 / bias),
                               static_cast<float>(lift),
                               eps,
                               smoothing};
    std::vector<double> means(kBands, 1), wanted_means(kBands, 1);
    std::vector<float> out(rows.size());
    const std::int64_t half = kRows / 2;
    kernels_->pcen(terms, rows.data(), half, kBands, means.data(), out.data());
    kernels_->pcen(terms, rows.data() + half * kBands, kRows - half, kBands, means.data(),
                   out.data() + half * kBands);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      double& mean = wanted_means[i % kBands];
      mean += smoothing * (rows[i] - mean);
      const double x = rows[i] * std::pow(eps + mean, -gain);
      const double wanted = power == 0  ? std::log1p(x)
                            : bias == 0 ? std::pow(x, power)
                                        : lift * std::expm1(power * std::log1p(x / bias));
      ASSERT_NEAR(out[i], wanted, 3e-6 * wanted + (bias > 0 ? 3e-7 * lift : 0))
          << i << " " << power;
    }
    for (std::size_t i = 0; i < kBands; ++i)
      EXPECT_NEAR(means[i], wanted_means[i], 1e-12 * means[i]);
  }
}

INSTANTIATE_TEST_SUITE_P(All, SoundKernels, ::testing::Values(0, 1, 2));

}  // namespace
}  // namespace edgert::testing
