// Models that may run on several devices, and are moved between them while frames flow.
#include <set>
#include <thread>

#include "edgert/plan/plan_file.h"
#include "times_fixture.h"

namespace edgert::testing {
namespace {

constexpr int kSoonest = Whereabouts::kSoonest;

// Two simulated devices, and the processor. These give zeros, which tells who ran what.
class PlacesPlan : public TestPlan {
 public:
  explicit PlacesPlan(int streams = 1) {
    for (const char* name : {"npu", "gpu"}) {
      DeviceSpec spec;
      spec.name = name;
      spec.streams = streams;
      devices.push_back(must(builder.device(spec)));
    }
  }
  // First on npu, then on the processor, where it echoes, then on gpu.
  int movable(const std::string& name, Nanos npu, Nanos gpu, int batch = 1,
              const std::string& more = "echo\n") {
    const std::string shape = batch > 1 ? "?x2" : "1x2";
    ModelSpec spec;
    spec.name = name;
    spec.batch = batch;
    spec.devices = {devices[0], -1, devices[1]};
    spec.file = folder().write(name + ".null", "input x float32 " + shape + "\noutput y float32 " +
                                                   shape + "\n" + more + "# " + name + "\n");
    const int model = must(builder.model(spec));
    must(builder.run_times(devices[0], model, takes(npu)));
    must(builder.run_times(devices[1], model, takes(gpu)));
    return model;
  }
  std::vector<int> devices;
};

float first_of(const Answer& answer) {
  return floats(answer.outputs[0].entries[0].tensor)[0];
}

TEST(RuntimePlace, AModelRunsOnTheFirstUntilItIsMoved) {
  PlacesPlan plan;
  plan.pipeline("p", plan.run(plan.movable("a", kMs / 5, kMs / 5), plan.rows(plan.sensor("s"))));
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  const auto one = [&] {
    running.push("s", {3, 4});
    return first_of(running.next("p"));
  };
  EXPECT_EQ(one(), 0);
  EXPECT_EQ(running.model().device, "npu");
  running.runtime->place({1});
  EXPECT_EQ(running.model().device, "cpu");
  EXPECT_EQ(one(), 3);  // the processor echoes
  EXPECT_EQ(one(), 3);
  running.runtime->place({2});
  EXPECT_EQ(one(), 0);
  running.runtime->stop();
  const ModelSnapshot model = running.model();
  ASSERT_EQ(model.places.size(), 3u);
  EXPECT_EQ(model.places[0].executed, 1);
  EXPECT_EQ(model.places[1].executed, 2);
  EXPECT_EQ(model.places[2].executed, 1);
  EXPECT_EQ(model.places[0].run.count, 1);
  EXPECT_EQ(running.node("a").executed, 4);
}

TEST(RuntimePlace, WhatWaitsOnTheOldDeviceRunsThere) {
  PlacesPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s", {InboxPolicy::kBlock, 8, 8}));
  plan.pipeline("p", plan.run(plan.movable("a", 30 * kMs, kMs), rows));
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  for (int i = 0; i < 4; ++i) running.push("s", {1, 2}, 2, i);
  // The first has run, so the others wait behind it by now.
  while (running.model().places[0].executed < 1) std::this_thread::yield();
  running.runtime->place({1});
  for (int i = 4; i < 8; ++i) running.push("s", {1, 2}, 2, i);
  running.sensor("s").finish();
  const std::vector<Answer> answers = running.rest("p");
  ASSERT_EQ(answers.size(), 8u);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    EXPECT_EQ(answers[i].frame->sequence, i);  // those of the processor were ready before
    EXPECT_EQ(first_of(answers[i]), i < 4 ? 0 : 1);
  }
  running.runtime->stop();
  EXPECT_EQ(running.model().places[0].executed, 4);
  EXPECT_EQ(running.model().places[1].executed, 4);
}

TEST(RuntimePlace, StateGoesAlong) {
  PlacesPlan plan;
  ModelSpec spec;
  spec.name = "sums";
  spec.devices = {-1, plan.devices[0]};
  spec.file = plan.folder().write(
      "sums.null", "input s float32 1x2\noutput t float32 1x2\ninput x float32 1x2\necho\n");
  const int model = must(plan.builder.model(spec));
  must(plan.builder.run_times(plan.devices[0], model, takes(kMs / 10)));
  std::map<std::string, ModelFeed> feeds;
  feeds["x"].value = plan.rows(plan.sensor("s", {InboxPolicy::kBlock, 8, 8}));
  feeds["s"].state_of = "t";
  plan.pipeline("p", must(plan.builder.run_model(model, feeds)));
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  std::thread source([&] {
    for (int i = 0; i < 60; ++i) {
      if (i % 7 == 0) running.runtime->place({i % 2});
      running.push("s", {1, 2}, 2, i);
    }
    running.sensor("s").finish();
  });
  const std::vector<Answer> answers = running.rest("p");
  source.join();
  ASSERT_EQ(answers.size(), 60u);
  for (std::size_t i = 0; i < answers.size(); ++i) EXPECT_EQ(answers[i].frame->sequence, i);
  running.runtime->stop();
  const ModelSnapshot counts = running.model();
  EXPECT_EQ(counts.places[0].executed + counts.places[1].executed, 60);
}

TEST(RuntimePlace, BatchesAreMadeOnEachDevice) {
  PlacesPlan plan;
  const int model = plan.movable("a", 20 * kMs, 20 * kMs, 4, "echo\ndelay_us 20000\n");
  for (int i = 0; i < 6; ++i) {
    const ValueRef rows = plan.rows(plan.sensor(std::to_string(i)));
    plan.add(
        TestPlan::pipeline_of("p" + std::to_string(i), {{"out", plan.run(model, rows), -1}}, i));
  }
  Running running(plan, 1);
  for (int i = 0; i < 6; ++i) running.attach("p" + std::to_string(i));
  running.runtime->start();
  std::int64_t before = 0;
  for (int site = 0; site < 2; ++site) {
    running.runtime->place({site});
    for (int i = 0; i < 6; ++i) running.push(std::to_string(i), {static_cast<float>(i), 2});
    for (int i = 0; i < 6; ++i)
      EXPECT_EQ(first_of(running.next("p" + std::to_string(i))), site == 0 ? 0 : i);
    std::int64_t runs = 0;
    for (const std::int64_t count : running.model().batches) runs += count;
    if (site == 1) {
      EXPECT_LT(runs - before, 6);  // on npu alone: its profile has no runs of several
    }
    before = runs;
  }
  running.runtime->stop();
}

TEST(RuntimePlace, SoonestUsesAllDevices) {
  PlacesPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s", {InboxPolicy::kBlock, 32, 32}));
  plan.pipeline("p",
                plan.run(plan.movable("a", 2 * kMs, 4 * kMs, 1, "echo\ndelay_us 8000\n"), rows));
  Running running(plan, 1);
  running.attach("p");
  running.runtime->start();
  running.runtime->place({kSoonest});
  EXPECT_EQ(running.model().device, "soonest");
  std::thread source([&] {
    for (int i = 0; i < 200; ++i) running.push("s", {1, 2}, 2, i);
    running.sensor("s").finish();
  });
  const std::vector<Answer> answers = running.rest("p");
  source.join();
  ASSERT_EQ(answers.size(), 200u);
  for (std::size_t i = 0; i < answers.size(); ++i) EXPECT_EQ(answers[i].frame->sequence, i);
  running.runtime->stop();
  const ModelSnapshot model = running.model();
  std::int64_t executed = 0;
  for (const PlaceSnapshot& place : model.places) executed += place.executed;
  EXPECT_EQ(executed, 200);
  // Whether the processor is worth it is this machine's affair.
  EXPECT_GT(model.places[0].executed, 0);
  EXPECT_GT(model.places[2].executed, 0);
  EXPECT_GT(model.places[0].executed, model.places[1].executed);
}

// With seconds of work on npu a shorter bound is hopeless there, and only there.
TEST(RuntimePlace, AdmissionAsksWhereTheModelIs) {
  PlacesPlan plan;
  ModelSpec busy;
  busy.name = "busy";
  busy.devices = {plan.devices[0]};
  busy.file =
      plan.folder().write("busy.null", "input x float32 1x2\noutput y float32 1x2\necho\n# busy\n");
  plan.pipeline("backlog", plan.run(must(plan.builder.model(busy)),
                                    plan.rows(plan.sensor("full", {InboxPolicy::kQueue, 16, 16}))));
  PipelineSpec bounded = TestPlan::pipeline_of(
      "p", {{"out", plan.run(plan.movable("a", kMs, kMs), plan.rows(plan.sensor("s"))), -1}}, 1);
  bounded.latency = 3 * kSecond;
  plan.add(bounded);
  Running running(plan, 1, Order::kFifo, kSecond);
  for (int i = 0; i < 8; ++i) running.push("full", {1, 2}, 2, i);  // nothing runs yet
  const auto refused = [&] {
    running.push("s", {1, 2});
    return running.runtime->snapshot()
        .pipelines[1]
        .not_admitted[static_cast<std::size_t>(Refusal::kNoTime)];
  };
  EXPECT_EQ(refused(), 1);
  running.runtime->place({0, kSoonest});
  EXPECT_EQ(refused(), 1);
  running.runtime->place({0, 0});
  EXPECT_EQ(refused(), 2);
  running.runtime->place({0, 1});
  EXPECT_EQ(refused(), 2);
}

TEST(RuntimePlace, APlanFileKeepsTheDevices) {
  PlacesPlan plan;
  plan.pipeline("p", plan.run(plan.movable("a", kMs, kMs), plan.rows(plan.sensor("s"))));
  const PlanSpec read = must(parse_plan(serialise_plan(must(plan.builder.finish())), "test"));
  EXPECT_EQ(read.models[0].devices, (std::vector<int>{0, -1, 1}));
}

TEST(RuntimePlace, APlanThatFollowsGoesOnWhereTheModelIs) {
  PlacesPlan plan;
  plan.pipeline("p", plan.run(plan.movable("a", kMs, kMs), plan.rows(plan.sensor("s"))));
  const PlanSpec spec = must(plan.builder.finish());
  const auto before = must(compile_plan(spec, 2));
  before->models[0].whereabouts->move(2);
  const auto after = must(compile_plan(spec, 2, nullptr, before.get()));
  EXPECT_EQ(after->models[0].hosts, before->models[0].hosts);
  EXPECT_EQ(after->models[0].whereabouts, before->models[0].whereabouts);
  const auto model_node = [](const Plan& of) -> const CompiledNode& {
    for (const CompiledScope& scope : of.scopes)
      for (const CompiledNode& node : scope.nodes)
        if (node.kind() == NodeKind::kModel) return node;
    std::abort();
  };
  const CompiledNode &was = model_node(*before), &is = model_node(*after);
  ASSERT_EQ(is.sites.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(is.sites[i].record, was.sites[i].record);
  EXPECT_EQ(is.whereabouts->now(), 2);
}

TEST(RuntimePlace, OneDeviceAndSeveralAreTwoModels) {
  PlacesPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s"));
  const int both = plan.movable("a", kMs, kMs);
  ModelSpec spec = plan.builder.plan().models[static_cast<std::size_t>(both)];
  spec.devices = {-1};
  const int alone = must(plan.builder.model(spec));
  EXPECT_NE(alone, both);
  plan.pipeline("p", plan.run(both, rows));
  plan.pipeline("q", plan.run(alone, rows));
  Running running(plan);
  running.attach("p");
  running.attach("q");
  running.runtime->start();
  running.runtime->place({1, 1});  // the second has one device, and stays
  running.push("s", {3, 4});
  EXPECT_EQ(first_of(running.next("p")), 3);
  EXPECT_EQ(first_of(running.next("q")), 3);
  running.runtime->stop();
  EXPECT_EQ(running.model(1).device, "cpu");
  EXPECT_TRUE(running.model(1).places.empty());
}

TEST(RuntimePlace, RefusesWhatMeansNothing) {
  PlacesPlan plan;
  const std::string echo = plan.folder().write("a.null", "input x float32 1\noutput y float32 1\n");
  const std::string count =
      plan.folder().write("b.null", "input x float32 1\noutput y float32 1\ncount\n");
  const auto message = [&](const std::string& file, std::vector<int> devices) {
    ModelSpec spec;
    spec.name = "m";
    spec.file = file;
    spec.devices = std::move(devices);
    return plan.builder.model(spec).status().message();
  };
  EXPECT_THAT(message(echo, {0, 0}), ::testing::HasSubstr("twice"));
  EXPECT_THAT(message(echo, {0, 7}), ::testing::HasSubstr("not of this plan"));
  EXPECT_THAT(message(echo, {}), ::testing::HasSubstr("no device"));
  EXPECT_THAT(message(count, {0, -1}), ::testing::HasSubstr("can't be moved"));
  for (const char* name : {"cpu", "soonest"}) {
    DeviceSpec spec;
    spec.name = name;
    EXPECT_THAT(plan.builder.device(spec).status().message(), ::testing::HasSubstr("another name"));
  }
}

}  // namespace
}  // namespace edgert::testing
