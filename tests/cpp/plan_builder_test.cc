// Plans: equal work is one node, scopes, refusals that say what to do, cycles.
#include "edgert/plan/compiled.h"
#include "plan_fixture.h"

namespace edgert::testing {
namespace {

using ::testing::HasSubstr;

TEST(PlanBuilder, EqualNodesAreOne) {
  TestPlan plan;
  const ValueRef sensor = plan.sensor("s");
  const ValueRef rows = plan.rows(sensor);
  EXPECT_EQ(plan.rows(sensor), rows);
  const auto scaled = [&](double mean) {
    return plan.transform("table.scale", {{"mean", mean}, {"deviation", 1.0}}, {rows});
  };
  EXPECT_EQ(scaled(1), scaled(1));
  EXPECT_FALSE(scaled(1) == scaled(2));
  EXPECT_FALSE(plan.rows(plan.sensor("t")) == rows);
}

TEST(PlanBuilder, EqualFilesAreOneModel) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s"));
  const int model = plan.model("m");
  ModelSpec copy;
  copy.name = "another name";
  copy.file = plan.folder().file("copy.null");
  std::filesystem::copy(plan.folder().file("m.null"), copy.file);
  const int same = must(plan.builder.model(copy));
  EXPECT_EQ(same, model);
  EXPECT_EQ(plan.run(model, rows), plan.run(same, rows));
  copy.instances = 2;
  EXPECT_NE(must(plan.builder.model(copy)), model);
}

TEST(PlanBuilder, PrivateWorkIsNobodyElses) {
  TestPlan plan;
  const ValueRef sensor = plan.sensor("s");
  const auto run = [&](const std::string& owner) {
    plan.builder.private_to(owner);
    return plan.run(plan.model("m"), plan.rows(sensor));
  };
  const ValueRef shared = run(""), mine = run("shop"), other = run("care");
  EXPECT_EQ(run(""), shared);
  EXPECT_EQ(run("shop"), mine);
  EXPECT_FALSE(mine == shared || other == shared || mine == other);
  EXPECT_EQ(plan.builder.node(mine.node).private_to, "shop");
  EXPECT_NE(plan.builder.node(mine.node).model, plan.builder.node(other.node).model);
  EXPECT_TRUE(plan.builder.node(sensor.node).private_to.empty());
}

TEST(PlanBuilder, EqualRegionsAreOneScope) {
  TestPlan plan;
  const ValueRef rows = plan.rows(plan.sensor("s"));
  EXPECT_EQ(plan.region(rows), plan.region(rows));
  EXPECT_EQ(plan.builder.plan().scopes.size(), 2u);
  const ValueRef inner = plan.run(plan.model("m", "2"), plan.region(rows));
  EXPECT_EQ(plan.builder.node(inner.node).scope, 1);
  EXPECT_EQ(plan.builder.node(plan.gather(inner).node).scope, 0);
}

TEST(PlanBuilder, RefusesWithTheReason) {
  TestPlan plan;
  const ValueRef sensor = plan.sensor("s"), other = plan.sensor("t");
  const ValueRef rows = plan.rows(sensor);
  const int model = plan.model("m");
  PlanBuilder& builder = plan.builder;
  const auto run = [&](std::map<std::string, ModelFeed> feeds) {
    return builder.run_model(model, feeds).status().message();
  };
  EXPECT_THAT(run({}), HasSubstr("input 'x': is not fed"));
  EXPECT_THAT(run({{"x", {rows, {}, {}}}, {"z", {rows, {}, {}}}}), HasSubstr("no input 'z'"));
  EXPECT_THAT(run({{"x", {sensor, {}, {}}}}), HasSubstr("gives frames"));
  const ValueRef bytes = plan.transform("tensor.threshold", {{"above", 0.5}}, {rows});
  EXPECT_THAT(run({{"x", {bytes, {}, {}}}}), HasSubstr("wants float32 1×2, and is fed uint8"));
  EXPECT_THAT(builder.sensor("s", table_format(1, 1)).status().message(),
              HasSubstr("is there already"));
  EXPECT_THAT(
      builder.sensor("u", table_format(1, 1), {InboxPolicy::kBlock, 0, 1}).status().message(),
      HasSubstr("queue"));
  EXPECT_THAT(
      builder.sensor("u", table_format(1, 1), {InboxPolicy::kBlock, 1, 65}).status().message(),
      HasSubstr("64"));
  EXPECT_THAT(builder.transform("tensor.concat", {}, {rows, plan.rows(other)}).status().message(),
              HasSubstr("another sensor"));
  EXPECT_THAT(builder.gather(rows).status().message(), HasSubstr("nothing to gather"));
  EXPECT_THAT(builder.gate(rows, {}).status().message(), HasSubstr("'above' or 'below'"));
  EXPECT_THAT(builder.transform("table.selct", {}, {sensor}).status().message(),
              HasSubstr("did you mean"));
  EXPECT_THAT(builder.finish().status().message(), HasSubstr("no pipeline"));
}

TEST(PlanBuilder, RefusesPipelinesThatCouldNotBeAnswered) {
  TestPlan plan;
  const ValueRef sensor = plan.sensor("s");
  const ValueRef rows = plan.rows(sensor);
  const auto refused = [&](const PipelineSpec& spec) {
    return plan.builder.pipeline(spec).status().message();
  };
  EXPECT_THAT(refused(TestPlan::pipeline_of("p", {})), HasSubstr("no outputs"));
  EXPECT_THAT(refused(TestPlan::pipeline_of("p", {{"out", sensor, -1}})),
              HasSubstr("gives frames"));
  EXPECT_THAT(refused(TestPlan::pipeline_of("p", {{"out", {99, 0}, -1}})),
              HasSubstr("not of this plan"));
  EXPECT_THAT(refused(TestPlan::pipeline_of("p", {{"out", rows, rows.node}})),
              HasSubstr("no condition"));
  const ValueRef region = plan.region(rows);
  EXPECT_THAT(refused(TestPlan::pipeline_of("p", {{"out", rows, plan.gate(region, 1)}})),
              HasSubstr("no condition"));
  plan.pipeline("p", rows);
  EXPECT_THAT(refused(TestPlan::pipeline_of("p", {{"out", rows, -1}})),
              HasSubstr("is there already"));
}

TEST(PlanCompile, AConditionOnAllRowsThatOpensARowIsACycle) {
  TestPlan plan;
  const ValueRef region = plan.region(plan.rows(plan.sensor("s")));
  const int gate = plan.gate(plan.gather(plan.run(plan.model("a", "2"), region)), 0.5);
  plan.pipeline("p", plan.run(plan.model("b", "2"), region), gate);
  const auto compiled = compile_plan(must(plan.builder.finish()), 2);
  EXPECT_THAT(compiled.status().message(), HasSubstr("waits for itself"));
}

// Two pipelines, each with a condition on all rows of the step that the other's condition opens.
TEST(PlanCompile, PipelinesWhoseConditionsWaitForEachOtherAreKeptApart) {
  TestPlan plan;
  const ValueRef sensor = plan.sensor("s");
  const Params window{{"size", std::int64_t{2}}, {"hop", std::int64_t{2}}, {"rate", 100.0}};
  const ValueRef other_rows =
      must(plan.builder.transform("table.window", window, {plan.rows(sensor)}));
  const ValueRef one = plan.run(plan.model("one", "2"), plan.region(plan.rows(sensor)));
  const auto two_on = [&](const std::string& apart) {
    return plan.run(plan.model("two", "2x2"), must(plan.builder.region(other_rows, apart)));
  };
  const ValueRef two = two_on("");
  const int on_one = plan.gate(plan.gather(one), 0.5), on_two = plan.gate(plan.gather(two), 0.5);
  const auto asked = [](ValueRef value, int gate) {
    return TestPlan::pipeline_of("asked", {{"out", value, gate}});
  };
  EXPECT_FALSE(plan.builder.waits_for_itself(asked(two, on_one)));
  EXPECT_FALSE(plan.builder.waits_for_itself(asked(one, on_two)));
  plan.pipeline("p", one, on_two);
  EXPECT_FALSE(plan.builder.waits_for_itself(asked(two, -1)));
  EXPECT_TRUE(plan.builder.waits_for_itself(asked(two, on_one)));
  EXPECT_EQ(plan.builder.plan().pipelines.size(), 1u);

  const ValueRef apart = two_on("q");
  EXPECT_NE(apart.node, two.node);
  EXPECT_EQ(two_on("q").node, apart.node);
  EXPECT_EQ(two_on("").node, two.node);
  EXPECT_FALSE(plan.builder.waits_for_itself(asked(apart, on_one)));
  plan.pipeline("q", apart, on_one);
  EXPECT_TRUE(compile_plan(must(plan.builder.finish()), 2).ok());
  plan.pipeline("r", two, on_one);
  EXPECT_THAT(compile_plan(must(plan.builder.finish()), 2).status().message(),
              HasSubstr("waits for itself"));
}

TEST(PlanCompile, AModelFileThatChangedIsRefused) {
  TestPlan plan;
  plan.pipeline("p", plan.run(plan.model("m"), plan.rows(plan.sensor("s"))));
  std::ofstream(plan.folder().file("m.null"), std::ios::app) << "# changed\n";
  EXPECT_THAT(compile_plan(must(plan.builder.finish()), 1).status().message(),
              HasSubstr("compile the plan again"));
}

// A model with free rows takes as many as a frame has.
TEST(PlanBuilder, AnOpenExtentStaysOpenWhereInputsVary) {
  TestPlan plan;
  const ValueRef out = plan.run(plan.model("m", "?x2"), plan.rows(plan.sensor("s", {}, 2, 3)));
  EXPECT_EQ(must(plan.builder.tensor_spec(out))->shape.text(), "?×2");
  plan.pipeline("p", out);
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  for (const std::size_t rows : {1, 3, 2}) {
    running.push("s", std::vector<float>(2 * rows, 1.0F));
    EXPECT_EQ(floats(running.next("p").outputs[0].entries[0].tensor).size(), 2 * rows);
  }
}

}  // namespace
}  // namespace edgert::testing
