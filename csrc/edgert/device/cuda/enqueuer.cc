#include "edgert/device/cuda/enqueuer.h"

#include <pthread.h>

namespace edgert {

Enqueuer::Enqueuer(std::size_t most, std::function<void(void*)> enqueue, const char* name)
    : enqueue_(std::move(enqueue)), runs_(most), thread_([this] { loop(); }) {
  pthread_setname_np(thread_.native_handle(), name);
}

Enqueuer::~Enqueuer() {
  ending_.store(true, std::memory_order_seq_cst);
  changed_.notify_all();
  thread_.join();
}

void Enqueuer::give(void* run) {
  const std::size_t given = given_.load(std::memory_order_relaxed);
  runs_[given % runs_.size()] = run;
  // Release: publishes the run, and all that it refers to.
  given_.store(given + 1, std::memory_order_release);
  changed_.notify_one();
}

void Enqueuer::loop() {
  for (std::size_t done = 0;;) {
    const EventCount::Ticket ticket = changed_.prepare();
    if (given_.load(std::memory_order_acquire) == done) {
      if (ending_.load(std::memory_order_seq_cst)) return changed_.cancel();
      changed_.wait(ticket);
      continue;
    }
    changed_.cancel();
    enqueue_(runs_[done % runs_.size()]);
    // Release: who finds it idle enqueues behind.
    done_.store(++done, std::memory_order_release);
  }
}

}  // namespace edgert
