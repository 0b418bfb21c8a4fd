// Runs a plan that `edgert compile DOCUMENTS -o box.plan` wrote, on the frames of a raw video, and
// prints each result as a line of JSON. No Python is involved.
//
//   run_plan box.plan frames.yuv [SENSOR] [FRAMES_A_SECOND]
//
// The engines are found through EDGERT_ONNXRUNTIME_LIBRARY and EDGERT_TFLITE_LIBRARY, paths of
// their shared libraries, or among the system's libraries.
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

#include "edgert/runtime/runtime.h"
#include "print.h"
#include "raw_video.h"

namespace {

int refuse(const edgert::Status& status) {
  std::fprintf(stderr, "%s\n", status.message().c_str());
  return 1;
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

edgert::Status push_all(edgert::SensorPort& sensor, RawVideo& video, double rate) {
  for (int i = 0;; ++i) {
    edgert::FrameRef frame = sensor.blank();
    if (!frame)
      return {edgert::Code::kExhausted, sensor.name(), "too many frames are held",
              "let results go sooner"};
    if (!video.read(*frame)) return {};
    frame->media_time = static_cast<edgert::Nanos>(i / rate * edgert::kSecond);
    auto pushed =
        sensor.push(std::move(frame));  // waits for a place, if the sensor's inbox is `block`
    if (!pushed.ok()) return pushed.status();
  }
}

int run(const std::string& plan_file, const std::string& video_file, std::string sensor_name,
        double rate) {
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
  auto video = RawVideo::open(video_file, (*sensor)->format().image);
  if (!video.ok()) return refuse(video.status());

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
  const edgert::Status pushed = push_all(**sensor, *video, rate);
  (*sensor)->finish();
  for (std::thread& reader : readers) reader.join();
  runtime.stop();
  return pushed.ok() ? 0 : refuse(pushed);
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3 || count > 5) {
    std::fprintf(stderr, "usage: run_plan PLAN FRAMES.yuv [SENSOR] [FRAMES_A_SECOND]\n");
    return 2;
  }
  const double rate = count > 4 ? std::atof(arguments[4]) : 30;
  return run(arguments[1], arguments[2], count > 3 ? arguments[3] : "", rate > 0 ? rate : 30);
}
