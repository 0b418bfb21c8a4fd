// What runs take among other work, and devices that draw from it.
#include "edgert/device/sim/among.h"

#include <gtest/gtest.h>

#include "edgert/device/sim/sim_device.h"
#include "edgert/infer/neighbour.h"

namespace edgert {
namespace {

AmongQuantiles always(double ns) {
  return AmongQuantiles(kAmongCount, ns);
}

TEST(AmongTest, SharesBetweenQuantilesAreInProportion) {
  const AmongQuantiles quantiles{1, 2, 3, 5, 8, 13, 21, 34, 55};
  EXPECT_DOUBLE_EQ(at_share(quantiles, 0.0), 1);
  EXPECT_DOUBLE_EQ(at_share(quantiles, 0.5), 5);
  EXPECT_DOUBLE_EQ(at_share(quantiles, 0.375), 4);
  EXPECT_DOUBLE_EQ(at_share(quantiles, 0.99), 34);
  EXPECT_DOUBLE_EQ(at_share(quantiles, 1.0), 55);
}

TEST(AmongTest, LanesAtWorkSlowAsMeasured) {
  AmongTimes times;
  times.models = {{{1, always(100)}, {2, always(120)}, {4, always(200)}}, {}};
  const Among among(times);
  EXPECT_TRUE(among.knows(0));
  EXPECT_FALSE(among.knows(1));
  EXPECT_FALSE(among.knows(7));
  EXPECT_DOUBLE_EQ(among.length(0, false, 0.3), 100);
  EXPECT_DOUBLE_EQ(among.slowdown(0, false, 1, 0.5), 1);
  EXPECT_DOUBLE_EQ(among.slowdown(0, false, 2, 0.5), 1.2);
  EXPECT_DOUBLE_EQ(among.slowdown(0, false, 3, 0.5), 1.6);
  EXPECT_DOUBLE_EQ(among.slowdown(0, false, 9, 0.5), 2);
  EXPECT_DOUBLE_EQ(among.wake(0.5), 0);
}

TEST(AmongTest, WhatIsRareIsSlowedAsItWasMeasured) {
  AmongQuantiles disturbed = always(110);
  disturbed.back() = 500;
  AmongTimes times;
  times.models = {{{1, always(100)}, {2, disturbed}}};
  const Among among(times);
  EXPECT_DOUBLE_EQ(among.slowdown(0, false, 2, 0.5), 1.1);
  EXPECT_DOUBLE_EQ(among.slowdown(0, false, 2, 1.0), 5);
  EXPECT_DOUBLE_EQ(among.slowdown(0, false, 1, 1.0), 1);
}

TEST(AmongTest, AgainIsKnownWhereEveryNumberOfLanesHasIt) {
  AmongTimes times;
  times.models = {{{1, always(100), always(80)}, {2, always(120), always(88)}},
                  {{1, always(100), always(80)}, {2, always(120)}}};
  const Among among(times);
  EXPECT_TRUE(among.knows_again(0));
  EXPECT_FALSE(among.knows_again(1));
  EXPECT_FALSE(among.knows_again(2));
  EXPECT_DOUBLE_EQ(among.length(0, true, 0.5), 80);
  EXPECT_DOUBLE_EQ(among.slowdown(0, true, 2, 0.5), 1.1);
}

// Two models of 100 ns alone and 150 among other work, whose lanes take 40 to wake.
class AmongDevice : public testing::Test {
 protected:
  AmongDevice() : clock_(1000) {
    for (ModelTimes& model : times_.models) model.points = {{1, 1, 1, 100, 100, 100, 0}};
    among_.models = {{{1, always(150)}, {2, always(300)}}, {{1, always(150)}}};
    among_.wake = always(40);
    among_.cores = 1;
  }
  // How long a run takes that begins now.
  Nanos took(SimDevice& device, int model, int stream = 0) {
    StreamRun run;
    run.model = model;
    EXPECT_TRUE(device.enqueue(stream, run).ok());
    return finish(device);
  }
  Nanos finish(SimDevice& device) {
    clock_.set(device.next());
    Completion done;
    EXPECT_TRUE(device.take(done));
    return done.ended - done.started;
  }

