// In the steady state nothing is allocated between a push and the callbacks: every allocation of
// the process is counted, by operator new and below it by malloc and aligned_alloc.
#include <atomic>
#include <new>
#include <random>
#include <thread>

#include "edgert/transform/transform.h"
#include "plan_fixture.h"

namespace {

std::atomic<std::int64_t> allocations{0};

}  // namespace

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

// glibc's own names for what these replace.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_realloc(old, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_memalign(alignment, size);
}
}

namespace edgert::testing {
namespace {

// Two pipelines that share a model, one with a step by regions, a gather and a condition.
void make_plan(TestPlan& plan) {
  const ValueRef rows =
      plan.rows(plan.sensor("a sensor with a long name", {InboxPolicy::kBlock, 4, 4}, 4));
  const ValueRef shared = plan.run(plan.model("shared", "1x4"), rows);
  const Params params{{"min_score", 0.5}, {"top", std::int64_t{4}}};
  const ValueRef region = plan.region(plan.transform("answer.classes", params, {shared}));
  const ValueRef by_row = plan.run(plan.model("by row", "2"), region);
  PipelineSpec spec =
      TestPlan::pipeline_of("first", {{"gathered", plan.gather(by_row), -1}, {"rows", by_row, -1}});
  spec.latency = kSecond;
  spec.on_miss = OnMiss::kLate;
  plan.add(spec);
  plan.pipeline("second", plan.run(plan.model("own", "1x4"), shared), plan.gate(rows, 0.5));
  // Earlier results, by scene and by age: the frames come at the same time.
  ReuseRule alike, young;
  alike.value = shared;
  alike.max_age = young.max_age = kSecond;
  alike.cells = plan.run(plan.model("look", "1x4"), rows);
  alike.threshold = 0.5;
  young.value = plan.run(plan.model("old", "1x4"), rows);
  must(plan.builder.pipeline(
      TestPlan::pipeline_of("third", {{"alike", shared, -1}, {"old", young.value, -1}}),
      {alike, young}));
}

TEST(Allocation, NothingIsAllocatedFromPushToCallback) {
  TestPlan plan;
  make_plan(plan);
  Running running(plan, 2);
  std::atomic<int> first{0}, second{0};
  running.pipeline("first").set_callback(
      [&](const Answer& a) { first.fetch_add(a.status.ok() ? 1 : 0); });
  running.pipeline("second").set_callback(
      [&](const Answer& a) { second.fetch_add(a.status.ok() ? 1 : 0); });
  running.runtime->start();
  SensorPort& port = running.sensor("a sensor with a long name");
  const FrameRef source = table_frame({.9F, .8F, .1F, .7F}, 4),
                 other = table_frame({.1F, .8F, .9F, .7F}, 4);
  const auto push = [&](int i) {
    FrameRef frame = port.blank();
    frame->kind = FrameKind::kTable;
    frame->samples = (i % 2 ? source : other)->samples;
    return port.push(std::move(frame)).ok();
  };
  const auto push_all = [&](int count) {
    const int before = first.load();
    bool pushed = true;
    for (int i = 0; i < count; ++i) pushed &= push(i);
    while (first.load() < before + count) std::this_thread::yield();
    return pushed;
  };
  // Pools grow to the most that was ever in use at once, which chance and the machine's load
  // decide, but not beyond what may be in flight: so some round allocates nothing, unless frames
  // themselves allocate, which would be thousands in each.
  constexpr int kRounds = 40, kFrames = 2000;
  int rounds = 0;
  std::int64_t allocated = 1;
  for (; rounds < kRounds && allocated > 0; ++rounds) {
    const std::int64_t before = allocations.load();
    ASSERT_TRUE(push_all(kFrames));
    allocated = allocations.load() - before;
  }
  EXPECT_GT(allocations.load(), 0);
  EXPECT_EQ(allocated, 0) << "after " << rounds << " rounds";
  running.runtime->stop();
  EXPECT_EQ(first.load(), rounds * kFrames);
  EXPECT_EQ(second.load(), rounds * kFrames);
}

// Two sensors that meet: pictures of one with the nearest and the interpolated rows of the other.
TEST(Allocation, JoinsAllocateNothing) {
  TestPlan plan;
  const ValueRef frame = plan.sensor("camera"), other = plan.sensor("watch");
  JoinOptions options;
  options.clock = "media";
  options.tolerance_ms = 20;
  const ValueRef near = must(plan.builder.join(frame, plan.rows(other), options));
  options.by = "interpolate";
  const ValueRef between = must(plan.builder.join(frame, plan.rows(other), options));
  plan.add(TestPlan::pipeline_of("p", {{"near", near, -1}, {"between", between, -1}}));
  Running running(plan, 2);
  std::atomic<int> done{0}, good{0};
  running.pipeline("p").set_callback([&](const Answer& answer) {
    good.fetch_add(answer.outputs[0].status.ok() && answer.outputs[1].status.ok() ? 1 : 0);
    done.fetch_add(1);
  });
  running.runtime->start();
  SensorPort& camera = running.sensor("camera");
  SensorPort& watch = running.sensor("watch");
  const FrameRef row = table_frame({.9F, .8F}, 2);
  const auto push = [&](SensorPort& port, Nanos ms) {
    FrameRef pushed = port.blank();
    pushed->kind = FrameKind::kTable;
    pushed->samples = row->samples;
    pushed->media_time = ms * kMillisecond;
    return port.push(std::move(pushed)).ok();
  };
  ASSERT_TRUE(push(watch, 0));
  Nanos time = 0;
  constexpr int kRounds = 40, kFrames = 1000;
  std::int64_t allocated = 1;
  int rounds = 0;
  for (; rounds < kRounds && allocated > 0; ++rounds) {
    const std::int64_t before = allocations.load();
    for (int i = 0; i < kFrames; ++i, time += 10) {
      ASSERT_TRUE(push(camera, time + 4));
      ASSERT_TRUE(push(watch, time + 10));
    }
    while (done.load() < (rounds + 1) * kFrames) std::this_thread::yield();
    allocated = allocations.load() - before;
    if (rounds > 0) {
      EXPECT_LT(allocated, 500) << "round " << rounds;
    }
  }
  EXPECT_EQ(allocated, 0);
  running.runtime->stop();
  EXPECT_EQ(good.load(), rounds * kFrames);
}

// Outputs that were allocated before.
class FixedContext final : public RunContext {
 public:
  explicit FixedContext(const TensorSpec& spec)
      : room_(allocate_tensor(DType::kUInt8, {static_cast<std::int64_t>(spec.bytes())})) {}
  Status allocate(int, const Shape& shape) override {
    output_ = Tensor(room_.buffer(), DType::kFloat32, shape);
    return {};
  }
  Tensor& output(int) override { return output_; }
  std::byte* scratch(std::size_t) override { return nullptr; }

