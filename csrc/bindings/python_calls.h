// Calls from a lane to a Python thread, one at a time.
//
// The lane posts the inputs and waits, for at most the limit; the Python thread takes them, runs,
// and gives what came of it. The lane never holds the GIL. A thread can't be killed: a call that
// did not come back is left behind, and further ones are refused until it does.
//
// Thread rule: call() by one lane at a time, take(), give() and fail() by the Python thread.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "edgert/base/clock.h"
#include "edgert/base/status.h"
#include "edgert/memory/frame.h"
#include "edgert/transform/transform.h"

namespace edgert::python {

// An input with a reference of its own; exactly one is set.
struct HeldInput {
  FrameRef frame;
  Tensor tensor;
};

class PythonCalls {
 public:
  explicit PythonCalls(std::string where) : where_(std::move(where)) {}

  // What the call gave; an error when it failed, or did not come back in time.
  Result<std::vector<Tensor>> call(std::span<const Input> inputs, bool reset, Nanos limit);
  // Nobody waits from then on: take() answers nothing, and call() that it has ended.
  void close();

  struct Taken {
    std::vector<HeldInput> inputs;
    bool reset = false;  // forget what was seen, first
  };
  std::optional<Taken> take();  // waits; nothing once closed
  void give(std::vector<Tensor> outputs);
  void fail(std::string what, std::string hint);

 private:
  Status late(Nanos limit);
  Status ended() const;

  const std::string where_;
  std::mutex mutex_;
  std::condition_variable posted_, answered_;
  std::optional<Taken> waiting_;
  std::optional<Result<std::vector<Tensor>>> answer_;
  bool out_ = false;     // the Python thread has not come back from the last call
  bool wanted_ = false;  // somebody waits for it
  bool closed_ = false;
  Nanos since_ = 0;
};

}  // namespace edgert::python
