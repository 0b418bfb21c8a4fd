#include "edgert/infer/measure.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <numeric>

#include "edgert/infer/registry.h"

namespace edgert {
namespace {

class MeasureTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) / "edgert-measure";
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // A session of a model of words that takes `delay_us` a run.
  std::unique_ptr<Session> open(int delay_us, const std::string& more = "") {
    const auto file = folder_ / ("m" + std::to_string(made_++) + ".null");
    std::ofstream(file) << "input x float32 2x3\noutput y float32 2x3\necho\ndelay_us " << delay_us
                        << "\n"
                        << more;
    auto model = (*find_backend("null"))->load(file, {});
    EXPECT_TRUE(model.ok()) << model.status().message();
    return std::move((*model)->session()).value();
  }

  static MeasuredStep step(Session& session) {
    return {&session, {allocate_tensor(DType::kFloat32, {2, 3})}, std::vector<Tensor>(1)};
  }

  std::filesystem::path folder_;
  int made_ = 0;
};

TEST_F(MeasureTest, EachRunOfEachStepIsTimed) {
  auto quick = open(200), slow = open(2000);
  std::vector<MeasuredLane> lanes(1);
  lanes[0].steps = {step(*quick), step(*slow)};
  MeasureOptions options;
  options.lasting = 50 * kMillisecond;
  const auto measured = measure(lanes, options);
  ASSERT_TRUE(measured.ok()) << measured.status().message();
  ASSERT_EQ(measured->lanes.size(), 1u);
  const LaneTimes& times = measured->lanes[0];
  ASSERT_EQ(times.runs.size(), 2u);
  EXPECT_EQ(times.runs[0].size(), times.runs[1].size());
  EXPECT_GE(times.runs[0].size(), 1u);
  for (const Nanos run : times.runs[0]) EXPECT_GE(run, 200'000);
  for (const Nanos run : times.runs[1]) EXPECT_GE(run, 2'000'000);
  Nanos all = 0;
  for (const auto& runs : times.runs) all += std::accumulate(runs.begin(), runs.end(), Nanos{0});
  EXPECT_GE(times.wall, all);
  EXPECT_GE(times.wall, options.lasting);
}

TEST_F(MeasureTest, RoundsAreBoundedFromBelowAndAbove) {
  auto a = open(1000), b = open(1000);
  std::vector<MeasuredLane> lanes(2);
  lanes[0].steps = {step(*a)};
  lanes[1].steps = {step(*b)};
  MeasureOptions options;
  options.lasting = 0;
  options.least_rounds = 7;
  auto measured = measure(lanes, options);
  ASSERT_TRUE(measured.ok());
  for (const LaneTimes& lane : measured->lanes) EXPECT_EQ(lane.runs[0].size(), 7u);
  options.lasting = kSecond;
  options.most_rounds = 3;
  measured = measure(lanes, options);
  ASSERT_TRUE(measured.ok());
  for (const LaneTimes& lane : measured->lanes) EXPECT_EQ(lane.runs[0].size(), 3u);
}

TEST_F(MeasureTest, OtherWorkBetweenRunsIsNotTimed) {
  auto session = open(100);
  std::vector<MeasuredLane> lanes(1);
  lanes[0].steps = {step(*session)};
  lanes[0].among = true;
  MeasureOptions options;
  options.least_rounds = 5;
  options.lasting = 0;
  const auto measured = measure(lanes, options);
  ASSERT_TRUE(measured.ok());
  const LaneTimes& times = measured->lanes[0];
  ASSERT_EQ(times.runs[0].size(), 5u);
  const Nanos runs = std::accumulate(times.runs[0].begin(), times.runs[0].end(), Nanos{0});
  EXPECT_GT(times.wall, runs + 5);  // sorting takes more than a nanosecond
}

TEST_F(MeasureTest, AFailureEndsAllLanes) {
  auto good = open(100), bad = open(0, "fail \"no luck\"\n");
  std::vector<MeasuredLane> lanes(2);
  lanes[0].steps = {step(*good)};
  lanes[1].steps = {step(*bad)};
  MeasureOptions options;
  options.lasting = 3600 * kSecond;  // the test's own limit would end it
  const auto measured = measure(lanes, options);
  ASSERT_FALSE(measured.ok());
  EXPECT_NE(measured.status().message().find("no luck"), std::string::npos);
}

TEST_F(MeasureTest, NothingToMeasureIsRefused) {
  std::vector<MeasuredLane> lanes;
  EXPECT_EQ(measure(lanes, {}).status().code(), Code::kInvalid);
  lanes.resize(1);
  EXPECT_EQ(measure(lanes, {}).status().code(), Code::kInvalid);
  lanes.resize(257);
  EXPECT_EQ(measure(lanes, {}).status().code(), Code::kInvalid);
}

TEST_F(MeasureTest, LanesCanBeKeptOnACore) {
  auto session = open(100);
  std::vector<MeasuredLane> lanes(1);
  lanes[0].steps = {step(*session)};
  for (const int core : {0, 100000}) {
    lanes[0].core = core;  // one that isn't there means any
    MeasureOptions options;
    options.lasting = kMillisecond;
    EXPECT_TRUE(measure(lanes, options).ok()) << core;
  }
}

}  // namespace
}  // namespace edgert