  Clock clock_;
  DeviceTimes times_{std::vector<ModelTimes>(2), {}};
  AmongTimes among_;
};

TEST_F(AmongDevice, WhoFollowsItselfFindsTheCoreAsItLeftIt) {
  SimDevice device(times_, {}, clock_, among_);
  EXPECT_EQ(took(device, 0), 190);  // the lane slept
  EXPECT_EQ(took(device, 0), 100);
  EXPECT_EQ(took(device, 1), 150);
  EXPECT_EQ(took(device, 0), 150);
  clock_.set(clock_.now() + 1);
  EXPECT_EQ(took(device, 0), 190);  // after a pause it doesn't
}

TEST_F(AmongDevice, WhoFollowsItselfTakesWhatWasMeasuredOfThat) {
  among_.models = {{{1, always(150), always(110)}}, {{1, always(150)}}};
  SimDevice device(times_, {}, clock_, among_);
  EXPECT_EQ(took(device, 0), 190);  // the lane slept
  EXPECT_EQ(took(device, 0), 110);
  clock_.set(clock_.now() + 1);
  EXPECT_EQ(took(device, 0), 150);  // it slept, and nobody else was there
  EXPECT_EQ(took(device, 1), 150);
  EXPECT_EQ(took(device, 1), 100);  // of this one it wasn't measured
  EXPECT_EQ(took(device, 0), 150);
}

TEST_F(AmongDevice, ARunThatFindsItsStreamIdleIsToldToBegin) {
  times_.models[0].idle = 30;
  SimDevice device(times_, {1, 2, 0, 1}, clock_);
  StreamRun first, behind;
  first.model = behind.model = 0;
  ASSERT_TRUE(device.enqueue(0, first).ok());
  ASSERT_TRUE(device.enqueue(0, behind).ok());
  EXPECT_EQ(finish(device), 130);
  EXPECT_EQ(finish(device), 100);
  clock_.set(clock_.now() + 1);
  EXPECT_EQ(took(device, 0), 130);
  clock_.set(clock_.now() + 1);
  EXPECT_EQ(took(device, 1), 100);  // of this one it wasn't measured
}

TEST_F(AmongDevice, LanesAtWorkSlowEachOther) {
  SimDevice device(times_, {2, 1, 0, 1}, clock_, among_);
  StreamRun other;
  other.model = 1;
  ASSERT_TRUE(device.enqueue(1, other).ok());
  // 190 of each: model 0 at half its speed until the other one, which isn't slowed, ended.
  StreamRun run;
  run.model = 0;
  ASSERT_TRUE(device.enqueue(0, run).ok());
  EXPECT_EQ(finish(device), 190);
  EXPECT_EQ(finish(device), 190 + 95);
}

TEST_F(AmongDevice, OthersTakeACoreWhereNoneIsFree) {
  SimDevice device(times_, {1, 1, among_.cores, 1}, clock_, among_);
  device.interrupt(1000);  // nobody runs
  StreamRun run;
  run.model = 0;
  ASSERT_TRUE(device.enqueue(0, run).ok());
  device.interrupt(25);
  EXPECT_EQ(finish(device), 190 + 25);
  SimDevice roomy(times_, {1, 1, 2, 1}, clock_, among_);
  ASSERT_TRUE(roomy.enqueue(0, run).ok());
  roomy.interrupt(25);
  EXPECT_EQ(finish(roomy), 190);
}

TEST(NeighbourTest, SortsOtherNumbersEachTime) {
  Neighbour first(1), same(1), other(2);
  const std::uint32_t median = first.run();
  EXPECT_EQ(same.run(), median);
  EXPECT_NE(other.run(), median);
  EXPECT_NE(first.run(), median);
}

}  // namespace
}  // namespace edgert
