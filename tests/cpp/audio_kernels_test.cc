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
  for (std::int64_t step = 1; step <= 4; ++step) {
    constexpr std::int64_t kCount = 101, kSize = 120;
    const std::vector<float> samples = noise(kCount);
    std::vector<float> planes(static_cast<std::size_t>(kSize * step), 7);
    kernels_->split(samples.data(), kCount, step, planes.data(), kSize);
    for (std::int64_t i = kCount; i < kSize * step; ++i)
      EXPECT_EQ(planes[static_cast<std::size_t>(i % step * kSize + i / step)], 0);
    for (std::int64_t first = 0; first < step; ++first) {
      std::vector<float> out(static_cast<std::size_t>(kCount - first));
      kernels_->merge(planes.data(), kSize, step, first, kCount - first, out.data());
      EXPECT_TRUE(std::equal(out.begin(), out.end(), samples.begin() + first)) << step;
    }
  }
}

TEST_P(SoundKernels, FiltersOfGroups) {
  for (std::int64_t up = 1; up <= 4; ++up) {
    constexpr std::int64_t kGroups = 11 * sound::kFirGroups, kSize = kGroups + 9;
    const sound::FirPlane planes[] = {{0, 7, 0}, {3, 1, static_cast<int>(7 * up)}, {1, 0, 0}};
    const std::vector<float> weights = noise(static_cast<std::size_t>(8 * up)),
                             in = noise(3 * kSize, 2);
    std::vector<float> out(static_cast<std::size_t>(up * kGroups));
    kernels_->fir({up, 3, planes, weights.data()}, in.data(), kSize, kGroups, out.data());
    for (std::int64_t p = 0; p < up; ++p)
      for (std::int64_t g = 0; g < kGroups; ++g) {
        double wanted = double{weights[static_cast<std::size_t>(7 * up + p)]} *
                        in[static_cast<std::size_t>(kSize + g + 3)];
        for (std::int64_t i = 0; i < 7; ++i)
          wanted += double{weights[static_cast<std::size_t>(i * up + p)]} *
                    in[static_cast<std::size_t>(g + i)];
        ASSERT_NEAR(out[static_cast<std::size_t>(p * kGroups + g)], wanted, 1e-5) << up;
      }
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

INSTANTIATE_TEST_SUITE_P(All, SoundKernels, ::testing::Values(0, 1, 2));

}  // namespace
}  // namespace edgert::testing
