#include "edgert/runtime/expiry.h"

#include <pthread.h>

#include <algorithm>

namespace edgert {
namespace {

bool later(const Expiry::Entry& a, const Expiry::Entry& b) { return a.when > b.when; }

}  // namespace

void Expiry::start() {
  heap_.reserve(4096);
  thread_ = std::thread([this] { loop(); });
  pthread_setname_np(thread_.native_handle(), "edgert-expiry");
}

void Expiry::stop() {
  stopping_.store(true, std::memory_order_seq_cst);
  events_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool Expiry::add(const Entry& entry) {
  if (!intake_.try_push(Entry(entry))) return false;
  // Pairs with the thread's fence before it looks at the intake once more: either it sees the
  // entry, or we see until when it means to sleep.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (entry.when < sleeping_until_.load(std::memory_order_relaxed)) events_.notify_one();
  return true;
}

void Expiry::loop() {
  Entry entry;
  while (!stopping_.load(std::memory_order_relaxed)) {
    while (intake_.try_pop(entry)) {
      heap_.push_back(entry);
      std::push_heap(heap_.begin(), heap_.end(), later);
    }
    while (!heap_.empty() && heap_.front().when <= now()) {
      std::pop_heap(heap_.begin(), heap_.end(), later);
      entry = heap_.back();
      heap_.pop_back();
      callback_(context_, entry);
    }
    const Nanos until = heap_.empty() ? kNever : heap_.front().when;
    const EventCount::Ticket ticket = events_.prepare();
    sleeping_until_.store(until, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_seq_cst);  // pairs with the fence in add()
    if (stopping_.load(std::memory_order_seq_cst) || intake_.size() > 0) {
      events_.cancel();
      continue;
    }
    events_.wait(ticket, until);
    sleeping_until_.store(INT64_MIN, std::memory_order_relaxed);  // awake: no need to wake us
  }
}

}  // namespace edgert
