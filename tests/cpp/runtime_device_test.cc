// Models on a device whose runs complete later, in a runtime.
#include <algorithm>
#include <atomic>
#include <thread>

#include "times_fixture.h"

namespace edgert::testing {
namespace {

// Four items in the time of one and a half.
ModelTimes takes_by_fours(Nanos time) {
  ModelTimes times = takes(time);
  const auto four = 1.5 * static_cast<double>(time);
  times.points.push_back({1, 1, 4, four, four, four, 0});
  return times;
}

class DevicePlan : public TestPlan {
 public:
  DevicePlan(int streams, int in_flight) {
    DeviceSpec spec;
    spec.name = "npu";
    spec.streams = streams;
    spec.in_flight = in_flight;
    device = must(builder.device(spec));
  }
  int model_there(const std::string& name, Nanos time, const std::string& shape = "1x2") {
    ModelSpec spec;
    spec.name = name;
    spec.devices = {device};
    spec.file = folder().write(name + ".null", "input x float32 " + shape + "\noutput y float32 " +
                                                   shape + "\necho\n# " + name + "\n");
    const int model = must(builder.model(spec));
    must(builder.run_times(device, model, takes(time)));
    return model;
  }
  int device = -1;
};

PipelineSpec bounded(const std::string& name, ValueRef value, Nanos latency) {
  PipelineSpec spec = TestPlan::pipeline_of(name, {{"out", value, -1}});
  spec.latency = latency;
  return spec;
}

TEST(RuntimeDevice, AModelThereGivesZerosAfterItsTime) {
  DevicePlan plan(1, 2);
  const ValueRef rows = plan.rows(plan.sensor("s"));
  plan.pipeline("there", plan.run(plan.model_there("a", 3 * kMs), rows));
  plan.pipeline("here", plan.run(plan.model("b"), rows));
  Running running(plan);
  running.attach("there");
  running.attach("here");
  running.runtime->start();
  running.push("s", {3, 4});
  const Answer here = running.next("here"), there = running.next("there");
  EXPECT_THAT(floats(here.outputs[0].entries[0].tensor), ::testing::ElementsAre(3, 4));
  EXPECT_THAT(floats(there.outputs[0].entries[0].tensor), ::testing::ElementsAre(0, 0));
  EXPECT_GE(there.stages.models, 3 * kMs);
  running.runtime->stop();
  const Snapshot snapshot = running.runtime->snapshot();
  EXPECT_EQ(snapshot.lanes.back().device, "npu");
  EXPECT_EQ(snapshot.lanes.back().executions, 1);
  EXPECT_GE(snapshot.lanes.back().busy, 3 * kMs);
}

TEST(RuntimeDevice, WhatWaitsThereRunsAsOne) {
  DevicePlan plan(1, 1);
  ModelSpec spec;
  spec.name = "a";
  spec.devices = {plan.device};
  spec.batch = 4;
  spec.file = plan.folder().write("a.null", "input x float32 ?x2\noutput y float32 ?x2\necho\n");
  const int model = must(plan.builder.model(spec));
  must(plan.builder.run_times(plan.device, model, takes_by_fours(20 * kMs)));
  for (int i = 0; i < 5; ++i) {
    const std::string name = std::to_string(i);
    plan.add(TestPlan::pipeline_of(
        "p" + name, {{"out", plan.run(model, plan.rows(plan.sensor(name))), -1}}, i));
  }
  Running running(plan);
  for (int i = 0; i < 5; ++i) running.attach("p" + std::to_string(i));
  running.runtime->start();
  // The first runs at once; the others come while it does.
  for (int i = 0; i < 5; ++i) running.push(std::to_string(i), {1, 2});
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(running.next("p" + std::to_string(i)).outputs[0].entries[0].tensor.shape()[0], 1);
  running.runtime->stop();
  const ModelSnapshot there = running.runtime->snapshot().models[0];
  EXPECT_EQ(there.most_batch, 4);
  std::int64_t items = 0, runs = 0;
  for (std::size_t i = 0; i < there.batches.size(); ++i) {
    items += static_cast<std::int64_t>(i + 1) * there.batches[i];
    runs += there.batches[i];
  }
  EXPECT_EQ(items, 5);
  EXPECT_LT(runs, 5);  // at least two met behind the first
}

TEST(RuntimeDevice, ResultsKeepTheOrderOfFrames) {
  DevicePlan plan(4, 2);
  const ValueRef rows = plan.rows(plan.sensor("s", {InboxPolicy::kBlock, 8, 32}));
  const ValueRef first = plan.run(plan.model_there("a", kMs / 5), rows);
  plan.pipeline("p", plan.run(plan.model("b"), first));
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  std::thread source([&] {
    for (int i = 0; i < 300; ++i) running.push("s", {static_cast<float>(i), 0}, 2, i);
    running.sensor("s").finish();
  });
  const std::vector<Answer> answers = running.rest("p");
  source.join();
  ASSERT_EQ(answers.size(), 300u);
  for (std::size_t i = 0; i < answers.size(); ++i) ASSERT_EQ(answers[i].frame->sequence, i);
}

TEST(RuntimeDevice, WhatExpiresInFlightIsAnsweredAtOnceAndKeepsItsMemory) {
  DevicePlan plan(1, 4);
  plan.add(bounded("p",
                   plan.run(plan.model_there("a", 400 * kMs),
                            plan.rows(plan.sensor("s", {InboxPolicy::kBlock, 8, 8}))),
                   40 * kMs));
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  const Nanos began = now();
  for (int i = 0; i < 3; ++i) running.push("s", {1, 2}, 2, i);
  for (int i = 0; i < 3; ++i) {
    const Answer answer = running.next("p");
    EXPECT_EQ(answer.outcome, Outcome::kDropped);
  }
  // The first run still goes on, with its frame and its buffers; answers didn't wait for it.
  EXPECT_EQ(running.sensor_counts().in_flight, 3);
  EXPECT_LT(now() - began, 400 * kMs);
  running.sensor("s").finish();
  EXPECT_TRUE(running.rest("p").empty());
  EXPECT_EQ(running.sensor_counts().in_flight, 0);
  EXPECT_EQ(running.runtime->snapshot().pipelines[0].count(Outcome::kDropped), 3);
}

TEST(RuntimeDevice, StopsWithEverythingInFlight) {
  DevicePlan plan(2, 2);
  plan.pipeline("p", plan.run(plan.model_there("a", 3600 * kSecond),
                              plan.rows(plan.sensor("s", {InboxPolicy::kQueue, 8, 8}))));
  Running running(plan);
  std::atomic<int> answered{0}, failed{0};
  running.pipeline("p").set_callback([&](const Answer& answer) {
    answered.fetch_add(1);
    failed.fetch_add(answer.outcome != Outcome::kOk);
  });
  running.runtime->start();
  for (int i = 0; i < 6; ++i) running.push("s", {1, 2}, 2, i);
  while (running.sensor_counts().in_flight < 6) std::this_thread::yield();
  running.runtime->stop(true, 20 * kMs);  // the runs would take an hour
  EXPECT_EQ(answered.load(), failed.load());
  EXPECT_LE(answered.load(), 6);
  EXPECT_EQ(running.runtime->snapshot().pipelines[0].results(), answered.load());
}

TEST(RuntimeDevice, RefusesWhatMeansNothing) {
  DevicePlan plan(1, 1);
  const auto message = [&](const std::string& name, const std::string& type, int streams,
                           int in_flight) {
    DeviceSpec spec{name, type, streams, in_flight, {}};
    return plan.builder.device(spec).status().message();
  };
  EXPECT_THAT(message("npu", "sim", 1, 1), ::testing::HasSubstr("is there already"));
  EXPECT_THAT(message("x", "gpu", 1, 1), ::testing::HasSubstr("there is no type"));
  EXPECT_THAT(message("x", "sim", 0, 1), ::testing::HasSubstr("1 to 64"));
  EXPECT_THAT(message("x", "sim", 9, 8), ::testing::HasSubstr("1 to 64"));
  EXPECT_THAT(plan.builder.run_times(3, 0, {}).message(), ::testing::HasSubstr("device"));
  EXPECT_THAT(plan.builder.run_times(0, 3, {}).message(), ::testing::HasSubstr("model"));
}

ApplicationSpec limited(const std::string& name, std::vector<DeviceShare> shares) {
  ApplicationSpec spec;
  spec.name = name;
  spec.device_shares = std::move(shares);
  return spec;
}

TEST(RuntimeDevice, AShareOfOneDeviceLimitsWhatUsesThatDevice) {
  DevicePlan plan(1, 2);
  must(plan.builder.application(limited("test", {{"npu", 1e-6}})));
  const ValueRef rows = plan.rows(plan.sensor("s"));
  PipelineSpec there =
      TestPlan::pipeline_of("there", {{"out", plan.run(plan.model_there("a", 5 * kMs), rows), -1}});
  PipelineSpec here = TestPlan::pipeline_of("here", {{"out", plan.run(plan.model("b"), rows), -1}});
  plan.add(there);
  plan.add(here);
  Running running(plan);
  running.attach("there");
  running.runtime->start();
  running.push("s", {1, 2});
  EXPECT_EQ(running.next("there").outcome, Outcome::kOk);
  // 5 ms of a millionth of a stream are an hour's worth.
  for (int i = 1; i < 5; ++i) running.push("s", {1, 2}, 2, i);
  running.runtime->stop();
  const auto refused = [&](std::size_t pipeline) {
    return running.runtime->snapshot()
        .pipelines[pipeline]
        .not_admitted[static_cast<std::size_t>(Refusal::kShare)];
  };
  EXPECT_EQ(refused(0), 4);
  EXPECT_EQ(refused(1), 0);
}

// With seconds of work admitted to the device, a bound that is shorter is hopeless there, and the
// processor has nothing to do.
TEST(RuntimeDevice, WhatWaitsForADeviceKeepsNobodyFromTheOthers) {
  DevicePlan plan(1, 1);
  const ValueRef full = plan.rows(plan.sensor("full", {InboxPolicy::kQueue, 16, 16}));
  const int busy = plan.model_there("busy", kSecond);
  plan.add(TestPlan::pipeline_of("backlog", {{"out", plan.run(busy, full), -1}}));
  const ValueRef rows = plan.rows(plan.sensor("s"));
  PipelineSpec there = bounded("there", plan.run(plan.model_there("a", kMs), rows), 3 * kSecond);
  PipelineSpec here = bounded("here", plan.run(plan.model("b"), rows), 3 * kSecond);
  there.sensor = here.sensor = 1;
  plan.add(there);
  plan.add(here);
  Running running(plan, 1, Order::kFifo, kSecond);
  for (int i = 0; i < 8; ++i) running.push("full", {1, 2}, 2, i);  // nothing runs yet
  running.push("s", {1, 2});
  const auto refused = [&](std::size_t pipeline) {
    return running.runtime->snapshot()
        .pipelines[pipeline]
        .not_admitted[static_cast<std::size_t>(Refusal::kNoTime)];
  };
  EXPECT_EQ(refused(1), 1);
  EXPECT_EQ(refused(2), 0);
}

}  // namespace
}  // namespace edgert::testing