 private:
  Tensor room_, output_;
};

// An operation on rows and a frame.
struct Op {
  Op(const char* name, const Params& params, const TensorSpec& rows, const FrameFormat& format)
      : transform(make_transform(name, params,
                                 std::vector<InputFormat>{{nullptr, &rows}, {&format, nullptr}})
                      .value()),
        spec(transform->outputs()[0]),
        context(spec) {}
  const Tensor& run(const Tensor& rows, const Frame& frame) {
    const Input inputs[] = {{nullptr, &rows}, {&frame, nullptr}};
    EXPECT_TRUE(transform->run(inputs, context).ok());
    return context.output(0);
  }
  std::unique_ptr<Transform> transform;
  TensorSpec spec;
  FixedContext context;
};

TEST(Allocation, TracksZonesAndLinesTakeNoMemory) {
  constexpr std::int64_t kBoxes = 40;
  FrameFormat format;
  format.image.width = 1280, format.image.height = 720;
  const TensorSpec found{"found", DType::kFloat32, Shape{-1, 6}, kBoxes * 6 * sizeof(float)};
  const Params zone{{"points", std::vector<double>{0, 0, 0.5, 0, 0.5, 1, 0, 1}},
                    {"sizes", std::vector<std::int64_t>{4}},
                    {"window_ms", 5000.0}};
  const Params line{{"points", std::vector<double>{0, 0.5, 1, 0.5}},
                    {"sizes", std::vector<std::int64_t>{2}}};
  Op tracks("track.boxes", {}, found, format), zones("track.zones", zone, tracks.spec, format),
      lines("track.lines", line, tracks.spec, format);
  std::mt19937 random(5);
  std::uniform_real_distribution<float> place(0, 600), score(0, 1);
  Tensor boxes = allocate_tensor(DType::kFloat32, {kBoxes, 6});
  FrameRef frame = make_frame();
  frame->image = format.image;
  std::int64_t seen = 0, before = 0;
  for (int i = 0; i < 400; ++i) {
    if (i == 1) before = allocations.load();
    frame->media_time = i * kSecond / 30;
    for (std::int64_t b = 0; b < kBoxes; ++b) {
      float* row = boxes.data<float>() + 6 * b;
      // Half of them stay about where they are, the others are anywhere.
      const float at = b % 2 ? place(random) : static_cast<float>(30 * b);
      row[0] = at, row[1] = at / 2 + place(random) / 100;
      row[2] = row[0] + 60, row[3] = row[1] + 120, row[4] = b % 2 ? score(random) : 0.9F,
      row[5] = 0;
    }
    const Tensor& of = tracks.run(boxes, *frame);
    seen += of.shape()[0];
    zones.run(of, *frame);
    lines.run(of, *frame);
  }
  EXPECT_EQ(allocations.load() - before, 0);
  EXPECT_GT(seen, 400 * 15);
}

}  // namespace
}  // namespace edgert::testing

#endif
