// Runs a plan that `edgert compile DOCUMENTS -o box.plan` wrote, on the frames of a raw video, and
// prints each result as a line of JSON. No Python is involved.
//
//   run_plan box.plan frames.yuv [SENSOR] [FRAMES_A_SECOND]
//
// The engines are found through EDGERT_ONNXRUNTIME_LIBRARY and EDGERT_TFLITE_LIBRARY, paths of
// their shared libraries, or among the system's libraries.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "plan_run.h"
#include "raw_video.h"

namespace {

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
  auto opened = PlanRun::open(plan_file, std::move(sensor_name));
  if (!opened.ok()) return refuse(opened.status());
  edgert::SensorPort& sensor = opened->sensor();
  auto video = RawVideo::open(video_file, sensor.format().image);
  if (!video.ok()) return refuse(video.status());
  opened->start();
  const edgert::Status pushed = push_all(sensor, *video, rate);
  sensor.finish();
  opened->finish();
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
