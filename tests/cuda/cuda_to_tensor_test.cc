// image.to_tensor on a GPU against pixel_math.h in double on the host: every layout, element type
// and filter that a job can ask for. Skipped, with the reason, where there is no GPU.
#include <cuda_fp16.h>
#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "edgert/device/cuda/abi.h"
#include "edgert/transform/image/pixel_math.h"

extern "C" int edgert_cuda_to_tensor(const EdgertCudaToTensor* job, void* stream, char* message,
                                     size_t capacity);

namespace edgert::image {
namespace {

constexpr int kWidth = 322, kHeight = 182;  // no multiples of a block

std::string missing_gpu() {
  int count = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error != cudaSuccess) return cudaGetErrorString(error);
  return count > 0 ? "" : "no GPU found";
}

// Memory of the GPU, freed with it.
class DeviceBytes {
 public:
  explicit DeviceBytes(std::size_t bytes) : size_(bytes) {
    EXPECT_EQ(cudaMalloc(&data_, bytes), cudaSuccess);
  }
  ~DeviceBytes() { cudaFree(data_); }
  DeviceBytes(const DeviceBytes&) = delete;
  DeviceBytes& operator=(const DeviceBytes&) = delete;
  void put(const std::vector<std::uint8_t>& from) {
    ASSERT_EQ(cudaMemcpy(data_, from.data(), from.size(), cudaMemcpyHostToDevice), cudaSuccess);
  }
  std::vector<std::uint8_t> get() const {
    std::vector<std::uint8_t> out(size_);
    EXPECT_EQ(cudaMemcpy(out.data(), data_, size_, cudaMemcpyDeviceToHost), cudaSuccess);
    return out;
  }
  std::uint8_t* data() const { return static_cast<std::uint8_t*>(data_); }

