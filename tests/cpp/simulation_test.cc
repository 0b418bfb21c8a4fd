// Workloads on a virtual clock: what takes how long is given, so every moment is known.
#include "edgert/runtime/simulation.h"

#include <functional>

#include "times_fixture.h"

namespace edgert::testing {
namespace {

ArrivalSpec every(Nanos period, int sensor = 0) {
  ArrivalSpec spec;
  spec.sensor = sensor;
  spec.period = period;
  spec.phase = 0;
  return spec;
}

std::unique_ptr<Simulation> simulate(TestPlan& plan, const SimulationOptions& options) {
  return must(Simulation::create(must(plan.builder.finish()), options));
}

// The least latency that was recorded, and the largest.
std::pair<Nanos, Nanos> range(const FineHistogram& latencies) {
  Nanos least = -1, most = -1;
  for (std::size_t i = 0; i < latencies.counts().size(); ++i) {
    if (latencies.counts()[i] == 0) continue;
    if (least < 0) least = FineHistogram::lower(i);
    most = FineHistogram::lower(i + 1);
  }
  return {least, most};
}

PipelineSpec bounded(const std::string& name, ValueRef value, Nanos latency, int sensor = 0) {
  PipelineSpec spec = TestPlan::pipeline_of(name, {{"out", value, -1}}, sensor);
  spec.latency = latency;
  return spec;
}

std::int64_t total(const PipelineSnapshot& pipeline) {
  std::int64_t sum = 0;
  for (std::int64_t count : pipeline.outcomes) sum += count;
  return sum;
}

TEST(Simulation, AFrameTakesWhatItsModelTakes) {
  TestPlan plan;
  plan.pipeline("p", plan.run(plan.model("a"), plan.rows(plan.sensor("s"))));
  SimulationOptions options;
  options.pretend.times.models = {takes(4 * kMs)};
  options.arrivals = {every(10 * kMs)};
  auto simulation = simulate(plan, options);
  simulation->run(kSecond);
  const Snapshot snapshot = simulation->runtime().snapshot();
  EXPECT_EQ(simulation->elapsed(), kSecond);
  EXPECT_EQ(snapshot.pipelines[0].count(Outcome::kOk), 100);  // the 101st is under way
  EXPECT_EQ(snapshot.lanes[0].busy, 400 * kMs);
  const auto [least, most] = range(simulation->latency(0));
  EXPECT_LE(least, 4 * kMs);
  EXPECT_GT(most, 4 * kMs);
  EXPECT_LT(most - least, kMs / 10);
}

TEST(Simulation, WhatIsDueFirstGoesFirst) {
  TestPlan plan;
  plan.add(bounded("patient", plan.run(plan.model("a"), plan.rows(plan.sensor("s"))), 50 * kMs));
  plan.add(bounded("hasty", plan.run(plan.model("b"), plan.rows(plan.sensor("t"))), 9 * kMs, 1));
  plan.add(bounded("first", plan.run(plan.model("c"), plan.rows(plan.sensor("u"))), 0, 2));
  SimulationOptions options;
  options.pretend.times.models = {takes(5 * kMs), takes(2 * kMs), takes(3 * kMs)};
  options.arrivals = {every(kSecond), every(kSecond, 1), every(kSecond, 2)};
  options.arrivals[0].phase = options.arrivals[1].phase = kMs;  // while `first` runs
  auto simulation = simulate(plan, options);
  simulation->run(kSecond / 2);
  EXPECT_EQ(range(simulation->latency(1)).first / kMs, 3);  // 2 of waiting, 2 of its own, rounded
  EXPECT_EQ(range(simulation->latency(0)).first / kMs, 8);
}

TEST(Simulation, WhatComesTooLateIsAnsweredAtItsBound) {
  TestPlan plan;
  plan.add(bounded("p", plan.run(plan.model("a"), plan.rows(plan.sensor("s"))), 30 * kMs));
  SimulationOptions options;
  options.pretend.times.models = {takes(20 * kMs)};
  options.arrivals = {every(10 * kMs)};
  auto simulation = simulate(plan, options);
  simulation->run(10 * kSecond);
  const PipelineSnapshot p = simulation->runtime().snapshot().pipelines[0];
  const SensorSnapshot s = simulation->runtime().snapshot().sensors[0];
  EXPECT_GT(p.count(Outcome::kOk), 300);  // the lane could do 500
  EXPECT_GT(p.count(Outcome::kDropped), 300);
  EXPECT_EQ(total(p) + p.refused + s.waiting + s.in_flight, s.frames);
  EXPECT_LE(range(simulation->latency(0)).second, 31 * kMs);
}

TEST(Simulation, RunsBesideEachOtherAreSlower) {
  TestPlan plan;
  plan.pipeline("p", plan.run(plan.model("a"), plan.rows(plan.sensor("s"))));
  plan.add(bounded("q", plan.run(plan.model("b"), plan.rows(plan.sensor("t"))), 0, 1));
  SimulationOptions options;
  options.lanes = 2;
  options.pretend.times.models = {takes(10 * kMs), takes(10 * kMs)};
  options.pretend.times.models[0].beside = {{1, 1.5}};
  options.pretend.times.models[1].beside = {{0, 2.0}};
  options.arrivals = {every(kSecond), every(kSecond, 1)};
  auto simulation = simulate(plan, options);
  simulation->run(kSecond / 2);
  // a is done after 15 ms, when b has done 7.5 ms of its 10.
  EXPECT_NEAR(static_cast<double>(range(simulation->latency(0)).first), 15e6, 2e5);
  EXPECT_NEAR(static_cast<double>(range(simulation->latency(1)).first), 17.5e6, 2e5);
}

TEST(Simulation, ConditionsOpenInTheirShare) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s"));
  const int gate = plan.gate(plan.run(plan.model("a"), rows), 0.5);
  plan.pipeline("p", plan.run(plan.model("b"), rows), gate);
  SimulationOptions options;
  options.pretend.times.models = {takes(kMs), takes(2 * kMs)};
  options.pretend.data.open.assign(static_cast<std::size_t>(gate) + 1, -1);
  options.pretend.data.open.back() = 0.25;
  options.arrivals = {every(10 * kMs)};
  auto simulation = simulate(plan, options);
  simulation->run(100 * kSecond);
  const PipelineSnapshot p = simulation->runtime().snapshot().pipelines[0];
  EXPECT_EQ(p.count(Outcome::kOk) + p.count(Outcome::kSkipped), 10'000);
  EXPECT_NEAR(static_cast<double>(p.count(Outcome::kOk)), 2500, 150);
}

TEST(Simulation, RegionsAreAsManyAsIsSaid) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s", {}, 2, 8));
  const ValueRef each = plan.region(rows);
  plan.pipeline("p", plan.gather(plan.run(plan.model("a", "2"), each)));
  SimulationOptions options;
  options.pretend.times.models = {takes(kMs)};
  options.pretend.data.rows.assign(static_cast<std::size_t>(rows.node) + 1, -1);
  options.pretend.data.rows.back() = 2.5;
  options.arrivals = {every(10 * kMs)};
  auto simulation = simulate(plan, options);
  simulation->run(10 * kSecond);
  std::int64_t runs = 0;
  for (const NodeSnapshot& node : simulation->runtime().snapshot().nodes)
    if (node.name == "a") runs = node.executed;
  EXPECT_NEAR(static_cast<double>(runs), 2500, 5);
  EXPECT_EQ(simulation->runtime().snapshot().pipelines[0].count(Outcome::kOk), 1000);
}

TEST(Simulation, WhatWaitsRunsAsOneBatch) {
  TestPlan plan;
  ModelSpec spec;
  spec.name = "a";
  spec.batch = 4;
  spec.file = plan.folder().write("a.null", "input x float32 ?x2\noutput y float32 ?x2\necho\n");
  const int model = must(plan.builder.model(spec));
  for (int i = 0; i < 5; ++i) {
    const std::string name(1, static_cast<char>('s' + i));
    plan.add(bounded(name, plan.run(model, plan.rows(plan.sensor(name))), 0, i));
  }
  SimulationOptions options;
  options.pretend.times.models = {ModelTimes{1, {}, {}}};
  for (int items : {1, 4})
    options.pretend.times.models[0].points.push_back(
        {1, 1, items, (3.0 + items) * 1e6, (3.0 + items) * 1e6, (3.0 + items) * 1e6, 0});
  for (int i = 0; i < 5; ++i) options.arrivals.push_back(every(kSecond, i));
  for (int i = 1; i < 5; ++i) options.arrivals[static_cast<std::size_t>(i)].phase = kMs;
  auto simulation = simulate(plan, options);
  simulation->run(kSecond / 2);
  EXPECT_EQ(simulation->runtime().snapshot().lanes[0].busy, 11 * kMs);  // one of 4 ms, one of 7
  for (std::size_t i = 1; i < 5; ++i)
    EXPECT_NEAR(static_cast<double>(range(simulation->latency(i)).first), 10e6, 2e5);
}

TEST(Simulation, AJoinWaitsForTheOtherSensorOrItsPatience) {
  TestPlan plan;
  const ValueRef frame = plan.sensor("s");
  const ValueRef other = plan.rows(plan.sensor("t"));
  JoinOptions join;
  join.tolerance_ms = 30;
  join.wait_ms = 40;
  plan.pipeline("p", plan.run(plan.model("a"), must(plan.builder.join(frame, other, join))));
  SimulationOptions options;
  options.pretend.times.models = {takes(kMs)};
  options.arrivals = {every(100 * kMs), every(100 * kMs, 1)};
  options.arrivals[1].phase = 20 * kMs;
  options.arrivals[1].frames = 5;  // then nobody comes, and `t` has ended
  auto simulation = simulate(plan, options);
  simulation->run(kSecond - kMs);
  const PipelineSnapshot p = simulation->runtime().snapshot().pipelines[0];
  EXPECT_EQ(p.count(Outcome::kOk), 5);
  EXPECT_EQ(p.count(Outcome::kSkipped), 5);
  EXPECT_EQ(range(simulation->latency(0)).first / kMs, 20);  // 20 of waiting, 1 of running
}

TEST(Simulation, ABlockedSourceWaitsForAPlace) {
  TestPlan plan;
  plan.pipeline(
      "p", plan.run(plan.model("a"), plan.rows(plan.sensor("s", {InboxPolicy::kBlock, 2, 2}))));
  SimulationOptions options;
  options.pretend.times.models = {takes(10 * kMs)};
  options.arrivals = {every(kMs)};
  auto simulation = simulate(plan, options);
  simulation->run(kSecond);
  const Snapshot snapshot = simulation->runtime().snapshot();
  EXPECT_EQ(snapshot.sensors[0].dropped_full, 0);
  EXPECT_NEAR(static_cast<double>(snapshot.pipelines[0].count(Outcome::kOk)), 100, 1);
  EXPECT_LE(snapshot.sensors[0].frames, 105);
}

std::vector<std::uint32_t> counts_of(std::uint64_t seed, const std::vector<Nanos>& steps) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s", {InboxPolicy::kLatest, 4, 4}));
  plan.add(bounded("p", plan.run(plan.model("a"), rows), 60 * kMs));
  plan.add(bounded("q", plan.run(plan.model("b"), plan.rows(plan.sensor("t"))), 0, 1));
  SimulationOptions options;
  options.lanes = 2;
  options.seed = seed;
  options.pretend.times.models.resize(2);
  for (ModelTimes& model : options.pretend.times.models)
    model.points = {{1, 1, 1, 8e6, 12e6, 30e6, 0.2}, {2, 1, 1, 11e6, 15e6, 40e6, 0.2}};
  options.arrivals = {every(10 * kMs), every(15 * kMs, 1)};
  options.arrivals[0].kind = ArrivalSpec::Kind::kPoisson;
  options.arrivals[1].kind = ArrivalSpec::Kind::kBursts;
  options.arrivals[1].burst = 5;
  options.arrivals[1].within = kMs;
  auto simulation = simulate(plan, options);
  for (Nanos step : steps) simulation->run(step);
  std::vector<std::uint32_t> counts = simulation->latency(0).counts();
  counts.insert(counts.end(), simulation->latency(1).counts().begin(),
                simulation->latency(1).counts().end());
  return counts;
}

