// What a kept stream answers, with made-up times: one thread, a clock that stands where it is put.
#include "edgert/plan/join_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

namespace edgert {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Nanos kMs = kMillisecond;
Clock the_clock{kSecond};

// A history with shorthand: times are milliseconds, a sample's value is a number.
class Met {
 public:
  explicit Met(JoinClock clock = JoinClock::kMedia, std::size_t most = 8)
      : history(0, clock, most, 4) {
    the_clock.set(kSecond);
  }
  int joiner(JoinBy by, Nanos tolerance, Nanos wait = 100, int sensor = 1) {
    return history.add_joiner({by, tolerance < 0 ? kNever : tolerance * kMs, wait * kMs}, sensor);
  }
  void sample(Nanos time, float value) {
    Tensor tensor = allocate_tensor(DType::kFloat32, {1});
    *tensor.data<float>() = value;
    JoinSample* made = history.blank();
    made->time = made->upto = time * kMs;
    made->empty = false;
    made->value = tensor;
    history.add(made);
    settle();
  }
  void pass(Nanos upto) {
    JoinSample* made = history.blank();
    made->upto = upto * kMs;
    made->empty = true;
    history.add(made);
    settle();
  }
  JoinQuery& ask(int joiner, Nanos time, bool passes = false) {
    JoinQuery& query = queries_.emplace_back();
    query.joiner = joiner;
    query.time = time * kMs;
    query.answer = passes ? JoinAnswer::kPassed : JoinAnswer::kOpen;
    history.ask(&query);
    settle();
    return query;
  }
  void wait(Nanos ms) {
    the_clock.set(the_clock.now() + ms * kMs);
    history.timer_fired();
    settle();
  }
  void settle() {
    const JoinHistory::Settled settled = history.settle(the_clock);
    for (JoinQuery* query = settled.answered; query; query = query->next) answered.push_back(query);
    rooms += settled.room;
    look_at = settled.look_at;
  }
  float value(const JoinQuery& query) {
    EXPECT_EQ(query.answer, JoinAnswer::kMatched);
    return query.before ? *query.before.data<float>() : -1;
  }

  JoinHistory history;
  std::vector<JoinQuery*> answered;
  int rooms = 0;
  Nanos look_at = kNever;