 private:
  void* data_ = nullptr;
  std::size_t size_;
};

enum class Pixels { kI420, kNv12, kP010, kRgb24, kGray8 };

PixelPlane plane(std::size_t offset, int stride, int step, int width, int height) {
  // `data` is an offset until the planes have a place.
  return {reinterpret_cast<const std::uint8_t*>(offset),
          stride,
          step,
          width,
          height,
          false,
          false,
          false,
          0,
          0,
          0};
}

PixelPlane halved(PixelPlane chroma) {
  chroma.half_x = chroma.half_y = true;
  chroma.origin_x = 0;
  chroma.origin_y = 0.5f;  // MPEG-2's siting
  return chroma;
}

// A frame's description, with offsets for addresses, and how many bytes it has.
std::pair<PixelSource, std::size_t> described(Pixels pixels, int width, int height) {
  PixelSource s{};
  s.width = width;
  s.height = height;
  const auto luma = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  const int cw = width / 2, ch = height / 2;
  const auto chroma = static_cast<std::size_t>(cw) * static_cast<std::size_t>(ch);
  if (pixels == Pixels::kGray8 || pixels == Pixels::kRgb24) {
    const int step = pixels == Pixels::kRgb24 ? 3 : 1;
    s.kind = step == 3 ? PixelSource::kRgb : PixelSource::kGray;
    for (std::size_t c = 0; c < 3; ++c)
      s.plane[c] = plane(step == 3 ? c : 0, width * step, step, width, height);
    return {s, luma * static_cast<std::size_t>(step)};
  }
  s.kind = PixelSource::kYuv;  // BT.601, video range
  s.gain = 255.0 / 219, s.bias = -16 * s.gain;
  s.r_v = 1.596027, s.g_u = -0.391762, s.g_v = -0.812968, s.b_u = 2.017232;
  const int bytes = pixels == Pixels::kP010 ? 2 : 1;
  const bool together = pixels != Pixels::kI420;
  s.plane[0] = plane(0, width * bytes, bytes, width, height);
  for (std::size_t c = 0; c < 2; ++c) {
    const auto at = luma * static_cast<std::size_t>(bytes) +
                    c * (together ? static_cast<std::size_t>(bytes) : chroma);
    s.plane[1 + c] =
        halved(plane(at, together ? width * bytes : cw, together ? 2 * bytes : 1, cw, ch));
  }
  for (PixelPlane& p : s.plane) p.wide = bytes == 2;
  return {s, (luma + 2 * chroma) * static_cast<std::size_t>(bytes)};
}

PixelSource placed(PixelSource source, const std::uint8_t* memory) {
  for (PixelPlane& p : source.plane) p.data = memory + reinterpret_cast<std::uintptr_t>(p.data);
  return source;
}

std::vector<std::uint8_t> noise(std::size_t bytes) {
  std::mt19937 random(7);
  std::vector<std::uint8_t> out(bytes);
  for (auto& byte : out) byte = static_cast<std::uint8_t>(random());
  return out;
}

EdgertCudaToTensor job_of(int width, int height, EdgertCudaElement element) {
  EdgertCudaToTensor job{};
  job.width = width, job.height = height, job.channels = 3, job.nchw = 1;
  job.element = element;
  job.a = static_cast<float>(kWidth) / static_cast<float>(width);
  job.e = static_cast<float>(kHeight) / static_cast<float>(height);
  job.pad = 114;
  const bool whole = element == EDGERT_CUDA_UINT8 || element == EDGERT_CUDA_INT8;
  for (int c = 0; c < 3; ++c) {
    job.scale[c] = whole ? 1 : 1 / 127.5f;
    job.offset[c] = element == EDGERT_CUDA_INT8 ? -128.0f : whole ? 0.0f : -1.0f;
  }
  return job;
}

std::size_t bytes_of(EdgertCudaElement element) {
  return element == EDGERT_CUDA_FLOAT32 ? 4 : element == EDGERT_CUDA_FLOAT16 ? 2 : 1;
}

double element_at(const EdgertCudaToTensor& job, const std::vector<std::uint8_t>& out,
                  std::size_t i) {
  switch (job.element) {
    case EDGERT_CUDA_FLOAT32: {
      float value;
      std::memcpy(&value, out.data() + 4 * i, 4);
      return static_cast<double>(value);
    }
    case EDGERT_CUDA_FLOAT16: {
      __half value;
      std::memcpy(&value, out.data() + 2 * i, 2);
      return static_cast<double>(__half2float(value));
    }
    case EDGERT_CUDA_UINT8:
      return out[i];
    default:
      return static_cast<std::int8_t>(out[i]);
  }
}

// Of one element, by the stated definition and in double.
double expected(const EdgertCudaToTensor& job, const PixelSource& source, int x, int y,
                int channel) {
  const double px = x + 0.5, py = y + 0.5;
  const double fx = static_cast<double>(job.a) * px + static_cast<double>(job.b) * py +
                    static_cast<double>(job.c);
  const double fy = static_cast<double>(job.d) * px + static_cast<double>(job.e) * py +
                    static_cast<double>(job.f);
  double level = static_cast<double>(job.pad);
  if (fx >= 0 && fy >= 0 && fx < source.width && fy < source.height) {
    const bool area = job.area && job.b == 0 && job.d == 0 && job.a > 1 && job.e > 1;
    const auto colour = area ? area_at<double>(source, fx, fy, static_cast<double>(job.a),
                                               static_cast<double>(job.e))
                             : bilinear_at<double>(source, fx, fy);
    level = colour.c[job.bgr ? 2 - channel : channel];
  }
  return level * static_cast<double>(job.scale[channel]) + static_cast<double>(job.offset[channel]);
}

struct Case {
  const char* name;
  Pixels pixels;
  int width, height;
  EdgertCudaElement element;
  void (*change)(EdgertCudaToTensor&);
};

class ToTensorOnGpu : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    if (const std::string reason = missing_gpu(); !reason.empty()) GTEST_SKIP() << reason;
  }
};

TEST_P(ToTensorOnGpu, GivesWhatTheHostGives) {
  const Case& c = GetParam();
  const auto [offsets, bytes] = described(c.pixels, kWidth, kHeight);
  const std::vector<std::uint8_t> frame = noise(bytes);
  EdgertCudaToTensor job = job_of(c.width, c.height, c.element);
  if (c.change) c.change(job);
  const std::size_t pixels =
      static_cast<std::size_t>(job.width) * static_cast<std::size_t>(job.height);
  DeviceBytes memory(bytes),
      out(pixels * static_cast<std::size_t>(job.channels) * bytes_of(job.element));
  memory.put(frame);
  const PixelSource there = placed(offsets, memory.data()), here = placed(offsets, frame.data());
  job.source = &there;
  job.out = out.data();
  std::array<char, 256> message{};
  ASSERT_EQ(edgert_cuda_to_tensor(&job, nullptr, message.data(), message.size()), 0)
      << message.data();
  ASSERT_EQ(cudaDeviceSynchronize(), cudaSuccess);
  const std::vector<std::uint8_t> made = out.get();

  const bool whole = bytes_of(job.element) == 1;
  // Float arithmetic and half's eleven bits, in levels of 255; whole numbers round.
  const double most = whole ? 0.51 : (job.element == EDGERT_CUDA_FLOAT16 ? 0.1 : 0.02) / 127.5;
  double worst = 0;
  for (int y = 0; y < job.height; ++y) {
    for (int x = 0; x < job.width; ++x) {
      for (int channel = 0; channel < job.channels; ++channel) {
        const std::size_t pixel =
            static_cast<std::size_t>(y) * static_cast<std::size_t>(job.width) +
            static_cast<std::size_t>(x);
        const auto ch = static_cast<std::size_t>(channel);
        const std::size_t at =
            job.nchw ? ch * pixels + pixel : pixel * static_cast<std::size_t>(job.channels) + ch;
        worst = std::max(worst,
                         std::abs(element_at(job, made, at) - expected(job, here, x, y, channel)));
      }
    }
  }
  EXPECT_LE(worst, most);
}

