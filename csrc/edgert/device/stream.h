// The seam of devices on which work is enqueued and completes later: a CUDA stream, a TPU, the
// simulated device. One host thread serves all streams of a device (sched/stream_lanes.h); nobody
// waits in a run.
//
// Thread rule: all by the serving thread, but for `told`, which the device calls from wherever it
// learns of completions (an interrupt's thread, cudaLaunchHostFunc, a timer).
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "edgert/base/clock.h"
#include "edgert/base/status.h"
#include "edgert/memory/tensor.h"

namespace edgert {

// A tensor in a device's memory.
struct StreamTensor {
  void* data = nullptr;
  std::size_t bytes = 0;
  DType dtype = DType::kFloat32;
  Shape shape;
};

// What runs do on a device that computes: a model of an engine, or a kernel.
// Thread rule: by one thread at a time for each stream; which one may change between runs.
class StreamWork {
 public:
  virtual ~StreamWork() = default;
  // Enqueues one run on one of the device's streams and returns without waiting for it. The inputs
  // are there when it begins; the outputs are written in place. All stay until it is done.
  // An output without memory is the work's to set, size and all: to memory on the device that stays
  // for what is enqueued there before the work's next run. Who learns a size from the device has to
  // wait for it in here.
  virtual Status enqueue(int stream, std::span<const StreamTensor> inputs,
                         std::span<StreamTensor> outputs) = 0;
  // Whether a run with tensors of the same shapes at the same places always enqueues the same. Then
  // the device may record that once, and enqueue it as one from then on.
  virtual bool repeats() const { return false; }
  // From now on enqueue() is called where it may wait for the device. Before the first run that
  // counts.
  virtual void may_wait() {}
};

// Where an engine shall put a model: the device's own handles of its streams, which live as long as
// `owner`.
struct StreamPlace {
  DeviceId device;
  std::vector<void*> streams;  // a CUDA device's: cudaStream_t
  std::shared_ptr<const void> owner;
  // Memory there with a copy of these bytes, as long as it is held; null where there is no such
  // thing.
  std::function<Result<std::shared_ptr<void>>(std::span<const std::byte>)> upload;
};

// One run that is asked of a device. It stays where it is, with what it refers to, until its
// completion was taken.
struct StreamRun {
  int model = -1;              // of the plan; -1: a transform
  int node = -1;               // of the plan
  int items = 1;               // of a batch: rows of all tensors
  StreamWork* work = nullptr;  // null: the device only pretends
  // In the host's memory; the device copies from and to it. Outputs are all there, too, but those
  // whose size only the run tells: they are empty, and the device sets them when it is taken.
  std::vector<Tensor> inputs, outputs;
  // Works whose tensors, of one row each, are the run's first rows: those of the first work, then
  // those of the second. The device brings them together; rows behind them are zeros, and nobody's.
  // 0: the tensors are the run's own.
  int joined = 0;
};

struct Completion {
  StreamRun* run = nullptr;
  Status status;
  // When the device had begun and ended it; enqueued behind others, it began after that. An `ended`
  // of 0: it never ran.
  Nanos started = 0, ended = 0;
};

class StreamDevice {
 public:
  virtual ~StreamDevice() = default;

  virtual int streams() const = 0;
  virtual int in_flight()
      const = 0;  // runs that a stream takes: one that runs, and those behind it

  // Puts it behind what the stream has, and returns at once. The runs of a stream begin and
  // complete in this order. An error: it was not enqueued.
  virtual Status enqueue(int stream, StreamRun& run) = 0;
  // Hands out a run that completed. False: none, for now.
  virtual bool take(Completion& into) = 0;
  // Whether take() would find one. Sequentially consistent with `told`: the device makes a
  // completion visible here first, and tells then.
  virtual bool ready() const = 0;

  // `told(context)` whenever something completed, or more often. Before the first enqueue().
  virtual void tell(void (*told)(void*), void* context) = 0;
  // Nothing more will be enqueued: what is under way completes as soon as that can be done, as
  // cancelled where the device is able to. Everything is still handed out by take().
  virtual void hurry() {}
  // Everything was taken: returns when `told` isn't called any more.
  virtual void settle() {}
};

}  // namespace edgert
