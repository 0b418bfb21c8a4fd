// image.to_tensor for bench/preprocess.py, called by ctypes: one thread, no runtime around it.
#include <chrono>
#include <cstring>
#include <memory>
#include <string>

#include "edgert/transform/transform.h"

namespace {

using namespace edgert;
using Time = std::chrono::steady_clock;

// Keeps its memory between runs, as an executor does.
class Steady final : public RunContext {
 public:
  Status allocate(int, const Shape& shape) override {
    if (!tensor_.bytes_data()) tensor_ = allocate_tensor(dtype_, shape);
    return {};
  }
  Tensor& output(int) override { return tensor_; }
  std::byte* scratch(std::size_t bytes) override {
    if (!scratch_ || scratch_->size() < bytes) scratch_ = allocate_buffer(bytes);
    return scratch_->data();
  }
  explicit Steady(DType dtype) : dtype_(dtype) {}

 private:
  DType dtype_;
  Tensor tensor_;
  BufferRef scratch_;
};

struct Job {
  std::unique_ptr<Transform> transform;
  FrameRef frame = make_frame();
  std::unique_ptr<Steady> context;
};

}  // namespace

extern "C" {

// A job on planes that stay where they are. `scale` and `offset` have three numbers; for int8 and
// uint8 they lead to the element itself. Null, with the reason in `message`, where it can't be.
void* preprocess_open(const char* pixel, int width, int height, const std::uint8_t* const* planes,
                      const std::int64_t* strides, int count, int side, const char* layout,
                      const char* filter, const char* dtype, const double* scale,
                      const double* offset, char* message, std::size_t capacity) {
  auto job = std::make_unique<Job>();
  FrameFormat format;
  format.image.pixel = *pixel_format_from_name(pixel);
  format.image.width = width;
  format.image.height = height;
  job->frame->image = format.image;
  job->frame->plane_count = count;
  for (int i = 0; i < count; ++i) {
    job->frame->planes[static_cast<std::size_t>(i)] = {planes[i], strides[i], 0, 0};
  }
  Params params;
  params.set("width", std::int64_t{side});
  params.set("height", std::int64_t{side});
  params.set("layout", std::string(layout));
  params.set("filter", std::string(filter));
  params.set("dtype", std::string(dtype));
  params.set("scale", std::vector<double>(scale, scale + 3));
  params.set("offset", std::vector<double>(offset, offset + 3));
  const InputFormat input{&format, nullptr};
  auto made = make_transform("image.to_tensor", params, {&input, 1});
  if (!made.ok()) {
    std::strncpy(message, made.status().message().c_str(), capacity - 1);
    return nullptr;
  }
  job->transform = std::move(*made);
  job->context = std::make_unique<Steady>(job->transform->outputs()[0].dtype);
  return job.release();
}

// Seconds that a run took, in the mean of `runs`; negative when it failed.
double preprocess_run(void* handle, int runs) {
  Job& job = *static_cast<Job*>(handle);
  const Input input{job.frame.get(), nullptr};
  const auto began = Time::now();
  for (int i = 0; i < runs; ++i) {
    if (!job.transform->run({&input, 1}, *job.context).ok()) return -1;
  }
  return std::chrono::duration<double>(Time::now() - began).count() / runs;
}

const void* preprocess_output(void* handle) {
  return static_cast<Job*>(handle)->context->output(0).bytes_data();
}

void preprocess_close(void* handle) {
  delete static_cast<Job*>(handle);
}
}
