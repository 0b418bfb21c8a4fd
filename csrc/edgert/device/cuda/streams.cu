// Streams, their runs' memory and copies, for device/cuda/cuda_device.cc.
//
// Each stream has a second one that waits for its runs' ends and makes the calls that tell of them:
// on the stream itself the next run would wait for such a call to return. cudaStreamAddCallback and
// not cudaLaunchHostFunc: only the former is called when the GPU failed, too, so no run is waited
// for in vain.
#include <cuda_runtime_api.h>
#include <stdio.h>

#include <new>

#include "edgert/device/cuda/abi.h"

namespace {

struct Stream {
  int gpu;
  cudaStream_t work, telling;
};

Stream* of(void* stream) {
  return static_cast<Stream*>(stream);
}

// What to do, for errors that a user can do something about.
const char* remedy(cudaError_t error) {
  switch (error) {
    case cudaErrorMemoryAllocation:
      return "place fewer models there, lower streams or in_flight, or end what else uses the GPU";
    case cudaErrorNoDevice:
    case cudaErrorInsufficientDriver:
    case cudaErrorSystemDriverMismatch:
      return "install or update the NVIDIA driver";
    default:
      return "look at nvidia-smi; after a failed kernel the program must be started again";
  }
}

int told(cudaError_t error, char* message, size_t capacity) {
  if (error == cudaSuccess) return 0;
  cudaGetLastError();  // else later calls give it again
  snprintf(message, capacity, "CUDA error %d: %s; %s", static_cast<int>(error),
           cudaGetErrorString(error), remedy(error));
  return -static_cast<int>(error);
}

void settle(void* stream) {
  const Stream* self = of(stream);
  cudaSetDevice(self->gpu);
  if (self->work) cudaStreamSynchronize(self->work);
  if (self->telling) cudaStreamSynchronize(self->telling);
}

void close(void* stream) {
  Stream* self = of(stream);
  settle(self);
  if (self->work) cudaStreamDestroy(self->work);
  if (self->telling) cudaStreamDestroy(self->telling);
  delete self;
}

int open(int gpu, void** stream, char* message, size_t capacity) {
  auto* made = new (std::nothrow) Stream{gpu, nullptr, nullptr};
  if (!made) return told(cudaErrorMemoryAllocation, message, capacity);
  cudaError_t error = cudaSetDevice(gpu);
  // Not held up by what libraries put on the default stream.
  if (error == cudaSuccess) error = cudaStreamCreateWithFlags(&made->work, cudaStreamNonBlocking);
  if (error == cudaSuccess)
    error = cudaStreamCreateWithFlags(&made->telling, cudaStreamNonBlocking);
  if (error != cudaSuccess) {
    close(made);
    return told(error, message, capacity);
  }
  *stream = made;
  return 0;
}

void* handle(void* stream) {
  return of(stream)->work;
}

void release(EdgertCudaBlock* block) {
  if (block->device) cudaFree(block->device);
  if (block->host) cudaFreeHost(block->host);
  if (block->found) cudaFreeHost(block->found);
  if (block->begun) cudaEventDestroy(static_cast<cudaEvent_t>(block->begun));
  if (block->ended) cudaEventDestroy(static_cast<cudaEvent_t>(block->ended));
  *block = {};
}

cudaError_t allocate(EdgertCudaBlock* block, size_t bytes) {
  cudaEvent_t begun = nullptr, ended = nullptr;
  cudaError_t error = cudaEventCreate(&begun);
  block->begun = begun;
  if (error == cudaSuccess) error = cudaEventCreate(&ended);
  block->ended = ended;
  if (error == cudaSuccess) error = cudaMalloc(&block->device, bytes);
  if (error == cudaSuccess) error = cudaMallocHost(&block->host, bytes);
  if (error == cudaSuccess) block->bytes = bytes;
  return error;
}

int resize(void* stream, EdgertCudaBlock* block, size_t bytes, char* message, size_t capacity) {
  cudaError_t error = cudaSetDevice(of(stream)->gpu);
  // A run that could not be enqueued as a whole may have left a part of it.
  if (error == cudaSuccess) error = cudaStreamSynchronize(of(stream)->work);
  release(block);
  if (error == cudaSuccess) error = allocate(block, bytes);
  if (error == cudaSuccess) return 0;
  release(block);
  return told(error, message, capacity);
}

int begin(void* stream, EdgertCudaBlock* block, size_t bytes, char* message, size_t capacity) {
  const cudaStream_t on = of(stream)->work;
  cudaError_t error = cudaSetDevice(of(stream)->gpu);
  if (error == cudaSuccess) error = cudaEventRecord(static_cast<cudaEvent_t>(block->begun), on);
  if (error == cudaSuccess && bytes > 0)
    error = cudaMemcpyAsync(block->device, block->host, bytes, cudaMemcpyHostToDevice, on);
  return told(error, message, capacity);
}

void CUDART_CB tell(cudaStream_t, cudaError_t error, void* context) {
  const auto* block = static_cast<const EdgertCudaBlock*>(context);
  block->done(block->context, static_cast<int>(error));
}

int end(void* stream, EdgertCudaBlock* block, size_t offset, size_t bytes,
        void (*done)(void*, int), void* context, char* message, size_t capacity) {
  const cudaStream_t on = of(stream)->work, telling = of(stream)->telling;
  const auto ended = static_cast<cudaEvent_t>(block->ended);
  block->done = done;
  block->context = context;
  cudaError_t error = cudaSetDevice(of(stream)->gpu);
  if (error == cudaSuccess && bytes > 0)
    error = cudaMemcpyAsync(static_cast<char*>(block->host) + offset,
                            static_cast<char*>(block->device) + offset, bytes,
                            cudaMemcpyDeviceToHost, on);
  if (error == cudaSuccess) error = cudaEventRecord(ended, on);
  if (error == cudaSuccess) error = cudaStreamWaitEvent(telling, ended, 0);
  if (error == cudaSuccess) error = cudaStreamAddCallback(telling, tell, block, 0);
  return told(error, message, capacity);
}

double milliseconds(EdgertCudaBlock* block) {
  float took = -1;
  const cudaError_t error =
      cudaEventElapsedTime(&took, static_cast<cudaEvent_t>(block->begun),
                           static_cast<cudaEvent_t>(block->ended));
  return error == cudaSuccess ? took : -1;
}

// From this thread nothing else may be done meanwhile that a recording can't hold; others may.
int record(void* stream, char* message, size_t capacity) {
  cudaError_t error = cudaSetDevice(of(stream)->gpu);
  if (error == cudaSuccess)
    error = cudaStreamBeginCapture(of(stream)->work, cudaStreamCaptureModeThreadLocal);
  return told(error, message, capacity);
}

bool stays_on_gpu(cudaGraphNode_t node) {
  cudaGraphNodeType type;
  if (cudaGraphNodeGetType(node, &type) != cudaSuccess) return false;
  if (type == cudaGraphNodeTypeMemcpy) {
    cudaMemcpy3DParms copy{};
    return cudaGraphMemcpyNodeGetParams(node, &copy) == cudaSuccess &&
           copy.kind == cudaMemcpyDeviceToDevice;
  }
  return type == cudaGraphNodeTypeKernel || type == cudaGraphNodeTypeMemset ||
         type == cudaGraphNodeTypeEmpty;
}

bool stays_on_gpu(cudaGraph_t graph) {
  constexpr size_t kMost = 1 << 14;
  size_t count = 0;
  if (cudaGraphGetNodes(graph, nullptr, &count) != cudaSuccess || count == 0 || count > kMost)
    return false;
  auto* nodes = new (std::nothrow) cudaGraphNode_t[count];
  bool all = nodes && cudaGraphGetNodes(graph, nodes, &count) == cudaSuccess;
  for (size_t i = 0; all && i < count; ++i) all = stays_on_gpu(nodes[i]);
  delete[] nodes;
  return all;
}

long count_of(cudaGraph_t graph) {
  size_t count = 0;
  const bool known = graph && cudaGraphGetNodes(graph, nullptr, &count) == cudaSuccess;
  return known ? static_cast<long>(count) : -1;
}

void* recorded(void* stream, long* count, char* message, size_t capacity) {
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t made = nullptr;
  cudaError_t error = cudaStreamEndCapture(of(stream)->work, &graph);
  *count = count_of(graph);
  const bool stays = error == cudaSuccess && graph && stays_on_gpu(graph);
  if (stays) error = cudaGraphInstantiate(&made, graph, 0);
  if (graph) cudaGraphDestroy(graph);
  if (!made) cudaGetLastError();  // of who found that it can't be recorded
  if (error != cudaSuccess) told(error, message, capacity);
  if (error == cudaSuccess && !stays) snprintf(message, capacity, "it touches the host");
  return error == cudaSuccess ? made : nullptr;
}

int replay(void* recorded, void* stream, char* message, size_t capacity) {
  return told(cudaGraphLaunch(static_cast<cudaGraphExec_t>(recorded), of(stream)->work), message,
              capacity);
}

void forget(void* recorded) {
  cudaGraphExecDestroy(static_cast<cudaGraphExec_t>(recorded));
}

const char* reason(int error) {
  return cudaGetErrorString(static_cast<cudaError_t>(error));
}

void* upload(void* stream, const void* bytes, size_t count, char* message, size_t capacity) {
  void* made = nullptr;
  cudaError_t error = cudaSetDevice(of(stream)->gpu);
  if (error == cudaSuccess) error = cudaMalloc(&made, count > 0 ? count : 1);
  if (error == cudaSuccess) error = cudaMemcpy(made, bytes, count, cudaMemcpyHostToDevice);
  if (error == cudaSuccess) return made;
  if (made) cudaFree(made);
  told(error, message, capacity);
  return nullptr;
}

void drop(void* uploaded) {
  cudaFree(uploaded);
}

int make_room(void* stream, EdgertCudaBlock* block, size_t bytes, char* message,
              size_t capacity) {
  if (block->found_bytes >= bytes) return 0;
  cudaError_t error = cudaSetDevice(of(stream)->gpu);
  if (block->found) cudaFreeHost(block->found);
  block->found = nullptr;
  block->found_bytes = 0;
  if (error == cudaSuccess) error = cudaMallocHost(&block->found, bytes);
  if (error == cudaSuccess) block->found_bytes = bytes;
  return told(error, message, capacity);
}

int fetch(void* stream, EdgertCudaBlock* block, size_t offset, const void* from, size_t bytes,
          char* message, size_t capacity) {
  return told(cudaMemcpyAsync(static_cast<char*>(block->found) + offset, from, bytes,
                              cudaMemcpyDeviceToHost, of(stream)->work),
              message, capacity);
}

int memory(int gpu, size_t* free, size_t* all, char* message, size_t capacity) {
  cudaError_t error = cudaSetDevice(gpu);
  if (error == cudaSuccess) error = cudaMemGetInfo(free, all);
  return told(error, message, capacity);
}

constexpr EdgertCudaStreams kStreams{EDGERT_CUDA_STREAMS_VERSION,
                                     open,
                                     close,
                                     handle,
                                     resize,
                                     release,
                                     begin,
                                     end,
                                     settle,
                                     milliseconds,
                                     record,
                                     recorded,
                                     replay,
                                     forget,
                                     reason,
                                     upload,
                                     drop,
                                     make_room,
                                     fetch,
                                     memory};

}  // namespace

extern "C" const EdgertCudaStreams* edgert_cuda_streams(void) {
  return &kStreams;
}
