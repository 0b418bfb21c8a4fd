#include "edgert/runtime/expiry.h"

#include <pthread.h>

#include <algorithm>

#include "edgert/sched/thread_priority.h"

namespace edgert {
namespace {

bool later(const Expiry::Entry& a, const Expiry::Entry& b) {
  return a.when > b.when;
}

}  // namespace

bool Expiry::start() {
  heap_.reserve(4096);
  thread_ = std::thread([this] { loop(); });
  pthread_setname_np(thread_.native_handle(), "edgert-expiry");
  return raise_thread(thread_);
}

void Expiry::stop() {
  stopping_.store(true, std::memory_order_seq_cst);
  events_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool Expiry::add(const Entry& entry) {
  if (clock_.is_virtual()) {
    keep(entry);
    return true;
  }
  if (!intake_.try_push(Entry(entry))) return false;
  // Both sides exchange `sleeping_until_`, so one comes first: either the thread's last look at the
  // intake sees the entry, or we see until when it means to sleep.
  if (entry.when < sleeping_until_.fetch_add(0, std::memory_order_acq_rel)) events_.notify_one();
  return true;
}

void Expiry::keep(const Entry& entry) {
  heap_.push_back(entry);
  std::push_heap(heap_.begin(), heap_.end(), later);
}

void Expiry::call_due() {
  while (!heap_.empty() && heap_.front().when <= clock_.now()) {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const Entry entry = heap_.back();
    heap_.pop_back();
    callback_(context_, entry);
  }
}

void Expiry::loop() {
  Entry entry;
  while (!stopping_.load(std::memory_order_relaxed)) {
    while (intake_.try_pop(entry)) keep(entry);
    call_due();
    const Nanos until = next();
    const EventCount::Ticket ticket = events_.prepare();
    sleeping_until_.exchange(until, std::memory_order_acq_rel);
    if (stopping_.load(std::memory_order_seq_cst) || intake_.size() > 0) {
      events_.cancel();
      continue;
    }
    events_.wait(ticket, until);
    sleeping_until_.exchange(INT64_MIN, std::memory_order_acq_rel);  // awake: no need to wake us
  }
}

}  // namespace edgert