 private:
  std::deque<JoinQuery> queries_;
};

TEST(JoinHistory, NearestIsKnownWhenTheStreamHasPassedWhatCouldBeNearer) {
  Met met;
  const int joiner = met.joiner(JoinBy::kNearest, 50);
  met.sample(100, 1);
  JoinQuery& query = met.ask(joiner, 120);
  EXPECT_EQ(query.answer, JoinAnswer::kOpen);  // one at 121 would be nearer
  met.pass(139);
  EXPECT_THAT(met.answered, IsEmpty());
  met.pass(140);
  EXPECT_THAT(met.answered, ElementsAre(&query));
  EXPECT_EQ(met.value(query), 1);
}

TEST(JoinHistory, NearestTakesTheLaterOneWhereThatIsNearer) {
  Met met;
  const int joiner = met.joiner(JoinBy::kNearest, 50);
  met.sample(100, 1);
  met.sample(130, 2);
  EXPECT_EQ(met.value(met.ask(joiner, 116)), 2);
  EXPECT_EQ(met.value(met.ask(joiner, 130)), 2);
}

TEST(JoinHistory, OfTwoThatAreAsNearTheEarlierOneIsTaken) {
  Met met;
  const int joiner = met.joiner(JoinBy::kNearest, 50);
  met.sample(100, 1);
  met.sample(130, 2);
  EXPECT_EQ(met.value(met.ask(joiner, 115)), 1);
}

TEST(JoinHistory, WhatLiesBeyondTheToleranceIsMissing) {
  Met met;
  const int joiner = met.joiner(JoinBy::kNearest, 10);
  met.sample(100, 1);
  JoinQuery& query = met.ask(joiner, 111);
  EXPECT_EQ(query.answer, JoinAnswer::kOpen);
  met.sample(122, 2);
  EXPECT_EQ(query.answer, JoinAnswer::kMissing);
  EXPECT_EQ(met.value(met.ask(joiner, 112)), 2);  // at the tolerance itself it counts
}

TEST(JoinHistory, LatestIsTheLastOneAtOrBefore) {
  Met met;
  const int joiner = met.joiner(JoinBy::kLatest, -1);
  met.sample(100, 1);
  JoinQuery& query = met.ask(joiner, 150);
  EXPECT_EQ(query.answer, JoinAnswer::kOpen);
  met.sample(150, 2);
  EXPECT_EQ(met.value(query), 2);
  met.sample(200, 3);
  EXPECT_EQ(met.value(met.ask(joiner, 199)), 2);
}

TEST(JoinHistory, LatestBeforeTheFirstSampleIsMissing) {
  Met met;
  const int joiner = met.joiner(JoinBy::kLatest, -1);
  met.sample(100, 1);
  EXPECT_EQ(met.ask(joiner, 99).answer, JoinAnswer::kMissing);
}

TEST(JoinHistory, InterpolationNeedsBothNeighboursWithinTheTolerance) {
  Met met;
  const int joiner = met.joiner(JoinBy::kInterpolate, 40);
  met.sample(100, 1);
  JoinQuery& between = met.ask(joiner, 110);
  EXPECT_EQ(between.answer, JoinAnswer::kOpen);
  met.sample(140, 5);
  ASSERT_EQ(between.answer, JoinAnswer::kMatched);
  EXPECT_EQ(*between.before.data<float>(), 1);
  EXPECT_EQ(*between.after.data<float>(), 5);
  EXPECT_DOUBLE_EQ(between.share, 0.25);
  JoinQuery& exact = met.ask(joiner, 140);
  EXPECT_EQ(met.value(exact), 5);
  EXPECT_FALSE(exact.after);
  JoinQuery& far = met.ask(joiner, 181);
  EXPECT_EQ(far.answer, JoinAnswer::kOpen);  // a sample right at 181 would do
  met.sample(190, 6);
  EXPECT_EQ(far.answer, JoinAnswer::kMissing);
}

TEST(JoinHistory, AQuestionWaitsNoLongerThanItsPatience) {
  Met met(JoinClock::kCapture);
  const int joiner = met.joiner(JoinBy::kNearest, 50, 100);
  met.sample(100, 1);
  JoinQuery& near = met.ask(joiner, 120);
  JoinQuery& far = met.ask(joiner, 500);
  EXPECT_EQ(met.look_at, kNever);  // the first question set the timer
  met.wait(99);
  EXPECT_THAT(met.answered, IsEmpty());
  met.wait(1);
  EXPECT_THAT(met.answered, ElementsAre(&near, &far));
  EXPECT_EQ(met.value(near), 1);  // the best that was there
  EXPECT_EQ(far.answer, JoinAnswer::kLate);
}

TEST(JoinHistory, OfRecordingsPatienceBeginsAnewWhenTheStreamMoves) {
  Met met(JoinClock::kMedia);
  const int joiner = met.joiner(JoinBy::kNearest, 50, 100);
  JoinQuery& query = met.ask(joiner, 500);
  for (Nanos time = 0; time < 400; time += 50) {
    met.wait(80);
    met.sample(time, 1);
  }
  EXPECT_EQ(query.answer, JoinAnswer::kOpen);
  met.wait(100);
  EXPECT_EQ(query.answer, JoinAnswer::kLate);
}

TEST(JoinHistory, WhoEndsOrRestsIsNotWaitedFor) {
  Met met;
  const int joiner = met.joiner(JoinBy::kNearest, 50);
  met.sample(100, 1);
  JoinQuery& near = met.ask(joiner, 120);
  JoinQuery& far = met.ask(joiner, 151);
  met.history.set_ended(true);
  met.settle();
  EXPECT_EQ(met.value(near), 1);
  EXPECT_EQ(far.answer, JoinAnswer::kAbsent);
  met.history.set_ended(false);
  EXPECT_EQ(met.ask(joiner, 152).answer, JoinAnswer::kOpen);
  met.history.set_resting(true);
  met.settle();
  EXPECT_EQ(met.answered.back()->answer, JoinAnswer::kAbsent);
}

TEST(JoinHistory, WithoutATimerNobodyWaits) {
  Met met;
  JoinQuery& query = met.ask(met.joiner(JoinBy::kNearest, 50), 100);
  met.history.no_timer();
  met.settle();
  EXPECT_EQ(query.answer, JoinAnswer::kLate);
}

TEST(JoinHistory, WhatNobodyCanAskForGoes) {
  Met met;
  const int fast = met.joiner(JoinBy::kNearest, 50), slow = met.joiner(JoinBy::kLatest, -1);
  for (int i = 0; i < 6; ++i) met.sample(10 * i, static_cast<float>(i));
  met.ask(fast, 45);
  EXPECT_EQ(met.history.kept(), 6);  // the slow one may ask for all of them
  EXPECT_EQ(met.value(met.ask(slow, 25)), 2);
  EXPECT_EQ(met.history.kept(), 4);  // from 20 on
  met.ask(slow, 40, true);           // it passed without a question
  EXPECT_EQ(met.history.kept(), 2);
  met.history.set_gone(slow, true);
  met.ask(fast, 50);
  EXPECT_EQ(met.history.kept(), 1);
}

TEST(JoinHistory, ARecordingIsHeldBackUntilThoseWhoAskComeNearer) {
  Met met(JoinClock::kMedia, 4);
  const int joiner = met.joiner(JoinBy::kNearest, 50);
  for (int i = 0; i < 4; ++i) met.sample(10 * i, static_cast<float>(i));
  EXPECT_TRUE(met.history.full());
  EXPECT_EQ(met.rooms, 0);
  EXPECT_EQ(met.value(met.ask(joiner, 10)), 1);
  EXPECT_FALSE(met.history.full());
  EXPECT_EQ(met.rooms, 1);
}

TEST(JoinHistory, WhoSeldomAsksHoldsNothingBackThatItsOwnSensorWaitsFor) {
  Met met(JoinClock::kMedia, 4);
  const int often = met.joiner(JoinBy::kLatest, -1, 100, 1),
            seldom = met.joiner(JoinBy::kLatest, -1);
  const int other = met.joiner(JoinBy::kLatest, -1, 100, 2);
  met.sample(0, 0);
  met.ask(often, 0), met.ask(seldom, 0), met.ask(other, 0);
  for (int i = 1; i < 4; ++i) met.sample(10 * i, static_cast<float>(i));
  EXPECT_TRUE(met.history.full());
  JoinQuery& query = met.ask(often, 100);
  EXPECT_EQ(query.answer, JoinAnswer::kOpen);
  EXPECT_TRUE(met.history.full());  // the other sensor may still be at 0
  met.ask(other, 35);
  EXPECT_FALSE(met.history.full());
  EXPECT_EQ(met.history.lost(), 0);
  met.sample(100, 9);
  EXPECT_EQ(met.value(query), 9);
  EXPECT_EQ(met.value(met.ask(seldom, 100)), 9);
}

TEST(JoinHistory, NobodyIsHeldBackForOneWhoDoesNotMove) {
  Met met(JoinClock::kMedia, 4);
  const int joiner = met.joiner(JoinBy::kNearest, 5, 100);
  for (int i = 0; i < 4; ++i) met.sample(10 * i, static_cast<float>(i));
  EXPECT_LT(met.look_at, kNever);
  met.wait(100);
  EXPECT_FALSE(met.history.full());
  EXPECT_EQ(met.rooms, 1);
  for (int i = 4; i < 20; ++i) met.sample(10 * i, static_cast<float>(i));
  EXPECT_EQ(met.history.kept(), 4);
  EXPECT_EQ(met.history.lost(), 16);
  EXPECT_EQ(met.ask(joiner, 150).answer, JoinAnswer::kForgotten);
  EXPECT_EQ(met.value(met.ask(joiner, 161)), 16);
}

TEST(JoinHistory, ALiveStreamLosesItsOldestInstead) {
  Met met(JoinClock::kCapture, 4);
  const int joiner = met.joiner(JoinBy::kNearest, 50);
  for (int i = 0; i < 10; ++i) met.sample(10 * i, static_cast<float>(i));
  EXPECT_FALSE(met.history.full());
  EXPECT_EQ(met.history.kept(), 4);
  EXPECT_EQ(met.value(met.ask(joiner, 20)), 6);  // the nearest of those that are there
}

TEST(JoinHistory, ATimeThatTremblesIsPutInOrder) {
  Met met(JoinClock::kCapture);
  const int joiner = met.joiner(JoinBy::kLatest, -1);
  met.sample(100, 1);
  met.sample(140, 3);
  met.sample(120, 2);
  EXPECT_EQ(met.value(met.ask(joiner, 130)), 2);
  EXPECT_EQ(met.value(met.ask(joiner, 140)), 3);
}

TEST(JoinHistory, ATimeThatGoesBackBeginsAnew) {
  Met met;
  const int joiner = met.joiner(JoinBy::kNearest, 50);
  met.sample(5000, 1);
  met.sample(5010, 2);
  met.sample(0, 3);
  EXPECT_EQ(met.history.kept(), 1);
  JoinQuery& query = met.ask(joiner, 20);
  met.sample(10, 4);
  met.sample(40, 5);
  EXPECT_EQ(met.value(query), 4);
}

TEST(JoinHistory, ValuesAreLetGoWithTheirSamples) {
  Met met;
  const int joiner = met.joiner(JoinBy::kLatest, -1);
  Tensor tensor = allocate_tensor(DType::kFloat32, {1});
  JoinSample* made = met.history.blank();
  made->time = made->upto = 10 * kMs;
  made->empty = false;
  made->value = tensor;
  met.history.add(made);
  met.settle();
  EXPECT_FALSE(tensor.buffer()->unique());
  met.sample(20, 1);
  met.ask(joiner, 30);
  EXPECT_TRUE(tensor.buffer()->unique());
}

TEST(JoinHistory, AFramesTimeIsThatOfItsEnd) {
  Frame* frame = make_frame().detach();
  frame->capture = 5 * kSecond;
  frame->media_time = kSecond;
  FrameFormat format;
  EXPECT_EQ(time_at_end(*frame, format, JoinClock::kCapture), 5 * kSecond);
  frame->kind = format.kind = FrameKind::kAudio;
  format.audio.rate = 16000;
  frame->samples = allocate_tensor(DType::kFloat32, {1600, 1});
  EXPECT_EQ(time_at_end(*frame, format, JoinClock::kMedia), kSecond + 100 * kMs);
  frame->kind = format.kind = FrameKind::kTable;
  format.table.rate = 50;
  frame->samples = allocate_tensor(DType::kFloat32, {3, 2});
  EXPECT_EQ(time_at_end(*frame, format, JoinClock::kMedia), kSecond + 40 * kMs);
  format.table.rate = 0;
  EXPECT_EQ(time_at_end(*frame, format, JoinClock::kMedia), kSecond);
  frame->release();
}

}  // namespace
}  // namespace edgert
