// Frames of several sensors joined by time: the same pairs however threads race, and answers for
// every frame whatever the other sensor does.
#include <algorithm>
#include <cmath>
#include <random>
#include <thread>

#include "plan_fixture.h"

namespace edgert::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

JoinOptions by(const std::string& how, double tolerance_ms, const std::string& clock = "media") {
  JoinOptions options;
  options.by = how;
  options.tolerance_ms = tolerance_ms;
  options.clock = clock;
  return options;
}

// Times of a stream in milliseconds; value i belongs to the i-th.
std::vector<Nanos> some_times(int count, int step, int jitter, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<Nanos> times;
  for (int i = 0; i < count; ++i)
    times.push_back(i * step + static_cast<int>(random() % static_cast<unsigned>(jitter + 1)));
  return times;
}

// The index of what belongs to `time`, or -1: looked up in the whole, as joins must find it.
int nearest(const std::vector<Nanos>& times, Nanos time, Nanos tolerance) {
  int best = -1;
  for (std::size_t i = 0; i < times.size(); ++i)
    if (std::abs(times[i] - time) <= tolerance &&
        (best < 0 ||
         std::abs(times[i] - time) < std::abs(times[static_cast<std::size_t>(best)] - time)))
      best = static_cast<int>(i);
  return best;
}

std::thread feed(Running& running, const std::string& sensor, std::vector<Nanos> times) {
  return std::thread([&running, sensor, times = std::move(times)] {
    for (std::size_t i = 0; i < times.size(); ++i)
      running.push(sensor, {static_cast<float>(i), static_cast<float>(times[i])}, 2, times[i]);
    running.sensor(sensor).finish();
  });
}

bool skipped(const Answer& answer) {
  return answer.outputs[0].status.code() == Code::kSkipped;
}

float first(const Answer& answer) {
  EXPECT_TRUE(answer.outputs[0].status.ok()) << answer.outputs[0].status.message();
  return answer.outputs[0].entries.empty() ? NAN : floats(answer.outputs[0].entries[0].tensor)[0];
}

TEST(RuntimeJoin, RecordingsGiveTheSamePairsHoweverTheyRace) {
  const std::vector<Nanos> camera = some_times(300, 40, 15, 1), watch = some_times(900, 13, 5, 2);
  for (int lanes : {1, 2, 4}) {
    TestPlan plan;
    const ValueRef frame = plan.sensor("camera"), other = plan.sensor("watch");
    const int slow = plan.model("slow", "1x2", "echo\nwork_us 50\n");
    const ValueRef kept = lanes == 2 ? plan.run(slow, plan.rows(other)) : plan.rows(other);
    plan.pipeline("p", must(plan.builder.join(frame, kept, by("nearest", 9))));
    Running running(plan, lanes);
    running.attach("p");
    running.runtime->start();
    std::thread one = feed(running, "camera", camera), two = feed(running, "watch", watch);
    const std::vector<Answer> answers = running.rest("p");
    one.join();
    two.join();
    ASSERT_EQ(answers.size(), camera.size());
    for (std::size_t i = 0; i < camera.size(); ++i) {
      const int wanted = nearest(watch, camera[i], 9);
      ASSERT_EQ(skipped(answers[i]), wanted < 0) << i;
      if (wanted >= 0) {
        ASSERT_EQ(first(answers[i]), static_cast<float>(wanted)) << i;
      }
    }
  }
}

// The watch gives thousands of rows while the camera gives one: it must not run away from it.
TEST(RuntimeJoin, AFastRecordingWaitsForASlowOne) {
  TestPlan plan;
  const ValueRef frame = plan.sensor("camera"), other = plan.sensor("watch");
  const int slow = plan.model("slow", "1x2", "echo\ndelay_us 20000\n", 1);
  plan.pipeline("p", must(plan.builder.join(frame, plan.rows(other), by("latest", 1000))));
  plan.pipeline("slow", plan.run(slow, plan.rows(frame)));
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  const std::vector<Nanos> camera = some_times(20, 500, 0, 1), watch = some_times(10000, 1, 0, 2);
  std::thread one = feed(running, "camera", camera), two = feed(running, "watch", watch);
  const std::vector<Answer> answers = running.rest("p");
  one.join();
  two.join();
  ASSERT_EQ(answers.size(), 20u);
  for (std::size_t i = 0; i < answers.size(); ++i)
    EXPECT_EQ(first(answers[i]), static_cast<float>(500 * i));
}

