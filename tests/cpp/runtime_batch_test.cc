// Works of one model that run as one: what is refused, what comes out, what is counted.
#include "edgert/plan/batch_run.h"
#include "plan_fixture.h"

namespace edgert::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::int64_t items_of(const ModelSnapshot& model) {
  std::int64_t items = 0;
  for (std::size_t i = 0; i < model.batches.size(); ++i)
    items += model.batches[i] * static_cast<std::int64_t>(i + 1);
  return items;
}

std::int64_t together(const ModelSnapshot& model) {  // runs of more than one
  std::int64_t runs = 0;
  for (std::size_t i = 1; i < model.batches.size(); ++i) runs += model.batches[i];
  return runs;
}

// `count` sensors, each with a pipeline "pN" of the same model.
void sensors_of(TestPlan& plan, int model, int count) {
  for (int i = 0; i < count; ++i) {
    const ValueRef sensor = plan.sensor("s" + std::to_string(i));
    plan.add(TestPlan::pipeline_of("p" + std::to_string(i),
                                   {{"out", plan.run(model, plan.rows(sensor)), -1}}, i));
  }
}

void run_all(Running& running, int count) {
  for (int i = 0; i < count; ++i) running.attach("p" + std::to_string(i));
  running.runtime->start();
}

// On one lane: the first frame that is drawn holds it, the others come together.
TEST(RuntimeBatch, WorksOfSeveralSensorsRunAsOne) {
  constexpr int kSensors = 6;
  TestPlan plan;
  sensors_of(plan, plan.model("m", "?x2", "echo\ndelay_us 20000\n", 0, 8), kSensors);
  Running running(plan, 1);
  run_all(running, kSensors);
  for (int frame = 0; frame < 3; ++frame) {
    for (int i = 0; i < kSensors; ++i)
      running.push("s" + std::to_string(i), {static_cast<float>(i), static_cast<float>(frame)});
    for (int i = 0; i < kSensors; ++i) {
      const Answer answer = running.next("p" + std::to_string(i));
      ASSERT_TRUE(answer.outputs[0].status.ok()) << answer.outputs[0].status.message();
      const Tensor& tensor = answer.outputs[0].entries[0].tensor;
      EXPECT_EQ(tensor.shape(), (Shape{1, 2}));
      EXPECT_THAT(floats(tensor), ElementsAre(static_cast<float>(i), static_cast<float>(frame)));
    }
  }
  const Snapshot snapshot = running.runtime->snapshot();
  const ModelSnapshot& model = snapshot.models[0];
  EXPECT_EQ(model.most_batch, 8);
  EXPECT_EQ(model.batch_refused, "");
  EXPECT_EQ(items_of(model), 3 * kSensors);
  EXPECT_GE(together(model), 3);
  EXPECT_GT(snapshot.batched_bytes, 0);
  const std::string text = prometheus_text(snapshot);
  EXPECT_THAT(text, HasSubstr("edgert_model_batch_size_sum{model=\"m\"} 18\n"));
  EXPECT_THAT(text, HasSubstr("edgert_model_batch_size_bucket{model=\"m\",le=\"+Inf\"}"));
}

TEST(RuntimeBatch, OneBadItemFailsAlone) {
  TestPlan plan;
  sensors_of(plan, plan.model("m", "?x2", "echo\ndelay_us 10000\nfail_on 7\n", 0, 8), 5);
  Running running(plan, 1);
  run_all(running, 5);
  for (int i = 0; i < 5; ++i)
    running.push("s" + std::to_string(i), {static_cast<float>(i == 3 ? 7 : i), 0});
  for (int i = 0; i < 5; ++i) {
    const Answer answer = running.next("p" + std::to_string(i));
    EXPECT_EQ(answer.outputs[0].status.ok(), i != 3);
    const std::string message = i == 3 ? answer.outputs[0].status.message() : "there is a 7";
    EXPECT_THAT(message, HasSubstr("there is a 7"));
  }
}

