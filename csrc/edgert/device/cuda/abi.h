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

// A run's memory: as much on the GPU as pinned on the host, and when the run began and ended there.
struct EdgertCudaBlock {
  void *device, *host;
  size_t bytes;
  void *begun, *ended;  // events
  void* found;          // pinned memory for outputs that came with a size of their own
  size_t found_bytes;
  // What end() was given.
  void (*done)(void* context, int error);
  void* context;
};

enum { EDGERT_CUDA_STREAMS_VERSION = 2 };

// Streams on which runs are enqueued. Functions of one stream are called by one thread at a time.
// Those that return int give 0, or -(CUDA error code) with the reason in `message`.
struct EdgertCudaStreams {
  int version;
  int (*open)(int gpu, void** stream, char* message, size_t capacity);
  void (*close)(void* stream);    // waits for what is under way
  void* (*handle)(void* stream);  // the cudaStream_t that engines enqueue on
  // Gives a block (all zeros at first) so many bytes, when nothing of it is under way. On an error
  // it has none.
  int (*resize)(void* stream, struct EdgertCudaBlock* block, size_t bytes, char* message,
                size_t capacity);
  void (*release)(struct EdgertCudaBlock* block);
  // Enqueues the copy of the block's first bytes to the GPU.
  int (*begin)(void* stream, struct EdgertCudaBlock* block, size_t bytes, char* message,
               size_t capacity);
  // Enqueues the copy of bytes back to the host. When they are there, or something on the way has
  // failed (`error`: a CUDA error code), done(context, error) is called by a thread of the driver;
  // it must be short and call nothing of CUDA. The stream doesn't wait for it.
  int (*end)(void* stream, struct EdgertCudaBlock* block, size_t offset, size_t bytes,
             void (*done)(void* context, int error), void* context, char* message, size_t capacity);
  // Returns when all that was enqueued is done, and told.
  void (*settle)(void* stream);
  // How long the GPU took from begin() to end(), once it is done. Negative: unknown.
  double (*milliseconds)(struct EdgertCudaBlock* block);
  // What this thread enqueues on the stream from now on is recorded and not run, until recorded().
  int (*record)(void* stream, char* message, size_t capacity);
  // All of it as one, to be enqueued by replay() on this stream. Null, with the reason: it can't be
  // recorded, or touches the host, whose memory may be another's by then.
  // `count`: how many things were enqueued there; -1: unknown.
  void* (*recorded)(void* stream, long* count, char* message, size_t capacity);
  int (*replay)(void* recorded, void* stream, char* message, size_t capacity);
  void (*forget)(void* recorded);
  const char* (*reason)(int error);
  // Memory of the GPU with a copy of these bytes; null, with the reason.
  void* (*upload)(void* stream, const void* bytes, size_t count, char* message, size_t capacity);
  void (*drop)(void* uploaded);
  // Gives block->found so many bytes at least, when nothing of it is under way.
  int (*make_room)(void* stream, struct EdgertCudaBlock* block, size_t bytes, char* message,
                   size_t capacity);
  // Enqueues the copy of other memory of the GPU there, from `offset` on.
  int (*fetch)(void* stream, struct EdgertCudaBlock* block, size_t offset, const void* from,
               size_t bytes, char* message, size_t capacity);
  // Bytes of the GPU's memory that nobody has, and all.
  int (*memory)(int gpu, size_t* free, size_t* all, char* message, size_t capacity);
};
typedef const struct EdgertCudaStreams* (*edgert_cuda_streams_fn)(void);
}
