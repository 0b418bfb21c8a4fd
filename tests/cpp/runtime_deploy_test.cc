// One plan follows another while frames flow: no frame is lost or answered twice, what both have
// goes on, and what is refused changes nothing.
#include <atomic>
#include <thread>

#include "plan_fixture.h"

namespace edgert::testing {
namespace {

const Params kPairs{{"size", std::int64_t{2}}, {"hop", std::int64_t{1}}, {"rate", 100.0}};

// A window of two rows over the stream: its first row is what the frame before brought.
ValueRef pairs(TestPlan& plan, ValueRef sensor, ValueRef rows) {
  return plan.transform("table.window", kPairs, {rows, sensor});
}

PlanSpec without(PlanSpec spec, const std::string& pipeline) {
  std::erase_if(spec.pipelines, [&](const PipelineSpec& one) { return one.name == pipeline; });
  return spec;
}

// "stays" carries state behind a model; "comes" shares the model and reads the window, too.
struct TwoPlans {
  TestPlan plan;
  PlanSpec one, both;

  TwoPlans() {
    const ValueRef sensor = plan.sensor("s", {InboxPolicy::kBlock, 16, 32});
    const ValueRef echoed =
        plan.run(plan.model("m", "1x2", "echo\nwork_us 30\n"), plan.rows(sensor), "echo");
    const ValueRef window = pairs(plan, sensor, echoed);
    plan.pipeline("stays", window);
    one = must(plan.builder.finish());
    const ValueRef second = plan.run(plan.model("n", "1x2", "echo\nwork_us 50\n"), echoed, "other");
    PipelineSpec comes = TestPlan::pipeline_of("comes", {{"out", second, -1}, {"w", window, -1}});
    comes.when_full = WhenFull::kDropOldest;
    plan.add(comes);
    both = must(plan.builder.finish());
  }
};

std::unique_ptr<Runtime> running(const PlanSpec& plan, int lanes = 4) {
  return must(Runtime::create(plan, RuntimeOptions{lanes}));
}

TEST(RuntimeDeploy, AStreamGoesOnThroughManyPlans) {
  TwoPlans plans;
  const auto runtime = running(plans.one);
  PipelinePort& port = *must(runtime->pipeline("test/stays"));
  port.attach_reader();
  runtime->start();
  constexpr int kFrames = 3000;
  std::atomic<bool> done{false};
  std::thread source([&] {
    SensorPort& sensor = *must(runtime->sensor("s"));
    for (int i = 0; i < kFrames; ++i) must(sensor.push(table_frame({static_cast<float>(i), 0}, 2)));
    sensor.finish();
  });
  std::thread deployer([&] {
    for (int i = 0; !done.load(); ++i)
      ASSERT_TRUE(runtime->deploy(i % 2 == 0 ? plans.both : plans.one).ok());
  });
  int next = 0;
  std::uint64_t last = 1;
  for (Answer answer; runtime->next(port, answer, now() + 60 * kSecond); ++next) {
    ASSERT_TRUE(answer.status.ok());
    ASSERT_EQ(answer.frame->sequence, static_cast<std::uint64_t>(next));
    ASSERT_GE(answer.outline->generation, last);
    last = answer.outline->generation;
    if (next == 0) continue;
    const std::vector<float> window = floats(answer.outputs[0].entries[0].tensor);
    ASSERT_EQ(window.size(), 4u) << next;  // else the window began anew
    ASSERT_EQ(window[0] + 1, window[2]);
    ASSERT_EQ(window[2], static_cast<float>(next));
  }
  done.store(true);
  source.join();
  deployer.join();
  EXPECT_EQ(next, kFrames);
  EXPECT_GT(last, 2u);
  EXPECT_TRUE(port.over());
  runtime->stop();
}

TEST(RuntimeDeploy, ModelsAndCountsAreTakenOver) {
  TwoPlans plans;
  const auto runtime = running(plans.one);
  PipelinePort& port = *must(runtime->pipeline("test/stays"));
  port.attach_reader();
  runtime->start();
  SensorPort& sensor = *must(runtime->sensor("s"));
  Answer answer;
  const auto ask = [&] {
    must(sensor.push(table_frame({0, 0}, 2)));
    ASSERT_TRUE(runtime->next(port, answer, now() + 20 * kSecond));
  };
  for (int i = 0; i < 10; ++i) ask();
  const ModelHost* host = runtime->plan().models[0].hosts[0].get();
  ASSERT_TRUE(runtime->deploy(plans.both).ok());
  EXPECT_EQ(runtime->plan().models[0].hosts[0].get(), host);
  EXPECT_EQ(must(runtime->sensor("s")), &sensor);
  EXPECT_EQ(must(runtime->pipeline("test/stays")), &port);
  for (int i = 0; i < 10; ++i) ask();
  runtime->stop();
  const Snapshot snapshot = runtime->snapshot();
  EXPECT_EQ(snapshot.generation, 2u);
  EXPECT_EQ(snapshot.sensors[0].frames, 20);
  EXPECT_EQ(snapshot.pipelines[0].results(), 20);
  for (const NodeSnapshot& node : snapshot.nodes) {
    if (node.name == "echo") {
      EXPECT_EQ(node.executed, 20);
    } else if (node.name == "other") {
      EXPECT_EQ(node.executed, 10);
    }
  }
}

TEST(RuntimeDeploy, APipelineThatIsGoneEnds) {
  TwoPlans plans;
  const auto runtime = running(plans.both);
  const auto gone = must(runtime->shared_pipeline("test/comes"));
  runtime->start();
  must(must(runtime->sensor("s"))->push(table_frame({1, 2}, 2)));
  Answer answer;
  ASSERT_TRUE(runtime->next(*gone, answer, now() + 20 * kSecond));
  ASSERT_TRUE(runtime->deploy(without(plans.one, "comes")).ok());
  EXPECT_FALSE(runtime->next(*gone, answer, now() + 20 * kSecond));
  EXPECT_TRUE(gone->over());
  EXPECT_FALSE(runtime->pipeline("test/comes").ok());
  for (const Nanos until = now() + 20 * kSecond; runtime->deploys().draining > 0 && now() < until;)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(runtime->deploys().draining, 0);
  // It comes back as another one.
  ASSERT_TRUE(runtime->deploy(plans.both).ok());
  EXPECT_NE(must(runtime->pipeline("test/comes")), gone.get());
  runtime->stop();
}

TEST(RuntimeDeploy, ARefusedPlanChangesNothing) {
  TwoPlans plans;
  const auto runtime = running(plans.one);
  PipelinePort& port = *must(runtime->pipeline("test/stays"));
  port.attach_reader();
  runtime->start();
  plans.plan.folder().write("n.null", "input x float32 1x2\n");  // another file than was planned
  const Status status = runtime->deploy(plans.both);
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.message(), ::testing::HasSubstr("is not the file"));
  EXPECT_EQ(runtime->deploys().generation, 1u);
  must(must(runtime->sensor("s"))->push(table_frame({1, 2}, 2)));
  Answer answer;
  EXPECT_TRUE(runtime->next(port, answer, now() + 20 * kSecond));
  runtime->stop();
}

TEST(RuntimeDeploy, SensorsComeAndGo) {
  TestPlan plan;
  const ValueRef first = plan.sensor("a");
  plan.pipeline("p", plan.rows(first));
  const PlanSpec one = must(plan.builder.finish());
  TestPlan other;
  const ValueRef second = other.sensor("b");
  other.pipeline("q", other.rows(second));
  const auto runtime = running(one);
  const auto a = must(runtime->shared_sensor("a"));
  const auto p = must(runtime->shared_pipeline("test/p"));
  runtime->start();
  ASSERT_TRUE(runtime->deploy(must(other.builder.finish())).ok());
  EXPECT_EQ(a->push(table_frame({1, 2}, 2)).status().code(), Code::kCancelled);
  Answer answer;
  EXPECT_FALSE(runtime->next(*p, answer, now() + 20 * kSecond));
  must(must(runtime->sensor("b"))->push(table_frame({1, 2}, 2)));
  EXPECT_TRUE(
      runtime->next(*must(runtime->shared_pipeline("test/q")), answer, now() + 20 * kSecond));
  EXPECT_EQ(answer.outline->sensor, "b");
  runtime->stop();
}

// What is under way with a bound stays looked at by the timers.
TEST(RuntimeDeploy, BoundsOfAnEarlierPlanAreKept) {
  TestPlan plan;
  const ValueRef sensor = plan.sensor("s");
  PipelineSpec spec = TestPlan::pipeline_of(
      "p", {{"out", plan.run(plan.model("slow", "1x2", "echo\nwork_us 80000\n"), plan.rows(sensor)),
             -1}});
  spec.latency = 20 * kMillisecond;
  plan.add(spec);
  const PlanSpec one = must(plan.builder.finish());
  plan.pipeline("q", plan.rows(sensor));
  const auto runtime = running(one, 1);
  PipelinePort& port = *must(runtime->pipeline("test/p"));
  port.attach_reader();
  runtime->start();
  must(must(runtime->sensor("s"))->push(table_frame({1, 2}, 2)));
  ASSERT_TRUE(runtime->deploy(must(plan.builder.finish())).ok());
  Answer answer;
  ASSERT_TRUE(runtime->next(port, answer, now() + 20 * kSecond));
  EXPECT_EQ(answer.status.code(), Code::kDeadline);
  EXPECT_EQ(answer.outline->generation, 1u);
  runtime->stop();
}

// Frames of two sensors meet: the kept stream goes on, also while they go over one by one.
TEST(RuntimeDeploy, JoinsGoOn) {
  TestPlan plan;
  const ValueRef asks = plan.sensor("asks"), kept = plan.sensor("kept");
  JoinOptions options;
  options.clock = "media";
  options.tolerance_ms = 2;
  options.wait_ms = 20'000;
  const ValueRef joined = must(plan.builder.join(asks, plan.rows(kept), options));
  plan.pipeline("p", joined);
  const PlanSpec one = must(plan.builder.finish());
  plan.pipeline("q", plan.rows(asks));
  const PlanSpec both = must(plan.builder.finish());
  const auto runtime = running(one);
  PipelinePort& port = *must(runtime->pipeline("test/p"));
  port.attach_reader();
  runtime->start();
  for (int i = 0; i < 40; ++i) {
    must(must(runtime->sensor("asks"))->push(table_frame({0, 0}, 2, 10 * i)));
    ASSERT_TRUE(runtime->deploy(i % 2 == 0 ? both : one).ok());
    must(must(runtime->sensor("kept"))->push(table_frame({static_cast<float>(i), 0}, 2, 10 * i)));
    must(must(runtime->sensor("kept"))
             ->push(table_frame({static_cast<float>(i), 0}, 2, 10 * i + 5)));
    Answer answer;
    ASSERT_TRUE(runtime->next(port, answer, now() + 20 * kSecond));
    ASSERT_TRUE(answer.outputs[0].status.ok()) << i << ' ' << answer.outputs[0].status.message();
    EXPECT_EQ(floats(answer.outputs[0].entries[0].tensor)[0], static_cast<float>(i));
  }
  runtime->stop();
}

// Two plans that are gone have one kept stream, and a question was asked of it that had patience:
// its timer calls when both have drained.
TEST(RuntimeDeploy, TimersOfAKeptStreamOutliveItsPlans) {
  TestPlan plan;
  const ValueRef asks = plan.sensor("asks"), kept = plan.sensor("kept");
  plan.pipeline("q", plan.rows(asks));
  const PlanSpec without_join = must(plan.builder.finish());
  JoinOptions options;
  options.tolerance_ms = 2;
  options.wait_ms = 60;
  plan.pipeline("p", must(plan.builder.join(asks, plan.rows(kept), options)));
  const PlanSpec one = must(plan.builder.finish());
  PlanSpec two = one;
  two.pipelines[0].queue += 1;
  const auto runtime = running(one);
  runtime->start();
  for (int i = 0; i < 3; ++i) {
    must(must(runtime->sensor("asks"))->push(table_frame({0, 0}, 2, 10 * i)));
    ASSERT_TRUE(runtime->deploy(two).ok());
    ASSERT_TRUE(runtime->deploy(without_join).ok());
    ASSERT_TRUE(runtime->deploy(one).ok());
  }
  ASSERT_TRUE(runtime->deploy(without_join).ok());
  const Nanos limit = now() + 20 * kSecond;
  while (runtime->deploys().draining > 0 && now() < limit) std::this_thread::yield();
  EXPECT_EQ(runtime->deploys().draining, 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(80));  // what is left of them calls
  runtime->stop();
}

}  // namespace
}  // namespace edgert::testing
