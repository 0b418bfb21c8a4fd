// What edgert itself costs: time, allocations and copies, without and with a real engine.
//   overhead dispatch FRAMES MODEL.null…   those models on each frame, saturated
//   overhead frame FRAMES MODEL.onnx       a 720p frame, a transform, a real model, two
//   applications overhead engine RUNS MODEL.onnx        the engine's own runs, nothing else
// Each prints one JSON line.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "allocations.h"
#include "edgert/infer/registry.h"
#include "edgert/plan/builder.h"
#include "edgert/runtime/runtime.h"

namespace {

using namespace edgert;

template <class T>
T must(Result<T> result) {
  if (!result.ok()) {
    std::fprintf(stderr, "%s\n", result.status().message().c_str());
    std::exit(1);
  }
  return std::move(result).value();
}

void must(const Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.message().c_str());
  std::exit(1);
}

struct Load {
  std::unique_ptr<Runtime> runtime;
  SensorPort* port = nullptr;
  std::atomic<long> done{0};
};

void open(Load& load, PlanSpec plan, const std::string& sensor) {
  load.runtime = must(Runtime::create(std::move(plan), {}));
  for (const PipelineSpec& pipeline : load.runtime->plan().spec.pipelines) {
    PipelinePort* port = must(load.runtime->pipeline(pipeline.application + "/" + pipeline.name));
    port->attach_reader();
    port->set_callback([&load](const Answer& answer) {
      if (!answer.status.ok()) std::exit(2);
      load.done.fetch_add(1, std::memory_order_relaxed);
    });
  }
  load.port = must(load.runtime->sensor(sensor));
  load.runtime->start();
}

struct Figures {
  double nanos, allocations;
};

