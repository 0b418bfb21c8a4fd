// What libedgert_cuda.so exports, as plain C. The core opens it at run time; only files of this
// folder's library know CUDA.
#pragma once

#include <stddef.h>
#include <stdint.h>

extern "C" {
// Number of usable GPUs, or -(CUDA error code) with the reason in `message`.
typedef int (*edgert_cuda_count_fn)(char* message, size_t capacity);
// Name, memory and compute capability of one GPU in `message`; 0, or -(CUDA error code).
typedef int (*edgert_cuda_describe_fn)(int index, char* message, size_t capacity);

enum EdgertCudaElement {
  EDGERT_CUDA_FLOAT32,
  EDGERT_CUDA_FLOAT16,
  EDGERT_CUDA_UINT8,
  EDGERT_CUDA_INT8
};

// image.to_tensor on a GPU. `source` is an edgert::image::PixelSource on the host, whose planes, as
// `out`, lie in the GPU's memory. (x, y) of the tensor is (a x + b y + c, d x + e y + f) of the
// frame; an element is level * scale + offset by channel.
struct EdgertCudaToTensor {
  const void* source;
  void* out;
  int width, height, channels;
  int nchw, bgr, area;
  enum EdgertCudaElement element;
  float a, b, c, d, e, f;
  float scale[3], offset[3];
  float pad;
};
// Starts it on the stream (null: the default one); 0, or -(CUDA error code).
typedef int (*edgert_cuda_to_tensor_fn)(const EdgertCudaToTensor* job, void* stream, char* message,
                                        size_t capacity);
}
