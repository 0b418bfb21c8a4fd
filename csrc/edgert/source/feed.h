// A source's frames, pushed into a sensor's port by a thread of their own.
#pragma once

#include <atomic>
#include <memory>
#include <thread>
#include <utility>

#include "edgert/runtime/sensor_port.h"
#include "edgert/source/source.h"

namespace edgert {

// Opens the source and pushes its frames until it ends, fails, or `stop` is set and the source
// interrupted. Does not finish the port. A full `block` inbox is waited for; frames that come while
// readers hold too many are counted in `held`.
Status feed(Source& source, SensorPort& port, const std::atomic<bool>& stop,
            std::atomic<std::uint64_t>& held);

// feed() on a thread, from construction to the end; then the port is finished.
class SourceThread {
 public:
  SourceThread(std::unique_ptr<Source> source, SensorPort& port);
  ~SourceThread();
  SourceThread(const SourceThread&) = delete;
  SourceThread& operator=(const SourceThread&) = delete;

  // Waits for the end. Ok when the source ended or was stopped, else why it failed.
  Status join();
  // Interrupts the source and waits. A second time does nothing.
  Status stop();
  // Frames that were dropped because readers hold too many.
  std::uint64_t held_back() const { return held_.load() + source_->held_back(); }
  const Source& source() const { return *source_; }

 private:
  void run(SensorPort& port);

  std::unique_ptr<Source> source_;
  std::atomic<bool> stop_{false};
  std::atomic<std::uint64_t> held_{0};
  Status status_;  // of the thread, until it is joined
  std::thread thread_;
};

}  // namespace edgert
