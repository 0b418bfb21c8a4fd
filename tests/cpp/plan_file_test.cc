// Plan files: what is written is read back, and what is damaged is refused.
#include "edgert/plan/plan_file.h"

#include "plan_fixture.h"

namespace edgert::testing {
namespace {

using ::testing::HasSubstr;

PlanSpec some_plan(TestPlan& plan) {
  const ValueRef sensor = plan.sensor("s", {InboxPolicy::kLatest, 2, 3}, 3);
  const ValueRef rows = plan.rows(sensor);
  const Params params{{"min_score", 0.5}, {"top", std::int64_t{3}}};
  const ValueRef inner =
      plan.run(plan.model("m", "2"), plan.region(plan.transform("answer.classes", params, {rows})));
  GateOptions options;
  options.hold_ms = 12.5;
  PipelineSpec spec = TestPlan::pipeline_of(
      "p", {{"a", plan.gather(inner), plan.gate(rows, 0.25, options)}, {"b", inner, -1}});
  spec.rate = 12.5;
  spec.latency = 40 * kMillisecond;
  spec.on_miss = OnMiss::kLate;
  plan.add(spec);
  return must(plan.builder.finish());
}

TEST(PlanFile, RoundTripIsEqualAndRuns) {
  TestPlan plan;
  const PlanSpec spec = some_plan(plan);
  const std::string path = plan.folder().file("box.plan");
  must(save_plan(spec, path));
  PlanSpec read = must(load_plan(path));
  EXPECT_EQ(serialise_plan(read), serialise_plan(spec));
  EXPECT_EQ(read.nodes.size(), spec.nodes.size());
  EXPECT_EQ(read.pipelines[0].latency, 40 * kMillisecond);
  EXPECT_FALSE(std::filesystem::exists(path + ".part"));
  auto runtime = must(Runtime::create(std::move(read), {1, Order::kFifo}));
  PipelinePort& port = *must(runtime->pipeline("test/p"));
  runtime->start();
  must(must(runtime->sensor("s"))->push(table_frame({1, 1, 0}, 3)));
  Answer answer;
  ASSERT_TRUE(runtime->next(port, answer, now() + 20 * kSecond));
  EXPECT_EQ(answer.outputs[1].entries.size(), 2u);
}

TEST(PlanFile, ModelsAreFoundFromAnyFolder) {
  TestPlan plan;
  PlanSpec spec = some_plan(plan);
  const std::string whole = spec.models[0].file, path = plan.folder().file("box.plan");
  spec.models[0].file = std::filesystem::relative(whole).string();
  must(save_plan(spec, path));
  EXPECT_EQ(must(load_plan(path)).models[0].file, whole);
}

TEST(PlanFile, EveryTruncationIsRefused) {
  TestPlan plan;
  const std::string bytes = serialise_plan(some_plan(plan));
  for (std::size_t length = 0; length < bytes.size(); ++length)
    ASSERT_FALSE(parse_plan(std::string_view(bytes).substr(0, length), "box.plan").ok()) << length;
  EXPECT_FALSE(parse_plan(bytes + "x", "box.plan").ok());
}

TEST(PlanFile, EveryFlippedBitIsRefused) {
  TestPlan plan;
  std::string bytes = serialise_plan(some_plan(plan));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const char flip = static_cast<char>(1 << (at % 8));
    bytes[at] = static_cast<char>(bytes[at] ^ flip);
    ASSERT_FALSE(parse_plan(bytes, "box.plan").ok()) << at;
    bytes[at] = static_cast<char>(bytes[at] ^ flip);
  }
  EXPECT_TRUE(parse_plan(bytes, "box.plan").ok());
}

// With a right checksum over nonsense the fields are still read within bounds.
TEST(PlanFile, NonsenseWithARightChecksumDoesNotCrash) {
  TestPlan plan;
  const std::string good = serialise_plan(some_plan(plan));
  const std::string body = good.substr(20, good.size() - 36);
  for (std::size_t at = 0; at < body.size(); ++at) {
    std::string changed = body;
    changed[at] = static_cast<char>(~changed[at]);
    changed.resize(body.size() - at % 7);
    const Hash128 sum = Hasher().bytes(changed.data(), changed.size()).digest();
    const std::uint64_t size = changed.size();
    std::string file = good.substr(0, 12);
    file.append(reinterpret_cast<const char*>(&size), 8).append(changed);
    file.append(reinterpret_cast<const char*>(&sum.high), 8)
        .append(reinterpret_cast<const char*>(&sum.low), 8);
    (void)parse_plan(file, "box.plan").ok();
  }
}

TEST(PlanFile, SaysWhatIsWrong) {
  TestPlan plan;
  const std::string bytes = serialise_plan(some_plan(plan));
  std::string other = bytes;
  other[8] = static_cast<char>(kPlanFileVersion + 1);
  EXPECT_THAT(parse_plan(other, "box.plan").status().message(),
              HasSubstr("plan format " + std::to_string(kPlanFileVersion + 1)));
  EXPECT_THAT(parse_plan("not a plan", "box.plan").status().message(),
              HasSubstr("not an edgert plan"));
  EXPECT_THAT(parse_plan(bytes.substr(0, bytes.size() - 1), "box.plan").status().message(),
              HasSubstr("cut short"));
  EXPECT_EQ(load_plan(plan.folder().file("none")).status().code(), Code::kNotFound);
  EXPECT_FALSE(save_plan(PlanSpec{}, plan.folder().file("no/such/folder/box.plan")).ok());
}

}  // namespace
}  // namespace edgert::testing
