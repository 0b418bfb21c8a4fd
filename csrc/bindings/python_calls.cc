#include "bindings/python_calls.h"

#include <chrono>
#include <utility>

namespace edgert::python {
namespace {

std::string seconds(Nanos time) {
  std::string text = std::to_string(static_cast<double>(time) / kSecond);
  return text.substr(0, text.find('.') + 3) + " s";
}

}  // namespace

Status PythonCalls::late(Nanos limit) {
  return Status::engine(
      where_, "did not come back within its limit of " + seconds(limit),
      "make run() quicker, raise limit, or say isolate: process, which is killed");
}

Status PythonCalls::ended() const {
  return Status(Code::kCancelled, where_, "has ended, as the program does");
}

Result<std::vector<Tensor>> PythonCalls::call(std::span<const Input> inputs, bool reset,
                                              Nanos limit) {
  Taken taken;
  taken.reset = reset;
  for (const Input& input : inputs) {
    HeldInput held;
    if (input.frame) {
      // Counting references is no change of the frame.
      held.frame = FrameRef::share(const_cast<Frame*>(input.frame));
    } else {
      held.tensor = *input.tensor;
    }
    taken.inputs.push_back(std::move(held));
  }
  std::unique_lock lock(mutex_);
  if (closed_) return ended();
  if (out_)
    return Status::engine(where_,
                          "is still in a call that began " + seconds(now() - since_) + " ago",
                          "mend run(), or say isolate: process, which is killed");
  waiting_ = std::move(taken);
  out_ = wanted_ = true;
  since_ = now();
  posted_.notify_one();
  answered_.wait_for(lock, std::chrono::nanoseconds(limit),
                     [this] { return answer_.has_value() || closed_; });
  wanted_ = false;
  if (!answer_.has_value()) {
    if (closed_) return ended();
    if (waiting_) {  // not even begun: the Python thread is elsewhere
      waiting_.reset();
      out_ = false;
    }
    return late(limit);
  }
  return *std::exchange(answer_, std::nullopt);
}

void PythonCalls::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  posted_.notify_all();
  answered_.notify_all();
}

std::optional<PythonCalls::Taken> PythonCalls::take() {
  std::unique_lock lock(mutex_);
  posted_.wait(lock, [this] { return closed_ || waiting_.has_value(); });
  if (closed_) return std::nullopt;
  return std::exchange(waiting_, std::nullopt);
}

void PythonCalls::give(std::vector<Tensor> outputs) {
  const std::lock_guard lock(mutex_);
  out_ = false;
  if (wanted_) answer_ = std::move(outputs);
  answered_.notify_one();
}

void PythonCalls::fail(std::string what, std::string hint) {
  const std::lock_guard lock(mutex_);
  out_ = false;
  if (wanted_) answer_ = Status::engine(where_, std::move(what), std::move(hint));
  answered_.notify_one();
}

}  // namespace edgert::python