TEST(Simulation, OneSeedGivesOneResult) {
  const auto once = counts_of(7, {20 * kSecond});
  EXPECT_EQ(counts_of(7, {20 * kSecond}), once);
  EXPECT_EQ(counts_of(7, {3 * kSecond, kMs / 3, 17 * kSecond - kMs / 3}), once);  // in any steps
  EXPECT_NE(counts_of(8, {20 * kSecond}), once);
}

TEST(Simulation, RefusesWhatMeansNothing) {
  TestPlan plan;
  plan.pipeline("p", plan.run(plan.model("a"), plan.rows(plan.sensor("s"))));
  const PlanSpec spec = must(plan.builder.finish());
  const auto message = [&](const std::function<void(SimulationOptions&)>& change) {
    SimulationOptions options;
    options.arrivals = {every(kMs)};
    change(options);
    auto made = Simulation::create(spec, options);
    return made.ok() ? std::string("made") : made.status().message();
  };
  EXPECT_THAT(message([](auto& o) { o.lanes = 0; }), ::testing::HasSubstr("lanes must be"));
  EXPECT_THAT(message([](auto& o) { o.arrivals[0].period = 0; }),
              ::testing::HasSubstr("arrivals of 's': have no period"));
  EXPECT_THAT(message([](auto& o) { o.arrivals[0].sensor = 3; }),
              ::testing::HasSubstr("not in the plan"));
  EXPECT_THAT(message([](auto& o) { o.arrivals[0].jitter = 2; }),
              ::testing::HasSubstr("jitter must be"));
}

}  // namespace
}  // namespace edgert::testing
