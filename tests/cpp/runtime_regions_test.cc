// Steps that run once a row: none to many, nested, gathered, and conditions on them.
#include "plan_fixture.h"

namespace edgert::testing {
namespace {

using ::testing::ElementsAre;

// Rows (index, score) of the columns above a half, best first.
ValueRef above_half(TestPlan& plan, ValueRef sensor, int columns) {
  const Params params{{"min_score", 0.5}, {"top", std::int64_t{columns}}};
  return plan.transform("answer.classes", params, {plan.rows(sensor)});
}

TEST(RuntimeRegions, RunOnceForEachRow) {
  TestPlan plan;
  const ValueRef regions = plan.region(above_half(plan, plan.sensor("s", {}, 4), 4));
  plan.pipeline("p", plan.run(plan.model("m", "2"), regions));
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  const std::vector<std::vector<float>> frames{
      {0, 0, 0, 0}, {1, 0, 0, 0}, {.6F, .7F, .8F, .9F}, {0, 0, 0, 0}, {0, 0, .9F, .8F}};
  const std::vector<std::vector<float>> best{{}, {0}, {3, 2, 1, 0}, {}, {2, 3}};
  for (std::size_t i = 0; i < frames.size(); ++i) {
    running.push("s", frames[i], 4);
    const Answer answer = running.next("p");
    const ResultOutput& output = answer.outputs[0];
    ASSERT_TRUE(output.status.ok());
    ASSERT_EQ(output.entries.size(), best[i].size());
    EXPECT_EQ(output.rows.shape()[0], static_cast<std::int64_t>(best[i].size()));
    for (std::size_t row = 0; row < best[i].size(); ++row) {
      EXPECT_EQ(output.entries[row].row, static_cast<int>(row));
      EXPECT_EQ(floats(output.entries[row].tensor)[0], best[i][row]);
    }
  }
  running.runtime->stop();
  EXPECT_EQ(running.node("m").executed, 7);
}

TEST(RuntimeRegions, GatherStacksTheRows) {
  TestPlan plan;
  const ValueRef regions = plan.region(above_half(plan, plan.sensor("s", {}, 3), 3));
  const ValueRef inner = plan.run(plan.model("m", "2"), regions);
  plan.pipeline("stacked", plan.gather(inner));
  plan.pipeline("joined", plan.gather(inner, false));
  Running running(plan);
  running.attach("stacked");
  running.attach("joined");
  running.runtime->start();
  running.push("s", {.25F, .75F, 1}, 3);
  const Answer stacked = running.next("stacked"), joined = running.next("joined");
  EXPECT_EQ(stacked.outputs[0].entries[0].tensor.shape(), (Shape{2, 2}));
  EXPECT_THAT(floats(stacked.outputs[0].entries[0].tensor), ElementsAre(2, 1, 1, .75F));
  EXPECT_EQ(joined.outputs[0].entries[0].tensor.shape(), (Shape{4}));
  running.push("s", {0, 0, 0}, 3);
  EXPECT_EQ(running.next("stacked").outputs[0].entries[0].tensor.shape(), (Shape{0, 2}));
  EXPECT_TRUE(running.next("joined").outputs[0].status.ok());
  running.runtime->stop();
  EXPECT_EQ(running.node("m").executed, 2);
  EXPECT_EQ(running.node("m").demanded, 4);
}

// Classes of a region's row: the row is (index, score), scored again as two columns.
TEST(RuntimeRegions, RegionsWithinRegions) {
  TestPlan plan;
  const ValueRef outer = plan.region(above_half(plan, plan.sensor("s", {}, 3), 3));
  const Params params{{"min_score", 0.5}, {"top", std::int64_t{2}}};
  const ValueRef rows =
      plan.transform("answer.classes", params, {plan.run(plan.model("outer", "2"), outer)});
  const ValueRef inner = plan.run(plan.model("inner", "2"), plan.region(rows));
  plan.pipeline("each", inner);
  plan.pipeline("counted", plan.gather(plan.gather(inner, false), false));
  Running running(plan, 3);
  running.attach("each");
  running.attach("counted");
  running.runtime->start();
  for (int i = 0; i < 100; ++i) {
    // Columns 2, 1, 0 by score: (2, .9) has two above a half, (1, .8) too, (0, .7) one.
    running.push("s", {.7F, .8F, .9F}, 3);
    const Answer each = running.next("each");
    ASSERT_EQ(each.outputs[0].entries.size(), 5u);
    for (int row = 0; row < 5; ++row)
      EXPECT_EQ(each.outputs[0].entries[static_cast<std::size_t>(row)].row, row);
    const Answer counted = running.next("counted");
    ASSERT_TRUE(counted.outputs[0].status.ok()) << counted.outputs[0].status.message();
    EXPECT_EQ(counted.outputs[0].entries[0].tensor.elements(), 10);
    running.push("s", {0, 0, 0}, 3);
    EXPECT_TRUE(running.next("each").outputs[0].entries.empty());
    EXPECT_EQ(running.next("counted").outputs[0].entries[0].tensor.elements(), 0);
  }
  running.runtime->stop();
}

// Rows of different lengths do not stack.
TEST(RuntimeRegions, UnequalRowsAreRefusedNotMixed) {
  TestPlan plan;
  const ValueRef outer = plan.region(above_half(plan, plan.sensor("s", {}, 3), 3));
  const Params params{{"min_score", 0.5}, {"top", std::int64_t{2}}};
  const ValueRef rows = plan.transform("answer.classes", params, {outer});
  plan.pipeline("p", plan.gather(rows));
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  running.push("s", {.7F, .8F, .9F}, 3);
  EXPECT_EQ(running.next("p").outputs[0].status.code(), Code::kInvalid);
  running.push("s", {0, .8F, .9F}, 3);
  EXPECT_TRUE(running.next("p").outputs[0].status.ok());
  running.runtime->stop();
}

TEST(RuntimeRegions, AConditionOnTheRowOpensOnlyThatRow) {
  TestPlan plan;
  const ValueRef region = plan.region(above_half(plan, plan.sensor("s", {}, 3), 3));
  GateOptions options;
  options.index = 1;
  plan.pipeline("p", plan.run(plan.model("m", "2"), region), plan.gate(region, 0.8, options));
  Running running(plan);
  running.attach("p");
  running.runtime->start();
  running.push("s", {.6F, .9F, .7F}, 3);
  const Answer answer = running.next("p");
  ASSERT_EQ(answer.outputs[0].entries.size(), 1u);
  EXPECT_EQ(answer.outputs[0].entries[0].row, 0);
  EXPECT_THAT(floats(answer.outputs[0].entries[0].tensor), ElementsAre(1, .9F));
  running.runtime->stop();
  EXPECT_EQ(running.node("m").executed, 1);
  EXPECT_EQ(running.node("m").skipped, 2);
}

TEST(RuntimeRegions, AConditionOutsideClosesAllRows) {
  TestPlan plan;
  const ValueRef sensor = plan.sensor("s", {}, 3);
  const ValueRef region = plan.region(above_half(plan, sensor, 3));
  const int gate = plan.gate(plan.rows(sensor), 0.8);
  plan.pipeline("gated", plan.run(plan.model("m", "2"), region), gate);
  plan.pipeline("always", plan.run(plan.model("other", "2"), region));
  Running running(plan);
  running.attach("gated");
  running.attach("always");
  running.runtime->start();
  running.push("s", {.9F, .9F, 0}, 3);
  EXPECT_EQ(running.next("gated").outputs[0].entries.size(), 2u);
  EXPECT_EQ(running.next("always").outputs[0].entries.size(), 2u);
  running.push("s", {.6F, .9F, 0}, 3);
  const Answer closed = running.next("gated");
  EXPECT_EQ(closed.outputs[0].status.code(), Code::kSkipped);
  EXPECT_TRUE(closed.outputs[0].entries.empty());
  EXPECT_EQ(running.next("always").outputs[0].entries.size(), 2u);
  running.runtime->stop();
  EXPECT_EQ(running.node("m").executed, 2);
}

}  // namespace
}  // namespace edgert::testing
