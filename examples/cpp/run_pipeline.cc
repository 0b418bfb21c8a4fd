// Runs a plan that `edgert compile DOCUMENTS -o box.plan` wrote on a source in C++, and prints each
// result as a line of JSON. No Python is involved.
//
//   run_pipeline box.plan 'videotestsrc num-buffers=100 ! video/x-raw,format=I420' [SENSOR]
//   run_pipeline box.plan bars [SENSOR]         the program's own source below
//
// A pipeline needs GStreamer, and an edgert that was built where its headers are.
#include <cstdio>
#include <mutex>
#include <thread>
#include <vector>

#include "bars_source.h"
#include "edgert/runtime/runtime.h"
#include "edgert/source/feed.h"
#include "edgert/source/registry.h"
#include "print.h"

namespace {

int refuse(const edgert::Status& status) {
  std::fprintf(stderr, "%s\n", status.message().c_str());
  return 1;
}

edgert::Result<std::unique_ptr<edgert::Source>> make(const std::string& what) {
  if (what != "bars") return edgert::make_source("gstreamer", {{"pipeline", what}});
  return std::unique_ptr<edgert::Source>(std::make_unique<BarsSource>(640, 480, 30));
}

// Reads one pipeline's results until its sensor has finished.
void print_results(edgert::Runtime& runtime, edgert::PipelinePort& pipeline, std::mutex& output) {
  edgert::Answer answer;
  while (runtime.next(pipeline, answer, edgert::kNever)) {
    const std::string line = to_json(answer, *pipeline.pipeline().spec);
    std::lock_guard lock(output);
    std::printf("%s\n", line.c_str());
  }
}

int run(const std::string& plan_file, const std::string& what, std::string sensor_name) {
  auto plan = edgert::load_plan(plan_file);
  if (!plan.ok()) return refuse(plan.status());
  if (plan->sensors.empty())
    return refuse(edgert::Status::invalid(plan_file, "has no sensor", "compile a pipeline"));
  if (sensor_name.empty()) sensor_name = plan->sensors[0].name;

  auto created = edgert::Runtime::create(std::move(plan).value(), {});
  if (!created.ok()) return refuse(created.status());
  edgert::Runtime& runtime = **created;
  auto sensor = runtime.sensor(sensor_name);
  if (!sensor.ok()) return refuse(sensor.status());
  auto source = make(what);
  if (!source.ok()) return refuse(source.status());

  std::mutex output;
  std::vector<std::thread> readers;
  for (const edgert::CompiledPipeline& compiled : runtime.plan().pipelines) {
    if (runtime.plan().spec.sensors[static_cast<std::size_t>(compiled.spec->sensor)].name !=
        sensor_name)
      continue;
    edgert::PipelinePort* pipeline =
        *runtime.pipeline(compiled.spec->application + "/" + compiled.spec->name);
    pipeline->attach_reader();  // before the start: from now on no result is dropped
    readers.emplace_back(
        [&runtime, pipeline, &output] { print_results(runtime, *pipeline, output); });
  }
  runtime.start();
  edgert::SourceThread thread(std::move(source).value(), **sensor);
  for (std::thread& reader : readers) reader.join();
  const edgert::Status ended = thread.join();
  std::fprintf(stderr, "%llu bytes were copied before frames entered\n",
               static_cast<unsigned long long>(thread.source().bytes_copied()));
  runtime.stop();
  return ended.ok() ? 0 : refuse(ended);
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3 || count > 4) {
    std::fprintf(stderr, "usage: run_pipeline PLAN 'PIPELINE'|bars [SENSOR]\n");
    return 2;
  }
  return run(arguments[1], arguments[2], count > 3 ? arguments[3] : "");
}
