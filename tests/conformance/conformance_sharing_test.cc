// One copy of a model's weights serves all its instances.
#include <malloc.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "suite.h"

namespace edgert::conformance {
namespace {

constexpr std::int64_t kWidth = 1024;
constexpr long kWeights = 4 * kWidth * kWidth * 4;  // bytes, of the model "heavy"
// XNNPACK packs one layer at a time into spare room, to find it there already.
constexpr long kMostGrowth = kWeights / 2;

// Memory of this process that is in no file.
long anonymous_bytes() {
  malloc_trim(0);
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (long kilobytes = 0; word == "RssAnon:" && status >> kilobytes) return kilobytes * 1024;
  ADD_FAILURE() << "/proc/self/status has no RssAnon";
  return 0;
}

class SharingTest : public Suite {
 protected:
  static Tensor given() {
    Tensor x(allocate_buffer(kWidth * 4 + 64), DType::kFloat32, {1, kWidth});
    for (std::int64_t i = 0; i < kWidth; ++i) x.data<float>()[i] = static_cast<float>(i % 17) - 8;
    return x;
  }
  static Tensor run(Session& session) {
    const Tensor x = given();
    Tensor y;
    const Status status = session.run({&x, 1}, {&y, 1});
    EXPECT_TRUE(status.ok()) << status.message();
    return y;
  }
};

TEST_P(SharingTest, AnotherInstanceBringsNoWeights) {
  EDGERT_NEEDS("heavy");
  auto model = load("heavy");
  ASSERT_TRUE(model);
  auto first = std::move(model->session()).value();
  const Tensor expected = run(*first);
  const long before = anonymous_bytes();
  std::vector<std::unique_ptr<Session>> more;
  for (int i = 0; i < 3; ++i) {
    more.push_back(std::move(model->session()).value());
    EXPECT_TRUE(same_bytes(run(*more.back()), expected));
  }
  EXPECT_LT(anonymous_bytes() - before, kMostGrowth) << "three more instances";
  first.reset();
  more.erase(more.begin());
  EXPECT_TRUE(same_bytes(run(*more.back()), expected)) << "the first one may go";
}

TEST_P(SharingTest, InstancesComeAndGoWhileOthersRun) {
  EDGERT_NEEDS("heavy");
  auto model = load("heavy");
  ASSERT_TRUE(model);
  auto session = std::move(model->session()).value();
  const Tensor expected = run(*session);
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i)
    threads.emplace_back([&] {
      for (int round = 0; round < 5; ++round)
        EXPECT_TRUE(same_bytes(run(*std::move(model->session()).value()), expected));
    });
  for (int round = 0; round < 20; ++round) EXPECT_TRUE(same_bytes(run(*session), expected));
  for (std::thread& thread : threads) thread.join();
}

EDGERT_CONFORMANCE(SharingTest);

// Of engines that show how their weights are packed, also among numbers of threads.
TEST(SharingTflite, AnotherNumberOfThreadsBringsNoWeights) {
  Backend* backend = *find_backend("tflite");
  if (const auto why = unavailable(*backend); !why.empty()) GTEST_SKIP() << why;
  if (models_folder().empty()) GTEST_SKIP() << "EDGERT_TEST_MODELS is not set";
  const auto open = [&](int threads) {
    ModelOptions options;
    options.threads = threads;
    auto model = backend->load(model_path("heavy.tflite"), options);
    EXPECT_TRUE(model.ok()) << model.status().message();
    return std::move((*model)->session()).value();
  };
  const Tensor x(allocate_buffer(kWidth * 4 + 64), DType::kFloat32, {1, kWidth});
  std::fill_n(x.data<float>(), kWidth, 0.5f);
  Tensor y, z;
  auto one = open(1);
  ASSERT_OK(one->run({&x, 1}, {&y, 1}));
  const long before = anonymous_bytes();
  auto two = open(2);
  ASSERT_OK(two->run({&x, 1}, {&z, 1}));
  EXPECT_LT(anonymous_bytes() - before, kMostGrowth);
  EXPECT_LT(difference(y, z), 1e-3);
}

// Packed weights are kept by file: another one of the same name must not get them.
TEST(SharingTflite, AReplacedFileHasItsOwnWeights) {
  Backend* backend = *find_backend("tflite");
  if (const auto why = unavailable(*backend); !why.empty()) GTEST_SKIP() << why;
  if (models_folder().empty()) GTEST_SKIP() << "EDGERT_TEST_MODELS is not set";
  namespace fs = std::filesystem;
  const fs::path folder = fs::path(testing::TempDir()) / "edgert-replaced";
  fs::create_directories(folder);
  const auto bring = [&](const char* name) {
    fs::copy_file(model_path(name), folder / "new", fs::copy_options::overwrite_existing);
    fs::rename(folder / "new", folder / "model.tflite");
    return std::move((*backend->load(folder / "model.tflite", {}))->session()).value();
  };
  const Tensor x = floats({1, 16}, std::vector<float>(16, 1));
  Tensor y, z;
  auto first = bring("dense.tflite");
  auto second = bring("dense_negated.tflite");
  ASSERT_OK(first->run({&x, 1}, {&y, 1}));
  ASSERT_OK(second->run({&x, 1}, {&z, 1}));
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(y.data<float>()[i], -z.data<float>()[i], 1e-4);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace edgert::conformance