TEST(RuntimeJoin, RowsAreInterpolatedToTheFramesTime) {
  TestPlan plan;
  const ValueRef frame = plan.sensor("camera"), other = plan.sensor("watch");
  plan.pipeline("p", must(plan.builder.join(frame, plan.rows(other), by("interpolate", 20))));
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  for (Nanos time : {0, 10, 20, 60}) running.push("watch", {static_cast<float>(time), -1}, 2, time);
  running.sensor("watch").finish();
  const std::vector<Nanos> camera{0, 5, 13, 20, 30, 60, 70};
  std::thread source = feed(running, "camera", camera);
  const std::vector<Answer> answers = running.rest("p");
  source.join();
  ASSERT_EQ(answers.size(), camera.size());
  for (std::size_t i : {0u, 1u, 2u, 3u, 5u})
    EXPECT_FLOAT_EQ(first(answers[i]), static_cast<float>(camera[i]));
  EXPECT_TRUE(skipped(answers[4]));  // 60 is beyond the tolerance
  EXPECT_TRUE(skipped(answers[6]));
  const NodeSnapshot join = running.node("join table.select");
  EXPECT_EQ(join.joins[0], 5);
  EXPECT_EQ(join.joins[0] + join.joins[1] + join.joins[3], 7);
}

// Frames of four rows: each row is a sample with its own time.
TEST(RuntimeJoin, EachRowOfATableHasItsTime) {
  TestPlan plan;
  const ValueRef frame = plan.sensor("camera"), other = plan.sensor("watch", {}, 1, 4);
  JoinOptions options = by("nearest", 4);
  options.rows = true;
  plan.pipeline("p", must(plan.builder.join(frame, plan.rows(other), options)));
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  running.push("watch", {0, 1, 2, 3}, 1, 0);  // at 100 Hz: 0, 10, 20, 30 ms
  running.push("watch", {4, 5, 6, 7}, 1, 40);
  running.sensor("watch").finish();
  std::thread source = feed(running, "camera", {0, 11, 29, 35, 52});
  const std::vector<Answer> answers = running.rest("p");
  source.join();
  ASSERT_EQ(answers.size(), 5u);
  EXPECT_EQ(answers[0].outputs[0].entries[0].tensor.shape(), Shape({1}));
  EXPECT_EQ(first(answers[1]), 1);
  EXPECT_EQ(first(answers[2]), 3);
  EXPECT_TRUE(skipped(answers[3]));
  EXPECT_EQ(first(answers[4]), 5);
}

// Windows of three rows every two, each counted at its end.
TEST(RuntimeJoin, WindowsCountAtTheirEnd) {
  TestPlan plan;
  const ValueRef frame = plan.sensor("camera"), other = plan.sensor("watch", {}, 1, 8);
  const ValueRef windows =
      plan.transform("table.window", {{"size", std::int64_t{3}}, {"hop", std::int64_t{2}}},
                     {plan.rows(other), other});
  const ValueRef inner = plan.run(plan.model("m", "3x1"), plan.region(windows));
  plan.pipeline("p", must(plan.builder.join(frame, inner, by("latest", 1000))));
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  running.push("watch", {0, 1, 2, 3, 4}, 1, 0);   // windows 0..2 and 2..4 end at 30 and 50 ms
  running.push("watch", {5, 6, 7, 8, 9}, 1, 50);  // 4..6 at 70, 6..8 at 90
  running.sensor("watch").finish();
  std::thread source = feed(running, "camera", {29, 30, 49, 50, 69, 70, 200});
  const std::vector<Answer> answers = running.rest("p");
  source.join();
  ASSERT_EQ(answers.size(), 7u);
  EXPECT_TRUE(skipped(answers[0]));
  const std::vector<float> wanted{0, 0, 2, 2, 4, 6};
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_EQ(first(answers[i + 1]), wanted[i]) << i;
}