// Pushes `frames` frames made by `fill` and waits for all results.
template <class Fill>
Figures saturate(Load& load, long frames, Fill fill) {
  const long target = load.done.load() + frames;
  const long before = allocations();
  const Nanos start = now();
  for (long i = 0; i < frames; ++i) {
    FrameRef frame;
    while (!(frame = load.port->blank())) {
    }
    fill(*frame);
    must(load.port->push(std::move(frame)).status());
  }
  while (load.done.load(std::memory_order_relaxed) < target) {
    timespec moment{0, 50'000};
    nanosleep(&moment, nullptr);
  }
  return {static_cast<double>(now() - start) / static_cast<double>(frames),
          static_cast<double>(allocations() - before) / static_cast<double>(frames)};
}

PlanSpec table_plan(const std::vector<std::string>& models) {
  PlanBuilder builder;
  FrameFormat format;
  format.kind = FrameKind::kTable;
  format.table = {{"a", "b", "c", "d"}, 0, 1};
  const ValueRef sensor = must(builder.sensor("table", format, {InboxPolicy::kBlock, 64, 32}));
  const ValueRef rows = must(builder.transform(
      "table.select", {{"columns", std::vector<std::string>{"a", "b", "c", "d"}}}, {sensor}));
  const ValueRef fixed = must(
      builder.transform("tensor.reshape", {{"shape", std::vector<std::int64_t>{1, 4}}}, {rows}));
  PipelineSpec pipeline;
  pipeline.name = "null";
  pipeline.application = "bench";
  pipeline.sensor = 0;
  pipeline.queue = 256;
  for (std::size_t i = 0; i < models.size(); ++i) {
    ModelSpec spec;
    spec.name = "null" + std::to_string(i);
    spec.file = models[i];
    spec.instances = 64;
    const int model = must(builder.model(spec));
    const ValueRef out = must(builder.run_model(model, {{"x", {fixed, {}, {}}}}));
    pipeline.outputs.push_back({"y" + std::to_string(i), out, -1});
  }
  must(builder.pipeline(pipeline).status());
  return must(builder.finish());
}

void dispatch(const std::vector<std::string>& models, long frames) {
  Load load;
  open(load, table_plan(models), "table");
  Tensor row = allocate_tensor(DType::kFloat32, {1, 4});
  const auto fill = [&](Frame& frame) {
    frame.kind = FrameKind::kTable;
    frame.samples = row;
  };
  saturate(load, frames / 10 + 1, fill);
  const Figures figures = saturate(load, frames, fill);
  std::printf("{\"frame_us\": %.4f, \"execution_us\": %.4f, \"allocations_per_frame\": %.4f}\n",
              figures.nanos / 1e3, figures.nanos / 1e3 / static_cast<double>(models.size()),
              figures.allocations);
  load.runtime->stop();
}

// The engine's own runs of a model on buffers that stay the same: the least that a run costs.
Figures engine_alone(const std::string& file, long runs) {
  auto model = must(must(backend_for_file(file))->load(file, {}));
  auto session = must(model->session());
  std::vector<Tensor> inputs, outputs(model->io().outputs.size());
  for (const TensorSpec& spec : model->io().inputs) {
    Shape shape = spec.shape;
    for (int axis = 0; axis < shape.rank(); ++axis)
      shape[axis] = std::max<std::int64_t>(shape[axis], 1);
    inputs.push_back(allocate_tensor(spec.dtype, shape));
  }
  must(session->run(inputs, outputs));
  for (Tensor& output : outputs) output = allocate_tensor(output.dtype(), output.shape());
  for (int i = 0; i < 10; ++i) must(session->run(inputs, outputs));
  const long before = allocations();
  const Nanos start = now();
  for (long i = 0; i < runs; ++i) must(session->run(inputs, outputs));
  return {static_cast<double>(now() - start) / static_cast<double>(runs),
          static_cast<double>(allocations() - before) / static_cast<double>(runs)};
}

void engine(const std::string& file, long runs) {
  const Figures figures = engine_alone(file, runs);
  std::printf("{\"run_us\": %.4f, \"allocations_per_run\": %.4f}\n", figures.nanos / 1e3,
              figures.allocations);
}

void frame(const std::string& file, long frames) {
  PlanBuilder builder;
  FrameFormat format;
  format.image = {PixelFormat::kYuv420p, 1280, 720, {}, {}, {}};
  const ValueRef sensor = must(builder.sensor("camera", format, {InboxPolicy::kBlock, 4, 4}));
  const ValueRef tensor = must(builder.transform("image.to_tensor",
                                                 {{"width", std::int64_t{224}},
                                                  {"height", std::int64_t{224}},
                                                  {"layout", std::string("nchw")},
                                                  {"scale", 1 / 128.0},
                                                  {"offset", -127 / 128.0}},
                                                 {sensor}));
  ModelSpec spec;
  spec.name = "model";
  spec.file = file;
  const int model = must(builder.model(spec));
  const ValueRef out =
      must(builder.run_model(model, {{builder.model_io(model).inputs[0].name, {tensor, {}, {}}}}));
  const ValueRef classes =
      must(builder.transform("answer.classes", {{"top", std::int64_t{5}}}, {out}));
  for (const char* application : {"one", "two"}) {
    PipelineSpec pipeline;
    pipeline.name = "classes";
    pipeline.application = application;
    pipeline.sensor = 0;
    pipeline.outputs = {{"classes", classes, -1}};
    must(builder.pipeline(pipeline).status());
  }
  Load load;
  open(load, must(builder.finish()), "camera");
  Tensor luma = allocate_tensor(DType::kUInt8, {720, 1280}),
         chroma = allocate_tensor(DType::kUInt8, {360, 640});
  const auto fill = [&](Frame& of) {
    of.kind = FrameKind::kImage;
    of.image = format.image;
    of.planes[0] = {luma.data<std::uint8_t>(), 1280, 1280, 720};
    of.planes[1] = of.planes[2] = {chroma.data<std::uint8_t>(), 640, 640, 360};
    of.plane_count = 3;
    of.owner = luma.buffer();
  };
  const auto saturate_both = [&](long n) {
    const long target = load.done.load() + 2 * n;
    Figures figures = saturate(load, n, fill);
    while (load.done.load() < target) {
      timespec moment{0, 50'000};
      nanosleep(&moment, nullptr);
    }
    return figures;
  };
  saturate_both(frames / 4 + 8);
  const Figures figures = saturate_both(frames);
  const double of_engine = engine_alone(file, 50).allocations;
  const Snapshot snapshot = load.runtime->snapshot();
  load.runtime->stop();
  std::printf(
      "{\"allocations_per_frame\": %.4f, \"engine_allocations_per_run\": %.4f, "
      "\"bytes_copied_per_frame\": %.1f}\n",
      figures.allocations, of_engine,
      static_cast<double>(snapshot.gathered_bytes + snapshot.engine_copied_bytes) /
          static_cast<double>(frames));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "dispatch" && argc > 3) {
    dispatch({argv + 3, argv + argc}, std::atol(argv[2]));
  } else if (mode == "frame" && argc > 3) {
    frame(argv[3], std::atol(argv[2]));
  } else if (mode == "engine" && argc > 3) {
    engine(argv[3], std::atol(argv[2]));
  } else {
    std::fprintf(stderr,
                 "usage: overhead dispatch FRAMES MODEL.null... | frame FRAMES MODEL.onnx | engine "
                 "RUNS MODEL.onnx\n");
    return 2;
  }
}
