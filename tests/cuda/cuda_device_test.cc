// Streams of a GPU behind the seam of asynchronous devices: order, completions, several in flight,
// what fails, and a shutdown while all is full. The work is a kernel that waits and adds one.
// Skipped, with the reason, where there is no GPU.
#include "edgert/device/cuda/cuda_device.h"

#include <cuda_runtime_api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "cuda_kernels.h"
#include "edgert/sched/stream_lanes.h"

namespace edgert {
namespace {

std::string missing_gpu() {
  int count = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error != cudaSuccess) return cudaGetErrorString(error);
  return count > 0 ? "" : "no GPU found";
}

std::shared_ptr<CudaDevice> opened(int streams, int in_flight) {
  auto device = CudaDevice::open({0, streams, in_flight});
  EXPECT_TRUE(device.ok()) << device.status().message();
  if (!device.ok()) return nullptr;
  // So that no run waits for memory: giving some out waits for all that is under way.
  EXPECT_TRUE((*device)->reserve(1 << 16).ok());
  return *device;
}

// Adds one to each element after waiting so many nanoseconds on the GPU.
class AddOne : public StreamWork {
 public:
  explicit AddOne(const std::shared_ptr<CudaDevice>& device, long long wait = 0)
      : place_(CudaDevice::place(device)), wait_(wait) {}
  Status enqueue(int stream, std::span<const StreamTensor> inputs,
                 std::span<StreamTensor> outputs) override {
    ++enqueued;
    seen = inputs[0].shape;
    if (refuse) return Status::engine("work", "refused");
    const int error = cuda_test::add_one(static_cast<const float*>(inputs[0].data),
                                         static_cast<float*>(outputs[0].data),
                                         static_cast<int>(inputs[0].shape.elements()), wait_,
                                         place_.streams[static_cast<std::size_t>(stream)]);
    return error == 0 ? Status() : Status::engine("work", "launch failed");
  }
  bool repeats() const override { return true; }
  std::atomic<int> enqueued{0};
  bool refuse = false;
  Shape seen;  // of the last run

 private:
  StreamPlace place_;
  long long wait_;
};

Tensor floats(std::int64_t count, float value) {
  Tensor tensor = allocate_tensor(DType::kFloat32, Shape{count});
  std::fill_n(tensor.data<float>(), count, value);
  return tensor;
}

StreamRun run_of(StreamWork& work, float value, std::int64_t count = 1000) {
  StreamRun run;
  run.work = &work;
  run.inputs.push_back(floats(count, value));
  run.outputs.push_back(floats(count, -1));
  return run;
}

bool all_are(const Tensor& tensor, float value) {
  return std::all_of(tensor.data<float>(), tensor.data<float>() + tensor.elements(),
                     [value](float x) { return x == value; });
}

Completion wait_for(CudaDevice& device) {
  Completion completion;
  while (!device.take(completion)) std::this_thread::yield();
  return completion;
}

// What needs none.
TEST(CudaDeviceAbsent, SaysWhyAndWhatToDo) {
  const auto device = CudaDevice::open({0, 1, 1});
  if (device.ok()) GTEST_SKIP() << "there is a GPU";
  EXPECT_EQ(device.status().code(), Code::kUnavailable);
  EXPECT_THAT(device.status().message(), ::testing::StartsWith("cuda:0: "));
  EXPECT_THAT(device.status().message(),
              ::testing::AnyOf(::testing::HasSubstr("install or update the NVIDIA driver"),
                               ::testing::HasSubstr("they are numbered from 0")));
}

class CudaDeviceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string reason = missing_gpu(); !reason.empty()) GTEST_SKIP() << reason;
  }
};

TEST_F(CudaDeviceTest, ARunGivesWhatItsWorkComputes) {
  const auto device = opened(1, 2);
  AddOne work(device);
  StreamRun run = run_of(work, 41);
  ASSERT_TRUE(device->run(0, run).ok());
  EXPECT_TRUE(all_are(run.outputs[0], 42));
}