constexpr Case kCases[] = {
    {"i420", Pixels::kI420, 224, 224, EDGERT_CUDA_FLOAT32, nullptr},
    {"i420_area", Pixels::kI420, 96, 64, EDGERT_CUDA_FLOAT32,
     [](EdgertCudaToTensor& j) { j.area = 1; }},
    {"i420_nhwc_bgr", Pixels::kI420, 100, 77, EDGERT_CUDA_FLOAT32,
     [](EdgertCudaToTensor& j) { j.nchw = 0, j.bgr = 1; }},
    {"i420_half", Pixels::kI420, 224, 224, EDGERT_CUDA_FLOAT16, nullptr},
    {"i420_uint8", Pixels::kI420, 224, 224, EDGERT_CUDA_UINT8, nullptr},
    {"i420_int8_nhwc", Pixels::kI420, 224, 224, EDGERT_CUDA_INT8,
     [](EdgertCudaToTensor& j) { j.nchw = 0; }},
    {"nv12_larger", Pixels::kNv12, 640, 640, EDGERT_CUDA_FLOAT32, nullptr},
    {"nv12_letterbox", Pixels::kNv12, 160, 160, EDGERT_CUDA_FLOAT32,
     [](EdgertCudaToTensor& j) {
       j.a = j.e = 322.0f / 160;
       j.f = -70;
     }},
    {"p010", Pixels::kP010, 192, 192, EDGERT_CUDA_FLOAT32, nullptr},
    {"rgb_rotated", Pixels::kRgb24, 128, 128, EDGERT_CUDA_FLOAT32,
     [](EdgertCudaToTensor& j) {
       j.a = 1.1f, j.b = -0.6f, j.c = 90, j.d = 0.6f, j.e = 1.1f, j.f = -20;
     }},
    {"gray_one_channel", Pixels::kGray8, 32, 32, EDGERT_CUDA_FLOAT32,
     [](EdgertCudaToTensor& j) { j.channels = 1; }},
};

INSTANTIATE_TEST_SUITE_P(Formats, ToTensorOnGpu, ::testing::ValuesIn(kCases),
                         [](const auto& of) { return std::string(of.param.name); });

// For docs/decisions.md; nothing is asserted of times.
TEST(ToTensorOnGpuTime, IsPrinted) {
  if (const std::string reason = missing_gpu(); !reason.empty()) GTEST_SKIP() << reason;
  const auto [offsets, bytes] = described(Pixels::kNv12, 1280, 720);
  DeviceBytes memory(bytes), out(224 * 224 * 3 * 4);
  memory.put(noise(bytes));
  const PixelSource there = placed(offsets, memory.data());
  EdgertCudaToTensor job = job_of(224, 224, EDGERT_CUDA_FLOAT32);
  job.a = 1280.0f / 224, job.e = 720.0f / 224, job.source = &there, job.out = out.data();
  std::array<char, 256> message{};
  cudaEvent_t begin, end;
  ASSERT_EQ(cudaEventCreate(&begin), cudaSuccess);
  ASSERT_EQ(cudaEventCreate(&end), cudaSuccess);
  constexpr int kRuns = 1000;
  for (int i = -100; i < kRuns; ++i) {
    if (i == 0) cudaEventRecord(begin);
    ASSERT_EQ(edgert_cuda_to_tensor(&job, nullptr, message.data(), message.size()), 0)
        << message.data();
  }
  cudaEventRecord(end);
  ASSERT_EQ(cudaEventSynchronize(end), cudaSuccess);
  float milliseconds = 0;
  cudaEventElapsedTime(&milliseconds, begin, end);
  printf("nv12 1280x720 to 224x224 float32: %.2f us a run\n",
         static_cast<double>(milliseconds) * 1e3 / kRuns);
  cudaEventDestroy(begin);
  cudaEventDestroy(end);
}

}  // namespace
}  // namespace edgert::image