// A condition on the watch closes its model; what it gave before is what there is.
TEST(RuntimeJoin, WhatAClosedConditionKeepsAwayIsNotThere) {
  TestPlan plan;
  const ValueRef frame = plan.sensor("camera"), other = plan.sensor("watch");
  const ValueRef rows = plan.rows(other);
  const int gate = plan.gate(rows, 0.5);
  JoinOptions options = by("latest", 25);
  options.under = ValueRef{gate, 0};
  const ValueRef model = plan.run(plan.model("m"), rows, "gated");
  plan.pipeline("p", must(plan.builder.join(frame, model, options)));
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  running.push("watch", {1, 0}, 2, 0);
  running.push("watch", {0, 0}, 2, 20);
  running.push("watch", {0, 0}, 2, 40);
  running.push("watch", {2, 0}, 2, 60);
  running.sensor("watch").finish();
  std::thread source = feed(running, "camera", {10, 25, 30, 60});
  const std::vector<Answer> answers = running.rest("p");
  source.join();
  ASSERT_EQ(answers.size(), 4u);
  EXPECT_EQ(first(answers[0]), 1);
  EXPECT_EQ(first(answers[1]), 1);
  EXPECT_TRUE(skipped(answers[2]));
  EXPECT_EQ(first(answers[3]), 2);
  EXPECT_EQ(running.node("gated").executed, 2);
}

TEST(RuntimeJoin, LiveSensorsMeetByCaptureTime) {
  TestPlan plan;
  const ValueRef frame = plan.sensor("camera"), other = plan.sensor("watch");
  plan.pipeline("p", must(plan.builder.join(frame, plan.rows(other), by("nearest", 5, "capture"))));
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  const Nanos zero = now();
  const auto push = [&](const std::string& sensor, float value, Nanos ms) {
    FrameRef made = table_frame({value, 0}, 2, 123456);  // the media times are of no account
    made->capture = zero + ms * kMillisecond;
    must(running.sensor(sensor).push(std::move(made)));
  };
  push("watch", 1, 0);
  push("watch", 2, 10);
  push("camera", 0, 7);
  EXPECT_EQ(first(running.next("p")), 2);
  push("camera", 0, 12);
  EXPECT_EQ(first(running.next("p")), 2);  // nothing more comes: the wait ends
  push("camera", 0, 40);
  EXPECT_TRUE(skipped(running.next("p")));
  running.runtime->stop();
  const NodeSnapshot join = running.node("join table.select");
  EXPECT_EQ(join.joins[0], 2);
  EXPECT_EQ(join.joins[2], 1);
}

TEST(RuntimeJoin, ASensorThatNeverComesIsWaitedForOnlySoLong) {
  TestPlan plan;
  const ValueRef frame = plan.sensor("camera", {InboxPolicy::kBlock, 4, 2});
  JoinOptions options = by("nearest", 5, "capture");
  options.wait_ms = 1;
  plan.pipeline("p", must(plan.builder.join(frame, plan.rows(plan.sensor("watch")), options)));
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  std::thread source = feed(running, "camera", some_times(50, 1, 0, 1));
  const std::vector<Answer> answers = running.rest("p");
  source.join();
  ASSERT_EQ(answers.size(), 50u);
  EXPECT_TRUE(std::ranges::all_of(answers, skipped));
  EXPECT_EQ(running.node("join table.select").joins[2], 50);
}

