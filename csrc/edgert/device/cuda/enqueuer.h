// A thread that enqueues runs of one stream, in order: of works that wait in their enqueue, so that
// who serves all streams doesn't.
//
// Thread rule: give() and idle() by one thread; `enqueue` is called by the thread made here. What
// was given is worked off before this ends. Progress: give() waits for nobody.
#pragma once

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "edgert/queue/event_count.h"

namespace edgert {

class Enqueuer {
 public:
  // At most `most` are given and not yet worked off.
  Enqueuer(std::size_t most, std::function<void(void*)> enqueue, const char* name);
  ~Enqueuer();
  Enqueuer(const Enqueuer&) = delete;
  Enqueuer& operator=(const Enqueuer&) = delete;

  void give(void* run);
  // All that was given is on the stream, so another may enqueue there.
  bool idle() const {
    // Acquire: what this thread did on the stream comes first.
    return done_.load(std::memory_order_acquire) == given_.load(std::memory_order_relaxed);
  }

 private:
  void loop();

  const std::function<void(void*)> enqueue_;
  std::vector<void*> runs_;
  std::atomic<std::size_t> given_{0}, done_{0};
  std::atomic<bool> ending_{false};
  EventCount changed_;
  std::thread thread_;
};

}  // namespace edgert
