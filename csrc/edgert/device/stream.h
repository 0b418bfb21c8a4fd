// The seam of devices on which work is enqueued and completes later: a CUDA stream, a TPU, the
// simulated device. One host thread serves all streams of a device (sched/stream_lanes.h); nobody
// waits in a run.
//
// Thread rule: all by the serving thread, but for `told`, which the device calls from wherever it
// learns of completions (an interrupt's thread, cudaLaunchHostFunc, a timer).
#pragma once

#include <vector>

#include "edgert/base/clock.h"
#include "edgert/base/status.h"
#include "edgert/memory/tensor.h"

namespace edgert {

class Session;

// One run that is asked of a device. It stays where it is, with what it refers to, until its
// completion was taken.
struct StreamRun {
  int model = -1;              // of the plan; -1: a transform
  int node = -1;               // of the plan
  int items = 1;               // of a batch
  Session* session = nullptr;  // of the engine that shall run; null: the device only pretends
  std::vector<Tensor> inputs, outputs;  // as Session::run() takes them
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
};

}  // namespace edgert