TEST(RuntimeJoin, WhoRestsIsNotWaitedForUntilItComesBack) {
  TestPlan plan;
  const ValueRef frame = plan.sensor("camera"), other = plan.sensor("watch");
  JoinOptions options = by("nearest", 5);
  options.wait_ms = 1e8;
  plan.pipeline("p", must(plan.builder.join(frame, plan.rows(other), options)));
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  running.push("camera", {0, 0}, 2, 10);
  EXPECT_FALSE(running.runtime->next(running.pipeline("p"), *std::make_unique<Answer>(), now()));
  must(running.runtime->rest("watch", true));
  EXPECT_THAT(std::string(running.next("p").outputs[0].status.message()),
              HasSubstr("gives no frames"));
  running.push("camera", {0, 0}, 2, 20);
  EXPECT_TRUE(skipped(running.next("p")));
  must(running.runtime->rest("watch", false));
  running.push("camera", {0, 0}, 2, 30);
  running.push("watch", {7, 0}, 2, 30);
  EXPECT_EQ(first(running.next("p")), 7);
  running.sensor("watch").finish();
  running.push("camera", {0, 0}, 2, 40);
  EXPECT_TRUE(skipped(running.next("p")));
  must(running.runtime->reopen("watch"));
  running.push("camera", {0, 0}, 2, 50);
  running.push("watch", {8, 0}, 2, 51);
  EXPECT_EQ(first(running.next("p")), 8);
  EXPECT_FALSE(must(running.runtime->sensor("watch"))->resting());
  running.runtime->stop();
}

TEST(RuntimeJoin, StoppingWhileFramesWaitEnds) {
  for (bool drain : {true, false}) {
    TestPlan plan;
    const ValueRef frame = plan.sensor("camera"), other = plan.sensor("watch");
    JoinOptions options = by("nearest", 5);
    options.wait_ms = 1e8;
    plan.pipeline("p", must(plan.builder.join(frame, plan.rows(other), options)));
    Running running(plan);
    running.attach("p");
    running.runtime->start();
    for (int i = 0; i < 4; ++i) running.push("camera", {0, 0}, 2, i);
    running.runtime->stop(drain, 20 * kSecond);
    EXPECT_EQ(running.rest("p").size(), drain ? 4u : 0u);
  }
}

