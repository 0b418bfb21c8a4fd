// Conditions that are computed from what an earlier result serves for: no frame waits for itself,
// and who did not accept an old result gets a new one.
#include <string>
#include <vector>

#include "reuse_fixture.h"

namespace edgert::testing {
namespace {

// Frames of (open, number): models echo, so that a result says which frame it is of.
class Knots : public ::testing::Test {
 protected:
  void start() {
    running_ = std::make_unique<Running>(plan);
    for (const std::string& name : names_) running_->attach(name);
    running_->runtime->start();
  }
  // Every 10 ms. What each pipeline that is due says: a letter an output, f of this frame, o of an
  // older one, - behind a closed condition.
  std::string push(float open) {
    const Nanos frame = frame_++;
    EXPECT_TRUE(running_->push("s", {open, static_cast<float>(frame)}, 2, 10 * frame));
    std::string said;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (frame % every_[i] != 0) continue;
      const Answer answer = running_->next(names_[i]);
      for (const ResultOutput& output : answer.outputs) said += said_by(output, frame);
    }
    return said;
  }
  void add(const std::string& name, const std::vector<OutputSpec>& outputs, ValueRef reused,
           int every = 1) {
    PipelineSpec spec = TestPlan::pipeline_of(name, outputs);
    spec.every = every;
    must(plan.builder.pipeline(spec, {Reusing::by_age(reused, 1000)}));
    names_.push_back(name);
    every_.push_back(every);
  }
  std::int64_t runs_of(const std::string& node) { return running_->node(node).executed; }

  Reusing plan;

 private:
  static char said_by(const ResultOutput& output, Nanos frame) {
    if (!output.status.ok()) return output.status.code() == Code::kSkipped ? '-' : '!';
    const auto of = static_cast<Nanos>(floats(output.entries.at(0).tensor)[1]);
    EXPECT_EQ(output.age, (frame - of) * 10 * kMillisecond);
    return of == frame ? 'f' : 'o';
  }

  std::unique_ptr<Running> running_;
  std::vector<std::string> names_;
  std::vector<int> every_;
  Nanos frame_ = 0;
};

// One accepts an old `first` for its `second`. The other wants `first` fresh, on a condition that
// reads `second`.
TEST_F(Knots, AConditionThatIsComputedFromTheNode) {
  const ValueRef first = plan.run(plan.model("first"), plan.rows);
  const ValueRef second = plan.run(plan.model("second"), first);
  add("aged", {{"second", second, -1}}, first);
  add("fresh", {{"first", first, plan.gate(second, 0.5)}}, second);
  start();
  for (const float open : {1.0F, 1.0F, 0.0F, 0.0F, 1.0F})
    ASSERT_EQ(push(open), open > 0.5F ? "ff" : "f-");
  EXPECT_EQ(runs_of("first"), 5);
}

// Without who accepts it nothing is wanted before its condition is known.
TEST_F(Knots, OnlyInFramesThatBothAreDueIn) {
  const ValueRef first = plan.run(plan.model("first"), plan.rows);
  const ValueRef second = plan.run(plan.model("second"), first);
  add("aged", {{"second", second, -1}}, first, 3);
  add("fresh", {{"first", first, plan.gate(second, 0.5)}}, second);
  start();
  std::string said;
  for (const float open : {1.0F, 0.0F, 0.0F, 0.0F, 1.0F, 1.0F, 1.0F}) said += push(open) + " ";
  EXPECT_EQ(said, "ff f f f- - - ff ");  // the condition is of frames 0, 3 and 6
  EXPECT_EQ(runs_of("first"), 5);
  EXPECT_EQ(runs_of("second"), 3);
}

// Each accepts what the other wants fresh on its condition.
TEST_F(Knots, TwoThatWaitForEachOther) {
  const ValueRef left = plan.run(plan.model("left"), plan.rows);
  const ValueRef right = plan.run(plan.model("right"), plan.rows);
  add("of left", {{"right", right, plan.gate(left, 0.5)}}, left);
  add("of right", {{"left", left, plan.gate(right, 0.5)}}, right);
  start();
  for (int i = 0; i < 5; ++i) ASSERT_EQ(push(1), "ff");
}

// A condition behind another, where only the inner one is computed from the node: what the outer
// one closes is not computed.
TEST_F(Knots, BehindAnOuterCondition) {
  const ValueRef first = plan.run(plan.model("first"), plan.rows);
  const ValueRef second = plan.run(plan.model("second"), first);
  GateOptions options;
  options.under = ValueRef{plan.gate(plan.rows, 0.5), 0};
  add("aged", {{"second", second, -1}}, first);
  add("fresh", {{"first", first, plan.gate(second, -1, options)}}, second);
  start();
  std::string said;
  for (const float open : {1.0F, 0.0F, 1.0F, 0.0F, 0.0F}) said += push(open) + " ";
  EXPECT_EQ(said, "ff o- ff o- o- ");
  EXPECT_EQ(runs_of("first"), 2);
}

// And where both are: it is wanted whatever they say.
TEST_F(Knots, BehindTwoConditions) {
  const ValueRef first = plan.run(plan.model("first"), plan.rows);
  const ValueRef second = plan.run(plan.model("second"), first);
  GateOptions options;
  options.under = ValueRef{plan.gate(second, 0.5), 0};
  add("aged", {{"second", second, -1}}, first);
  add("fresh", {{"first", first, plan.gate(plan.rows, -1, options)}}, second);
  start();
  for (const float open : {1.0F, 0.0F, 1.0F}) ASSERT_EQ(push(open), open > 0.5F ? "ff" : "f-");
  EXPECT_EQ(runs_of("first"), 3);
}

// Where no condition reads what may be old, nothing is wanted early.
TEST_F(Knots, AConditionOnSomethingElse) {
  const ValueRef first = plan.run(plan.model("first"), plan.rows);
  const ValueRef second = plan.run(plan.model("second"), first);
  const ValueRef third = plan.run(plan.model("third"), first);
  add("aged", {{"third", third, -1}}, first);
  add("fresh", {{"first", first, plan.gate(second, 0.5)}}, second);
  start();
  ASSERT_EQ(push(0), "f-");
  for (int i = 0; i < 4; ++i) ASSERT_EQ(push(1), "o-");  // the condition is of frame 0
  EXPECT_EQ(runs_of("first"), 1);
}

// What all rows say opens other rows of the same each-node, also where these may be reused.
TEST(KnotsOfRows, AreRefused) {
  Reusing plan;
  const ValueRef row = plan.region(
      plan.transform("table.window", {{"size", std::int64_t{1}}, {"hop", std::int64_t{1}}},
                     {plan.rows, plan.source}));
  const ValueRef all = plan.gather(plan.run(plan.model("a"), row));
  const ValueRef behind = plan.gather(plan.run(plan.model("b"), row));
  plan.reuse("p", {{"out", behind, plan.gate(all, 0.5)}}, {Reusing::by_age(behind, 1000)});
  const auto made = Runtime::create(must(plan.builder.finish()), RuntimeOptions{2});
  ASSERT_FALSE(made.ok());
  EXPECT_THAT(made.status().message(), ::testing::HasSubstr("waits for itself"));
}

}  // namespace
}  // namespace edgert::testing