// Rows of one tensor are read where they lie.
TEST(RuntimeBatch, RowsOfAFrameRunAsOneWithoutACopy) {
  TestPlan plan;
  const ValueRef sensor = plan.sensor("s", {}, 2, 4);
  const Params params{{"size", std::int64_t{1}}, {"hop", std::int64_t{1}}};
  const ValueRef windows = plan.transform("table.window", params, {plan.rows(sensor), sensor});
  // Long enough that runs of four are measured as worth it where the machine is slow or busy.
  const int model = plan.model("m", "?x2", "echo\ndelay_us 10000\n", 0, 4);
  plan.pipeline("p", plan.gather(plan.run(model, plan.region(windows))));
  Running running(plan, 1);
  running.attach("p");
  running.runtime->start();
  running.push("s", {1, 2, 3, 4, 5, 6, 7, 8});
  const Answer answer = running.next("p");
  ASSERT_TRUE(answer.outputs[0].status.ok()) << answer.outputs[0].status.message();
  EXPECT_THAT(floats(answer.outputs[0].entries[0].tensor), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
  EXPECT_THAT(running.model().batches, ElementsAre(0, 0, 0, 1));
  EXPECT_EQ(running.runtime->snapshot().batched_bytes, 0);
  EXPECT_EQ(running.node("m").executed, 4);
}

TEST(RuntimeBatch, AFileOfFixedBatchIsFilledUp) {
  TestPlan plan;
  sensors_of(plan, plan.model("m", "4x2", "echo\ndelay_us 10000\n", 0, 3), 5);
  Running running(plan, 1);
  run_all(running, 5);
  for (int i = 0; i < 5; ++i) running.push("s" + std::to_string(i), {static_cast<float>(i), 1});
  for (int i = 0; i < 5; ++i) {
    const Answer answer = running.next("p" + std::to_string(i));
    ASSERT_TRUE(answer.outputs[0].status.ok()) << answer.outputs[0].status.message();
    EXPECT_EQ(answer.outputs[0].entries[0].tensor.shape(), (Shape{1, 2}));
    EXPECT_THAT(floats(answer.outputs[0].entries[0].tensor),
                ElementsAre(static_cast<float>(i), 1.0F));
  }
  EXPECT_EQ(items_of(running.model()), 5);
  EXPECT_GE(together(running.model()), 1);
}

TEST(RuntimeBatch, KnowsWhatARunOfEachSizeTakes) {
  Batching batching(4, 0);
  batching.set_measured({{1, 10 * kMillisecond}, {2, 12 * kMillisecond}, {4, 22 * kMillisecond}});
  EXPECT_EQ(batching.expected(1), 10 * kMillisecond);
  EXPECT_EQ(batching.expected(3), 17 * kMillisecond);
  EXPECT_EQ(batching.limit(), 4);
  batching.observe(2, 20 * kMillisecond);
  EXPECT_EQ(batching.expected(2), 13 * kMillisecond);
  batching.allow(2);
  EXPECT_EQ(batching.limit(), 2);
}

TEST(RuntimeBatch, SizesThatSaveNothingAreNotUsed) {
  Batching batching(8, 0);
  batching.set_measured({{1, 10 * kMillisecond},
                         {2, 18 * kMillisecond},
                         {4, 34 * kMillisecond},
                         {8, 67 * kMillisecond}});
  EXPECT_EQ(batching.limit(), 4);
}

// The bound leaves time for one: what would take longer together does not.
TEST(RuntimeBatch, ADeadlineThatIsNearKeepsARunSingle) {
  TestPlan plan;
  const int model = plan.model("m", "?x2", "echo\ndelay_us 30000\ndelay_item_us 30000\n", 0, 8);
  for (int i = 0; i < 4; ++i) {
    const ValueRef sensor = plan.sensor("s" + std::to_string(i));
    PipelineSpec spec = TestPlan::pipeline_of("p" + std::to_string(i),
                                              {{"out", plan.run(model, plan.rows(sensor)), -1}}, i);
    spec.latency = 20 * kSecond;
    if (i == 1) spec.latency = 170 * kMillisecond;  // waits for 60 ms, and takes 60 ms
    plan.add(spec);
  }
  Running running(plan, 1);
  run_all(running, 4);
  for (int i = 0; i < 4; ++i) running.push("s" + std::to_string(i), {1, 2});
  for (int i = 0; i < 4; ++i) running.next("p" + std::to_string(i));
  // The first one, that with the bound, and those behind it.
  EXPECT_EQ(running.model().batches[3], 0);
  EXPECT_EQ(items_of(running.model()), 4);
}

// Such a file gives rows that depend on the others.
TEST(RuntimeBatch, ItemsThatDifferInABatchRefuseBatchingNotTheModel) {
  TestPlan plan;
  sensors_of(plan, plan.model("m", "?x2", "echo\nmix\ndelay_us 5000\n", 0, 4), 4);
  Running running(plan, 1);
  EXPECT_THAT(running.model().batch_refused, HasSubstr("output 'y' of item 0 of 4 differs"));
  run_all(running, 4);
  for (int i = 0; i < 4; ++i) running.push("s" + std::to_string(i), {static_cast<float>(i), 1});
  for (int i = 0; i < 4; ++i)
    EXPECT_THAT(floats(running.next("p" + std::to_string(i)).outputs[0].entries[0].tensor),
                ElementsAre(static_cast<float>(i), 1.0F));
  EXPECT_THAT(running.model().batches, ElementsAre(4, 0, 0, 0));
}

Status refused(const std::string& shape, const std::string& more, int batch) {
  const Folder folder;
  PlanBuilder builder;
  ModelSpec spec;
  spec.name = "m";
  spec.file = folder.write("m.null", "input x float32 " + shape + "\n" + more);
  spec.batch = batch;
  return builder.model(spec).status();
}

TEST(RuntimeBatch, WhatCannotBeBatchedIsRefusedWithTheReason) {
  const std::string echo = "output y float32 ?x2\necho\n";
  EXPECT_THAT(refused("1x2", "output y float32 1x2\n", 8).message(),
              HasSubstr("'x' is float32 1×2, one item a run"));
  EXPECT_THAT(refused("?x2", "output y float32 scalar\n", 8).message(),
              HasSubstr("no axis of items"));
  EXPECT_THAT(refused("?x2", "output y float32 4x2\n", 8).message(),
              HasSubstr("unlike the others"));
  EXPECT_THAT(refused("4x2", "output y float32 4x2\n", 8).message(),
              HasSubstr("takes 4 items; say batch: 4"));
  EXPECT_THAT(refused("?x2", echo + "count\n", 8).message(), HasSubstr("keeps state"));
  EXPECT_THAT(refused("?x2", echo, 65).message(), HasSubstr("use 1 to 64"));
  EXPECT_THAT(refused("?x2", echo, 0).message(), HasSubstr("use 1 to 64"));
  EXPECT_TRUE(refused("?x2", echo, 64).ok());
  EXPECT_TRUE(refused("4x2", "output y float32 4x2\n", 4).ok());
}

TEST(RuntimeBatch, JoinsItemsWhereTheyLieOrInItsRoom) {
  const Tensor all = allocate_tensor(DType::kFloat32, {3, 2}),
               room = allocate_tensor(DType::kFloat32, {8});
  for (int i = 0; i < 6; ++i) all.data<float>()[i] = static_cast<float>(i);
  std::vector<Tensor> rows;
  for (int i = 0; i < 3; ++i) {
    Tensor row = all.row(i);
    row.set_shape({1, 2});
    rows.push_back(row);
  }
  Counter copied;
  const Tensor* in_order[] = {&rows[0], &rows[1], &rows[2]};
  const Tensor* mixed[] = {&rows[2], &rows[0]};
  EXPECT_EQ(must(joined_items(in_order, 3, room, copied)).bytes_data(), all.bytes_data());
  EXPECT_EQ(copied.value(), 0);
  EXPECT_EQ(must(joined_items(in_order, 4, room, copied)).bytes_data(), room.bytes_data());
  EXPECT_EQ(copied.value(), 24);
  const Tensor joined = must(joined_items(mixed, 2, room, copied));
  EXPECT_THAT(floats(joined), ElementsAre(4, 5, 0, 1));
  EXPECT_EQ(joined.shape(), (Shape{2, 2}));
}

}  // namespace
}  // namespace edgert::testing