TEST_F(CudaDeviceTest, RunsOfAStreamCompleteInOrderAndOneAfterAnother) {
  const auto device = opened(1, 8);
  AddOne work(device, 300'000);
  std::vector<StreamRun> runs;
  for (int i = 0; i < 8; ++i) runs.push_back(run_of(work, static_cast<float>(i)));
  const Nanos began = now();
  for (StreamRun& run : runs) ASSERT_TRUE(device->enqueue(0, run).ok());
  EXPECT_LT(now() - began, 8 * 300'000 + kSecond);
  Nanos ended = 0;
  for (int i = 0; i < 8; ++i) {
    const Completion done = wait_for(*device);
    ASSERT_TRUE(done.status.ok()) << done.status.message();
    EXPECT_EQ(done.run, &runs[static_cast<std::size_t>(i)]);
    EXPECT_TRUE(all_are(done.run->outputs[0], static_cast<float>(i + 1)));
    EXPECT_GE(done.started, ended);
    EXPECT_GE(done.ended, done.started);
    ended = done.ended;
  }
  EXPECT_FALSE(device->ready());
}

TEST_F(CudaDeviceTest, EnqueueReturnsBeforeTheRunIsDone) {
  const auto device = opened(1, 4);
  AddOne work(device, 200'000'000);  // 0.2 s each
  std::vector<StreamRun> runs;
  for (int i = 0; i < 4; ++i) runs.push_back(run_of(work, 0));
  for (StreamRun& run : runs) ASSERT_TRUE(device->enqueue(0, run).ok());
  EXPECT_EQ(work.enqueued, 4);
  EXPECT_FALSE(device->ready());  // of 0.8 s of work
  for (int i = 0; i < 4; ++i) EXPECT_GE(wait_for(*device).run->outputs[0].data<float>()[0], 1);
}

TEST_F(CudaDeviceTest, StreamsRunBesideEachOther) {
  const auto device = opened(4, 1);
  AddOne work(device, 100'000'000);
  std::vector<StreamRun> runs;
  for (int i = 0; i < 4; ++i) runs.push_back(run_of(work, 0));
  for (int i = 0; i < 4; ++i)
    ASSERT_TRUE(device->enqueue(i, runs[static_cast<std::size_t>(i)]).ok());
  std::vector<Completion> all;
  for (int i = 0; i < 4; ++i) all.push_back(wait_for(*device));
  Nanos last_start = 0, first_end = kNever;
  for (const Completion& each : all) {
    last_start = std::max(last_start, each.started);
    first_end = std::min(first_end, each.ended);
  }
  EXPECT_LT(last_start, first_end);
}

TEST_F(CudaDeviceTest, AStreamTakesWhatItWasMadeForAndLargerRunsGrowIt) {
  const auto device = opened(1, 2);
  AddOne work(device);
  StreamRun small = run_of(work, 1, 10), large = run_of(work, 2, 1'000'000),
            third = run_of(work, 3);
  ASSERT_TRUE(device->enqueue(0, small).ok());
  ASSERT_TRUE(device->enqueue(0, large).ok());
  EXPECT_EQ(device->enqueue(0, third).code(), Code::kInternal);
  wait_for(*device);
  wait_for(*device);
  EXPECT_TRUE(all_are(small.outputs[0], 2));
  EXPECT_TRUE(all_are(large.outputs[0], 3));
}

TEST_F(CudaDeviceTest, WhatItsWorkRefusesIsNotEnqueued) {
  const auto device = opened(1, 2);
  AddOne work(device);
  StreamRun run = run_of(work, 1);
  work.refuse = true;
  EXPECT_THAT(device->enqueue(0, run).message(), ::testing::HasSubstr("refused"));
  work.refuse = false;
  ASSERT_TRUE(device->run(0, run).ok());
  EXPECT_TRUE(all_are(run.outputs[0], 2));
}

TEST_F(CudaDeviceTest, MemoryThatIsNotThereIsSaid) {
  const auto device = opened(1, 1);
  const Status status = device->reserve(std::size_t{1} << 45);
  EXPECT_EQ(status.code(), Code::kExhausted);
  EXPECT_THAT(status.message(), ::testing::HasSubstr("out of memory"));
  EXPECT_THAT(status.message(), ::testing::HasSubstr("lower streams or in_flight"));
  AddOne work(device);
  StreamRun run = run_of(work, 1);
  EXPECT_TRUE(device->run(0, run).ok());  // it goes on
}

TEST_F(CudaDeviceTest, AGpuThatIsNotThereIsSaid) {
  const auto device = CudaDevice::open({200, 1, 1});
  EXPECT_EQ(device.status().code(), Code::kUnavailable);
  EXPECT_THAT(device.status().message(), ::testing::HasSubstr("numbered from 0"));
}

TEST_F(CudaDeviceTest, WhatIsUnderWayIsWaitedForWhenItEnds) {
  std::vector<StreamRun> runs;
  auto device = opened(2, 4);
  AddOne work(device, 20'000'000);
  std::atomic<int> told{0};
  device->tell([](void* count) { static_cast<std::atomic<int>*>(count)->fetch_add(1); }, &told);
  for (int i = 0; i < 8; ++i) runs.push_back(run_of(work, 0));
  for (int i = 0; i < 8; ++i)
    ASSERT_TRUE(device->enqueue(i % 2, runs[static_cast<std::size_t>(i)]).ok());
  device->settle();
  EXPECT_EQ(told, 8);
}

TEST_F(CudaDeviceTest, WhatWasRecordedRunsWithoutItsWork) {
  const auto device = opened(2, 3);
  AddOne work(device);
  StreamRun run = run_of(work, 41);
  std::string why;
  ASSERT_TRUE(device->run(1, run).ok());
  ASSERT_EQ(device->record(1, run, why), CudaDevice::Recording::kDone) << why;
  const int before = work.enqueued;
  for (int i = 0; i < 7; ++i) {
    std::fill_n(run.inputs[0].data<float>(), 1000, static_cast<float>(i));
    ASSERT_TRUE(device->run(1, run).ok());
    EXPECT_TRUE(all_are(run.outputs[0], static_cast<float>(i + 1)));
  }
  EXPECT_EQ(work.enqueued, before);
  StreamRun other = run_of(work, 1, 900);  // of another shape
  ASSERT_TRUE(device->run(1, other).ok());
  EXPECT_TRUE(all_are(other.outputs[0], 2));
  EXPECT_EQ(work.enqueued, before + 1);
  ASSERT_TRUE(device->reserve(1 << 20).ok());  // at another place
  ASSERT_TRUE(device->run(1, run).ok());
  EXPECT_TRUE(all_are(run.outputs[0], 7));
  EXPECT_EQ(work.enqueued, before + 2);
}

StreamRun joined(StreamWork& work, int works, int rows) {
  StreamRun run;
  run.work = &work;
  run.items = rows;
  run.joined = works;
  for (int i = 0; i < works; ++i)
    for (const auto& [into, value] : {std::pair{&run.inputs, i * 10}, {&run.outputs, -1}}) {
      into->push_back(floats(100, static_cast<float>(value)));
      into->back().set_shape(Shape{1, 100});
    }
  return run;
}

TEST_F(CudaDeviceTest, WorksThatAreJoinedAreRowsOfOneRun) {
  const auto device = opened(1, 2);
  AddOne work(device);
  for (const int rows : {3, 4, 8}) {
    StreamRun run = joined(work, 3, rows);
    ASSERT_TRUE(device->run(0, run).ok());
    EXPECT_EQ(work.seen, (Shape{rows, 100}));
    for (std::size_t i = 0; i < 3; ++i)
      EXPECT_TRUE(all_are(run.outputs[i], static_cast<float>(i * 10 + 1))) << i;
  }
  EXPECT_EQ(work.enqueued, 3);
}

TEST_F(CudaDeviceTest, JoinedWorksRunAsRecordedForTheirRows) {
  const auto device = opened(1, 2);
  AddOne work(device);
  StreamRun whole = run_of(work, 1, 400);
  for (Tensor* tensor : {&whole.inputs[0], &whole.outputs[0]}) tensor->set_shape(Shape{4, 100});
  std::string why;
  ASSERT_EQ(device->record(0, whole, why), CudaDevice::Recording::kDone) << why;
  const int before = work.enqueued;
  StreamRun run = joined(work, 3, 4);
  ASSERT_TRUE(device->run(0, run).ok());
  EXPECT_TRUE(all_are(run.outputs[2], 21));
  EXPECT_EQ(work.enqueued, before);
}

// Whose outputs are as many as its first input says, which it waits for.
class Varies : public StreamWork {
 public:
  explicit Varies(StreamPlace place) : place_(std::move(place)) {
    cudaMalloc(reinterpret_cast<void**>(&memory_), 4000);
  }
  ~Varies() override { cudaFree(memory_); }
  Status enqueue(int stream, std::span<const StreamTensor> inputs,
                 std::span<StreamTensor> outputs) override {
    const auto on = static_cast<cudaStream_t>(place_.streams[static_cast<std::size_t>(stream)]);
    float count = 0;
    cudaMemcpyAsync(&count, inputs[0].data, sizeof count, cudaMemcpyDeviceToHost, on);
    cudaStreamSynchronize(on);
    if (count < 0) return Status::engine("work", "refused");
    cudaMemcpyAsync(memory_, inputs[0].data, 4000, cudaMemcpyDeviceToDevice, on);
    const auto elements = static_cast<std::int64_t>(count);
    outputs[0] = {memory_, static_cast<std::size_t>(elements) * 4, DType::kFloat32,
                  Shape{elements}};
    return {};
  }
  void may_wait() override { waits = true; }
  bool waits = false;

 private:
  StreamPlace place_;
  void* memory_ = nullptr;
};

StreamRun varying(Varies& work, float count) {
  StreamRun run = run_of(work, count);
  run.outputs[0] = Tensor();
  return run;
}

TEST_F(CudaDeviceTest, OutputsWhoseSizeTheRunTellsComeBackWithIt) {
  const auto device = opened(1, 4);
  Varies work(CudaDevice::place(device));
  StreamRun run = varying(work, 3);
  std::string why;
  EXPECT_EQ(device->record(0, run, why), CudaDevice::Recording::kNot);
  EXPECT_THAT(why, ::testing::HasSubstr("varies"));
  device->run_apart(work);
  EXPECT_TRUE(work.waits);
  for (const float count : {7.F, 0.F, 900.F}) {
    StreamRun once = varying(work, count);
    ASSERT_TRUE(device->run(0, once).ok());
    EXPECT_EQ(once.outputs[0].shape(), (Shape{static_cast<std::int64_t>(count)}));
    EXPECT_TRUE(all_are(once.outputs[0], count));
  }
}

TEST_F(CudaDeviceTest, WorkThatWaitsIsEnqueuedApartAndInOrder) {
  const auto device = opened(2, 8);
  Varies waiting(CudaDevice::place(device));
  AddOne slow(device, 100'000'000), quick(device);
  device->run_apart(waiting);
  StreamRun first = run_of(slow, 1), second = varying(waiting, 5), bad = varying(waiting, -1),
            behind = run_of(quick, 8), beside = run_of(quick, 2);
  ASSERT_TRUE(device->enqueue(0, first).ok());
  ASSERT_TRUE(device->enqueue(0, second).ok());
  ASSERT_TRUE(device->enqueue(0, bad).ok());
  ASSERT_TRUE(device->enqueue(0, behind).ok());
  ASSERT_TRUE(device->enqueue(1, beside).ok());
  std::vector<StreamRun*> order;
  for (int i = 0; i < 5; ++i) {
    const Completion done = wait_for(*device);
    order.push_back(done.run);
    EXPECT_EQ(done.status.ok(), done.run != &bad) << done.status.message();
  }
  EXPECT_THAT(order, ::testing::ElementsAre(&beside, &first, &second, &bad, &behind));
  EXPECT_TRUE(all_are(behind.outputs[0], 9));
  EXPECT_EQ(second.outputs[0].elements(), 5);
}

TEST_F(CudaDeviceTest, RowsThatAreUnlikeAreRefused) {
  const auto device = opened(1, 1);
  AddOne work(device);
  StreamRun run = joined(work, 2, 2);
  run.inputs[1].set_shape(Shape{1, 50});
  EXPECT_THAT(device->run(0, run).message(), ::testing::HasSubstr("1×50"));
  EXPECT_EQ(work.enqueued, 0);
}

// Copies from the host, which a recording would do again from memory that is another's by then.
TEST_F(CudaDeviceTest, WhatTouchesTheHostIsNotRecorded) {
  const auto device = opened(1, 2);
  class Copies : public StreamWork {
   public:
    explicit Copies(StreamPlace place) : place_(std::move(place)) {}
    Status enqueue(int stream, std::span<const StreamTensor>,
                   std::span<StreamTensor> outputs) override {
      const std::vector<float> host(1000, 5);
      const auto on = static_cast<cudaStream_t>(place_.streams[static_cast<std::size_t>(stream)]);
      const cudaError_t error =
          cudaMemcpyAsync(outputs[0].data, host.data(), 4000, cudaMemcpyHostToDevice, on);
      if (error == cudaSuccess && waits) return waited(cudaStreamSynchronize(on));
      return waited(error);
    }
    bool repeats() const override { return true; }
    bool waits = false;

   private:
    static Status waited(cudaError_t error) {
      return error == cudaSuccess ? Status() : Status::engine("work", cudaGetErrorString(error));
    }
    StreamPlace place_;
  } work(CudaDevice::place(device));
  for (const bool waits : {false, true}) {
    work.waits = waits;
    StreamRun run = run_of(work, 0);
    std::string why;
    ASSERT_TRUE(device->run(0, run).ok());
    EXPECT_EQ(device->record(0, run, why), CudaDevice::Recording::kNot);
    EXPECT_NE(why, "");
    cudaGetLastError();
    ASSERT_TRUE(device->run(0, run).ok());
    EXPECT_TRUE(all_are(run.outputs[0], 5));
  }
}

TEST_F(CudaDeviceTest, WorkOnAStreamOfItsOwnIsFoundOut) {
  const auto device = opened(1, 1);
  class Elsewhere : public StreamWork {
   public:
    Elsewhere() { cudaStreamCreateWithFlags(&own_, cudaStreamNonBlocking); }
    ~Elsewhere() override { cudaStreamDestroy(own_); }
    Status enqueue(int, std::span<const StreamTensor> inputs,
                   std::span<StreamTensor> outputs) override {
      cuda_test::add_one(static_cast<const float*>(inputs[0].data),
                         static_cast<float*>(outputs[0].data), 1000, 0, own_);
      return {};
    }
    bool repeats() const override { return true; }

   private:
    cudaStream_t own_ = nullptr;
  } work;
  StreamRun run = run_of(work, 0);
  std::string why;
  EXPECT_EQ(device->record(0, run, why), CudaDevice::Recording::kElsewhere);
}

// The queues and ranks of every lane, on top.
struct Item : Work {
  float value = 0, result = 0;
  Status status;
};

class Counting : public Runner {
 public:
  explicit Counting(StreamWork& work) : work_(work) {}
  void run(Work*, std::uint32_t, int, Lane&) override {}
  bool prepare(Work* work, int, StreamRun& into) override {
    into = run_of(work_, static_cast<Item*>(work)->value, 4096);
    most = std::max(most, ++in_flight);
    return true;
  }
  void complete(Work* work, StreamRun& run, Completion& completion, Lane&) override {
    auto& item = *static_cast<Item*>(work);
    --in_flight;
    item.status = completion.status;
    if (item.status.ok()) item.result = run.outputs[0].data<float>()[4095];
  }
  void settle(Work*, Lane&) override { settled.fetch_add(1); }
  bool joins(const Handful&, Work&) override { return false; }
  int in_flight = 0, most = 0;  // by the serving thread
  std::atomic<int> settled{0};

 private:
  StreamWork& work_;
};

TEST_F(CudaDeviceTest, OneThreadServesItsStreamsFromTheQueues) {
  const auto device = opened(4, 4);
  AddOne work(device, 50'000);
  Counting runner(work);
  Ranker ranker(Order::kFifo);
  Queues queues(4, ranker, 1, runner);
  const std::uint32_t group = queues.add_group(16);
  StreamLanes lanes(queues, *device, runner);
  lanes.start("edgert-test");
  std::vector<std::unique_ptr<Item>> items;
  for (int i = 0; i < 2000; ++i) {
    items.push_back(std::make_unique<Item>());
    items.back()->value = static_cast<float>(i);
  }
  for (auto& item : items) queues.submit(group, item.get());
  while (runner.settled < 2000) std::this_thread::yield();
  lanes.stop();
  for (int i = 0; i < 2000; ++i) {
    ASSERT_TRUE(items[static_cast<std::size_t>(i)]->status.ok());
    ASSERT_EQ(items[static_cast<std::size_t>(i)]->result, static_cast<float>(i + 1));
  }
  EXPECT_EQ(runner.most, 16);
}

TEST_F(CudaDeviceTest, StopsWhileAllIsFull) {
  const auto device = opened(2, 4);
  AddOne work(device, 10'000'000);
  Counting runner(work);
  Ranker ranker(Order::kFifo);
  Queues queues(2, ranker, 1, runner);
  const std::uint32_t group = queues.add_group(8);
  StreamLanes lanes(queues, *device, runner);
  lanes.start("edgert-test");
  std::vector<std::unique_ptr<Item>> items;
  for (int i = 0; i < 100; ++i) items.push_back(std::make_unique<Item>());
  for (auto& item : items) queues.submit(group, item.get());
  while (work.enqueued < 8) std::this_thread::yield();
  lanes.stop();
  EXPECT_EQ(runner.in_flight, 0);
  EXPECT_GE(runner.settled, 8);
  EXPECT_EQ(runner.settled, work.enqueued);  // each once, and nothing else
  EXPECT_LT(runner.settled, 100);
}

// Last: a kernel that fails takes the process' CUDA with it.
TEST_F(CudaDeviceTest, ZzAFailedKernelFailsAllRunsAndHangsNothing) {
  const auto device = opened(2, 2);
  class Broken : public StreamWork {
   public:
    explicit Broken(StreamPlace place) : place_(std::move(place)) {}
    Status enqueue(int stream, std::span<const StreamTensor>, std::span<StreamTensor>) override {
      cuda_test::write_nowhere(place_.streams[static_cast<std::size_t>(stream)]);
      return {};
    }

   private:
    StreamPlace place_;
  } broken(CudaDevice::place(device));
  AddOne slow(device, 50'000'000);
  StreamRun before = run_of(slow, 1), bad = run_of(broken, 1), beside = run_of(slow, 1);
  ASSERT_TRUE(device->enqueue(0, before).ok());
  ASSERT_TRUE(device->enqueue(0, bad).ok());
  ASSERT_TRUE(device->enqueue(1, beside).ok());
  int failed = 0;
  for (int i = 0; i < 3; ++i) {
    const Completion done = wait_for(*device);
    failed += !done.status.ok();
    if (done.run == &bad) {
      EXPECT_EQ(done.status.code(), Code::kEngine);
      EXPECT_THAT(done.status.message(), ::testing::HasSubstr("CUDA error"));
      EXPECT_THAT(done.status.message(), ::testing::HasSubstr("start the program again"));
    }
  }
  EXPECT_GE(failed, 1);
  StreamRun later = run_of(slow, 1);
  EXPECT_FALSE(device->enqueue(0, later).ok());
}

}  // namespace
}  // namespace edgert
