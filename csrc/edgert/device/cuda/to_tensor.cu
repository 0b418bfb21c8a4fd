// image.to_tensor on a GPU: one thread an output pixel, the arithmetic of pixel_math.h.
#include <cuda_fp16.h>
#include <cuda_runtime_api.h>
#include <stdio.h>

#include "edgert/device/cuda/abi.h"
#include "edgert/transform/image/pixel_math.h"

namespace {

using edgert::image::PixelColour;
using edgert::image::PixelSource;

__device__ void put(const EdgertCudaToTensor& job, int64_t at, float value) {
  switch (job.element) {
    case EDGERT_CUDA_FLOAT32:
      static_cast<float*>(job.out)[at] = value;
      break;
    case EDGERT_CUDA_FLOAT16:
      static_cast<__half*>(job.out)[at] = __float2half_rn(value);
      break;
    case EDGERT_CUDA_UINT8:
      static_cast<uint8_t*>(job.out)[at] = static_cast<uint8_t>(rintf(fminf(fmaxf(value, 0), 255)));
      break;
    case EDGERT_CUDA_INT8:
      static_cast<int8_t*>(job.out)[at] = static_cast<int8_t>(rintf(fminf(fmaxf(value, -128), 127)));
      break;
  }
}

__device__ PixelColour<float> sampled(const EdgertCudaToTensor& job, const PixelSource& source,
                                      float x, float y) {
  // Area is the mean of what an upright output covers, where both axes shrink; else bilinear.
  const bool area = job.area && job.b == 0 && job.d == 0 && job.a > 1 && job.e > 1;
  return area ? edgert::image::area_at<float>(source, x, y, job.a, job.e)
              : edgert::image::bilinear_at<float>(source, x, y);
}

// The parameters stay where the launch put them: copies would lie in each thread's local memory.
__global__ void to_tensor(const __grid_constant__ EdgertCudaToTensor job,
                          const __grid_constant__ PixelSource source) {
  const int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
  if (x >= job.width || y >= job.height) return;
  const float px = x + 0.5f, py = y + 0.5f;
  const float fx = job.a * px + job.b * py + job.c, fy = job.d * px + job.e * py + job.f;
  const bool inside = fx >= 0 && fy >= 0 && fx < source.width && fy < source.height;
  PixelColour<float> colour{{job.pad, job.pad, job.pad}};
  if (inside) colour = sampled(job, source, fx, fy);
  const int64_t pixel = static_cast<int64_t>(y) * job.width + x;
  const int64_t pixels = static_cast<int64_t>(job.width) * job.height;
  for (int c = 0; c < job.channels; ++c) {
    const float level = colour.c[job.bgr && inside ? 2 - c : c];
    const int64_t at = job.nchw ? c * pixels + pixel : pixel * job.channels + c;
    put(job, at, level * job.scale[c] + job.offset[c]);
  }
}

}  // namespace

extern "C" int edgert_cuda_to_tensor(const EdgertCudaToTensor* job, void* stream, char* message,
                                     size_t capacity) {
  const dim3 block(32, 8);
  const dim3 grid((job->width + 31) / 32, (job->height + 7) / 8);
  const PixelSource source = *static_cast<const PixelSource*>(job->source);
  to_tensor<<<grid, block, 0, static_cast<cudaStream_t>(stream)>>>(*job, source);
  const cudaError_t error = cudaGetLastError();
  if (error == cudaSuccess) return 0;
  snprintf(message, capacity, "CUDA error %d: %s; check the planes' memory and the stream",
           static_cast<int>(error), cudaGetErrorString(error));
  return -static_cast<int>(error);
}