// Each waits for the other, and both have few frames under way.
TEST(RuntimeJoin, SensorsThatJoinEachOtherGoOn) {
  const std::vector<Nanos> a = some_times(200, 10, 9, 3), b = some_times(200, 10, 9, 4);
  TestPlan plan;
  const SensorOptions narrow{InboxPolicy::kBlock, 1, 1};
  const ValueRef one = plan.sensor("a", narrow), two = plan.sensor("b", narrow);
  plan.pipeline("p", must(plan.builder.join(one, plan.rows(two), by("nearest", 500))));
  PipelineSpec other = TestPlan::pipeline_of(
      "q", {{"out", must(plan.builder.join(two, plan.rows(one), by("nearest", 500))), -1}}, 1);
  plan.add(other);
  Running running(plan, 3);
  running.runtime->start();
  std::vector<float> pairs;
  running.attach("p");
  std::thread first_source = feed(running, "a", a), second_source = feed(running, "b", b);
  for (const Answer& answer : running.rest("p")) pairs.push_back(first(answer));
  first_source.join();
  second_source.join();
  ASSERT_EQ(pairs.size(), a.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    ASSERT_EQ(pairs[i], static_cast<float>(nearest(b, a[i], 500))) << i;
}

// The camera asks the watch for what the watch got from the microphone.
TEST(RuntimeJoin, JoinsOfJoinsKeepAllThatTheyNeedGoing) {
  TestPlan plan;
  const ValueRef camera = plan.sensor("camera"), watch = plan.sensor("watch");
  const ValueRef heard =
      must(plan.builder.join(watch, plan.rows(plan.sensor("mic")), by("latest", 100)));
  const ValueRef model = plan.run(plan.model("m"), heard);
  plan.pipeline("p", must(plan.builder.join(camera, model, by("latest", 100))));
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  std::vector<std::thread> sources;
  sources.push_back(feed(running, "camera", {10, 50, 90}));
  sources.push_back(feed(running, "watch", {0, 40, 80}));
  sources.push_back(feed(running, "mic", {0, 30, 60, 90}));
  const std::vector<Answer> answers = running.rest("p");
  for (std::thread& source : sources) source.join();
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_EQ(first(answers[0]), 0);
  EXPECT_EQ(first(answers[1]), 1);
  EXPECT_EQ(first(answers[2]), 2);
}

TEST(RuntimeJoin, EqualJoinsAreOneNodeAndStreamsAreKeptOnce) {
  TestPlan plan;
  const ValueRef frame = plan.sensor("camera"), other = plan.sensor("watch");
  const ValueRef rows = plan.rows(other);
  const ValueRef near = must(plan.builder.join(frame, rows, by("nearest", 5)));
  EXPECT_EQ(must(plan.builder.join(frame, rows, by("nearest", 5))), near);
  const ValueRef last = must(plan.builder.join(frame, rows, by("latest", 5)));
  EXPECT_NE(last, near);
  EXPECT_EQ(plan.builder.node(last.node).inputs[1], plan.builder.node(near.node).inputs[1]);
  plan.pipeline("p", near);
  plan.pipeline("q", last);
  const std::string bytes = serialise_plan(must(plan.builder.finish()));
  EXPECT_EQ(serialise_plan(must(parse_plan(bytes, "plan"))), bytes);
  Running running(plan);
  running.attach("p");
  running.attach("q");
  running.runtime->start();
  running.push("watch", {1, 0}, 2, 10);
  running.sensor("watch").finish();
  running.push("camera", {0, 0}, 2, 8);
  EXPECT_EQ(first(running.next("p")), 1);
  EXPECT_TRUE(skipped(running.next("q")));
  running.runtime->stop();
  EXPECT_EQ(running.node("keep table.select").executed, 1);
  EXPECT_EQ(running.node("keep table.select").demanded, 2);
}

std::string refused(Result<ValueRef> result) {
  return result.ok() ? "" : result.status().message();
}

TEST(RuntimeJoin, WhatCanNotBeJoinedIsRefused) {
  TestPlan plan;
  const ValueRef frame = plan.sensor("camera"), other = plan.sensor("watch");
  const ValueRef rows = plan.rows(other);
  PlanBuilder& builder = plan.builder;
  EXPECT_THAT(refused(builder.join(frame, plan.rows(frame), by("nearest", 5))),
              HasSubstr("of the same sensor"));
  EXPECT_THAT(refused(builder.join(frame, other, by("nearest", 5))), HasSubstr("gives frames"));
  EXPECT_THAT(refused(builder.join(rows, plan.rows(frame), by("nearest", 5))),
              HasSubstr("needs the frame that asks"));
  EXPECT_THAT(refused(builder.join(frame, rows, by("nearest", 0))), HasSubstr("above 0"));
  EXPECT_THAT(refused(builder.join(frame, rows, by("nearest", -1))), HasSubstr("above 0"));
  EXPECT_THAT(refused(builder.join(frame, rows, by("nearest", NAN))), HasSubstr("above 0"));
  EXPECT_THAT(refused(builder.join(frame, rows, {})), HasSubstr("needs a tolerance"));
  EXPECT_THAT(refused(builder.join(frame, rows, by("closest", 5))), HasSubstr("is unknown"));
  EXPECT_THAT(refused(builder.join(frame, rows, by("nearest", 5, "wall"))),
              HasSubstr("is unknown"));
  const ValueRef whole = plan.transform("tensor.cast", {{"dtype", std::string("int32")}}, {rows});
  EXPECT_THAT(refused(builder.join(frame, whole, by("interpolate", 5))),
              HasSubstr("can't interpolate int32"));
  const ValueRef places = plan.transform("answer.classes", {{"top", std::int64_t{2}}}, {rows});
  EXPECT_THAT(refused(builder.join(frame, plan.region(places), by("nearest", 5))),
              HasSubstr("gather the regions' results first"));
  const ValueRef joined = must(builder.join(frame, rows, by("nearest", 5)));
  const auto beside = builder.transform("tensor.concat", {}, {joined, rows});
  ASSERT_FALSE(beside.ok());
  EXPECT_THAT(beside.status().message(), HasSubstr("join the other sensor's stream"));
}

}  // namespace
}  // namespace edgert::testing
