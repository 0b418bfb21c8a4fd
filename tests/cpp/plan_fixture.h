// Plans of null models on table sensors, and runtimes that run them: what tests of the core share.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "edgert/plan/builder.h"
#include "edgert/runtime/runtime.h"

namespace edgert::testing {

template <class T>
T must(Result<T> result) {
  if (result.ok()) return std::move(result).value();
  ADD_FAILURE() << result.status().message();
  std::abort();
}

inline void must(const Status& status) {
  ASSERT_TRUE(status.ok()) << status.message();
}

// A folder that goes with the test.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "edgert-test-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const std::string& name) const { return (path_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return file(name);
  }

 private:
  std::filesystem::path path_;
};

inline FrameFormat table_format(int columns, int max_rows) {
  FrameFormat format;
  format.kind = FrameKind::kTable;
  for (int i = 0; i < columns; ++i) format.table.columns.push_back("c" + std::to_string(i));
  format.table.max_rows = max_rows;
  format.table.rate = 100;
  return format;
}

// A frame of `columns` floats a row. Media time is in milliseconds.
inline FrameRef table_frame(const std::vector<float>& values, int columns, Nanos media_ms = 0,
                            bool gap = false) {
  FrameRef frame = make_frame();
  frame->kind = FrameKind::kTable;
  frame->samples = allocate_tensor(DType::kFloat32,
                                   {static_cast<std::int64_t>(values.size()) / columns, columns});
  std::memcpy(frame->samples.bytes_data(), values.data(), values.size() * sizeof(float));
  frame->media_time = media_ms * kMillisecond;
  frame->gap_before = gap;
  return frame;
}

inline std::vector<float> floats(const Tensor& tensor) {
  const auto* data = tensor.data<const float>();
  return {data, data + tensor.elements()};
}

// A builder with shorthand. Sensors have frames of one row unless said.
class TestPlan {
 public:
  PlanBuilder builder;

  ValueRef sensor(const std::string& name, const SensorOptions& options = {}, int columns = 2,
                  int max_rows = 1) {
    return must(builder.sensor(name, table_format(columns, max_rows), options));
  }
  ValueRef transform(const std::string& op, const Params& params,
                     const std::vector<ValueRef>& inputs) {
    return must(builder.transform(op, params, inputs));
  }
  // The frame's rows as a tensor.
  ValueRef rows(ValueRef sensor) { return transform("table.select", {}, {sensor}); }

  // A model with input x and output y of `shape`, that echoes; `more` are further statements.
  int model(const std::string& name, const std::string& shape = "1x2",
            const std::string& more = "echo\n", int instances = 0, int batch = 1) {
    const std::string text = "input x float32 " + shape + "\noutput y float32 " + shape + "\n" +
                             more + "# " + name + "\n";
    ModelSpec spec;
    spec.name = name;
    spec.file = folder_.write(name + ".null", text);
    spec.instances = instances;
    spec.batch = batch;
    return must(builder.model(spec));
  }
  ValueRef run(int model, ValueRef input, const std::string& name = {}) {
    std::map<std::string, ModelFeed> feeds;
    feeds["x"].value = input;
    return must(builder.run_model(model, feeds, name));
  }
  ValueRef region(ValueRef rows) { return must(builder.region(rows)); }
  ValueRef gather(ValueRef value, bool stack = true) { return must(builder.gather(value, stack)); }
  int gate(ValueRef value, double above, GateOptions options = {}) {
    options.above = above;
    return must(builder.gate(value, options)).node;
  }

  static PipelineSpec pipeline_of(const std::string& name, const std::vector<OutputSpec>& outputs,
                                  int sensor = 0) {
    PipelineSpec spec;
    spec.application = "test";
    spec.name = name;
    spec.sensor = sensor;
    spec.outputs = outputs;
    return spec;
  }
  void pipeline(const std::string& name, ValueRef value, int gate = -1) {
    add(pipeline_of(name, {{"out", value, gate}}));
  }
  void add(const PipelineSpec& spec) { must(builder.pipeline(spec)); }
  const Folder& folder() const { return folder_; }

 private:
  Folder folder_;
};

// A runtime with its readers attached. Results are read without waiting for long.
class Running {
 public:
  // `expected`: what a profile says of each model, if it says something.
  explicit Running(TestPlan& plan, int lanes = 2, Order order = Order::kEarliestDeadline,
                   Nanos expected = 0)
      : Running(plan, RuntimeOptions{lanes, order}, expected) {}
  Running(TestPlan& plan, const RuntimeOptions& options, Nanos expected = 0)
      : runtime(must(Runtime::create(finished(plan, expected), options))) {}

  SensorPort& sensor(const std::string& name) { return *must(runtime->sensor(name)); }
  PipelinePort& pipeline(const std::string& name) {
    return *must(runtime->pipeline("test/" + name));
  }
  void attach(const std::string& name) { pipeline(name).attach_reader(); }
  bool push(const std::string& sensor_name, const std::vector<float>& values, int columns = 2,
            Nanos media_ms = 0, bool gap = false) {
    return must(sensor(sensor_name).push(table_frame(values, columns, media_ms, gap)));
  }
  Answer next(const std::string& name, Nanos within = 20 * kSecond) {
    Answer answer;
    EXPECT_TRUE(runtime->next(pipeline(name), answer, now() + within)) << "no result of " << name;
    return answer;
  }
  // All results until the pipeline is over.
  std::vector<Answer> rest(const std::string& name) {
    std::vector<Answer> answers;
    for (Answer answer; runtime->next(pipeline(name), answer, now() + 20 * kSecond);)
      answers.push_back(std::move(answer)), answer = {};
    EXPECT_TRUE(pipeline(name).over()) << name << " did not end";
    return answers;
  }
  NodeSnapshot node(const std::string& name) {
    for (const NodeSnapshot& node : runtime->snapshot().nodes)
      if (node.name == name) return node;
    ADD_FAILURE() << "no node " << name;
    return {};
  }
  ModelSnapshot model(std::size_t index = 0) { return runtime->snapshot().models.at(index); }
  SensorSnapshot sensor_counts() { return runtime->snapshot().sensors.front(); }

  std::unique_ptr<Runtime> runtime;

 private:
  static PlanSpec finished(TestPlan& plan, Nanos expected) {
    PlanSpec spec = must(plan.builder.finish());
    for (NodeSpec& node : spec.nodes)
      if (node.kind == NodeKind::kModel && expected > 0) node.expected = expected;
    return spec;
  }
};

}  // namespace edgert::testing
