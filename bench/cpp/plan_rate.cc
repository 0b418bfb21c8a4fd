// How many results a second a plan gives when its sensors' frames come as fast as they are taken.
//
//   plan_rate PLAN SECONDS [OUTPUTS]
//
// Each sensor is fed by a thread with the same few pictures of noise (yuv420p) again and again;
// sensors should have `inbox: block`. Prints a line of JSON. OUTPUTS gets, of each pipeline in the
// plan's order, the outputs of the first kPictures frames, as the bytes of their tensors.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "edgert/runtime/runtime.h"

namespace {

constexpr std::size_t kPictures = 16;

// Counts results, and keeps the first ones.
struct Results {
  std::atomic<long> ok{0}, failed{0};
  std::mutex mutex;
  std::string error;                            // the first
  std::vector<std::vector<std::string>> first;  // by pipeline, by frame

  void add(std::size_t pipeline, const edgert::Answer& answer) {
    if (!answer.status.ok()) {
      failed.fetch_add(1);
      const std::lock_guard lock(mutex);
      if (error.empty()) error = answer.status.message();
      return;
    }
    ok.fetch_add(1);
    const auto frame = static_cast<std::size_t>(answer.frame->sequence);
    if (frame >= kPictures) return;
    std::string& bytes = first[pipeline][frame];
    for (const auto& output : answer.outputs)
      for (const auto& entry : output.entries)
        bytes.append(reinterpret_cast<const char*>(entry.tensor.bytes_data()),
                     entry.tensor.bytes());
  }
};

std::vector<edgert::BufferRef> pictures(const edgert::ImageFormat& format) {
  std::mt19937 random(7);
  std::vector<edgert::BufferRef> made;
  const auto bytes = static_cast<std::size_t>(format.width * format.height) * 3 / 2;
  for (std::size_t i = 0; i < kPictures; ++i) {
    made.push_back(edgert::allocate_buffer(bytes));
    for (std::size_t k = 0; k < bytes; ++k)
      made.back()->data()[k] = static_cast<std::byte>(random() & 255);
  }
  return made;
}

void fill(edgert::Frame& frame, const edgert::ImageFormat& format, edgert::BufferRef memory) {
  const auto* data = reinterpret_cast<const std::uint8_t*>(memory->data());
  const int w = format.width, h = format.height;
  frame.kind = edgert::FrameKind::kImage;
  frame.image = format;
  frame.planes[0] = {data, w, w, h};
  frame.planes[1] = {data + w * h, w / 2, w / 2, h / 2};
  frame.planes[2] = {data + w * h + w * h / 4, w / 2, w / 2, h / 2};
  frame.plane_count = 3;
  frame.owner = std::move(memory);
}

void feed(edgert::SensorPort& sensor, const std::atomic<bool>& over) {
  const edgert::ImageFormat format = sensor.format().image;
  const std::vector<edgert::BufferRef> frames = pictures(format);
  for (std::size_t i = 0; !over.load(std::memory_order_relaxed); ++i) {
    edgert::FrameRef frame = sensor.blank();
    if (!frame) {
      std::this_thread::yield();
      continue;
    }
    fill(*frame, format, frames[i % kPictures]);
    frame->media_time = static_cast<edgert::Nanos>(i) * edgert::kMillisecond;
    if (!sensor.push(std::move(frame)).ok()) break;
  }
}

edgert::Status measure(const std::string& file, double seconds, const char* outputs) {
  EDGERT_ASSIGN_OR_RETURN(auto spec, edgert::load_plan(file));
  EDGERT_ASSIGN_OR_RETURN(auto runtime, edgert::Runtime::create(std::move(spec), {}));
  Results results;
  const edgert::PlanSpec& plan = runtime->plan().spec;
  results.first.resize(plan.pipelines.size(), std::vector<std::string>(kPictures));
  for (std::size_t i = 0; i < plan.pipelines.size(); ++i) {
    const auto& pipeline = plan.pipelines[i];
    EDGERT_ASSIGN_OR_RETURN(auto* port,
                            runtime->pipeline(pipeline.application + "/" + pipeline.name));
    port->set_callback([&results, i](const edgert::Answer& answer) { results.add(i, answer); });
  }
  runtime->start();
  std::atomic<bool> over{false};
  std::vector<std::thread> feeders;
  for (const auto& sensor : plan.sensors) {
    EDGERT_ASSIGN_OR_RETURN(auto* port, runtime->sensor(sensor.name));
    feeders.emplace_back([port, &over] { feed(*port, over); });
  }
  std::this_thread::sleep_for(std::chrono::seconds(1));
  const edgert::Nanos began = edgert::now();
  const long before = results.ok.load();
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  const long after = results.ok.load();
  const double elapsed = static_cast<double>(edgert::now() - began) / edgert::kSecond;
  over.store(true);
  for (std::thread& feeder : feeders) feeder.join();
  runtime->stop();
  std::printf("{\"results_per_s\": %.1f, \"results\": %ld, \"failed\": %ld, \"error\": \"%s\"}\n",
              static_cast<double>(after - before) / elapsed, results.ok.load(),
              results.failed.load(), results.error.c_str());
  if (outputs) {
    std::ofstream to(outputs, std::ios::binary);
    for (const auto& pipeline : results.first)
      for (const std::string& bytes : pipeline)
        to.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
  return {};
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) {
    std::fprintf(stderr, "usage: plan_rate PLAN SECONDS [OUTPUTS]\n");
    return 2;
  }
  const auto status =
      measure(arguments[1], std::atof(arguments[2]), count > 3 ? arguments[3] : nullptr);
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.message().c_str());
  return status.ok() ? 0 : 1;
}
