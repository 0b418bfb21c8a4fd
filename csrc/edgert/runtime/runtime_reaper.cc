// What becomes of a plan that another one followed: it ends with its last activation, and is freed
// by a thread of its own, which is nicer than all others.
#include <pthread.h>

#include <algorithm>

#include "edgert/runtime/runtime.h"
#include "edgert/sched/thread_priority.h"

namespace edgert {
namespace {

constexpr int kFreesNicer = 10;
constexpr Nanos kLook = 20 * kMillisecond;  // for timers, whose end nobody tells

bool is_empty(const Generation& generation) {
  return generation.under_way.load(std::memory_order_acquire) == 0;
}

// Timers, too, look at its activations and histories.
bool is_drained(const Generation& generation) {
  if (!is_empty(generation) || generation.timers.load(std::memory_order_acquire) > 0) return false;
  for (const auto& keeps : generation.plan->keeps)
    for (const CompiledNode* keep : keeps)
      if (keep->history->timers.load(std::memory_order_acquire) > 0 &&
          keep->history.use_count() == 1)
        return false;
  return true;
}

}  // namespace

void Runtime::retire(std::unique_ptr<Generation> generation) {
  {
    const std::lock_guard looked(at_hand_);
    earlier_.push_back(std::move(generation));
  }
  if (reaping_.exchange(true, std::memory_order_seq_cst)) {
    retired_.notify_all();
    return;
  }
  reaper_ = std::thread([this] {
    nice_this_thread(kFreesNicer);
    reap();
  });
  pthread_setname_np(reaper_.native_handle(), "edgert-reaper");
}

// What is empty ends the pipelines that no other plan has any more, before it may be freed: so both
// go by one look at the plans.
std::vector<std::unique_ptr<Generation>> Runtime::take_drained() {
  const std::lock_guard looked(at_hand_);
  const auto busy_end = std::ranges::stable_partition(earlier_, [](const auto& generation) {
                          return !is_empty(*generation);
                        }).begin();
  std::set<const PipelinePort*> wanted;
  for (const auto& port : current_->pipelines) wanted.insert(port.get());
  for (auto busy = earlier_.begin(); busy != busy_end; ++busy)
    for (const auto& port : (*busy)->pipelines) wanted.insert(port.get());
  std::vector<std::unique_ptr<Generation>> drained;
  for (auto empty = busy_end; empty != earlier_.end(); ++empty) {
    for (const auto& port : (*empty)->pipelines)
      if (!wanted.contains(port.get())) port->set_over();
    if (is_drained(**empty)) drained.push_back(std::move(*empty));
  }
  std::erase(earlier_, nullptr);
  return drained;
}

void Runtime::reap() {
  while (reaping_.load(std::memory_order_seq_cst)) {
    const EventCount::Ticket ticket = retired_.prepare();
    const bool freed = !take_drained().empty();  // here, without the lock
    bool waits = false;
    {
      const std::lock_guard looked(at_hand_);
      waits = !earlier_.empty();
    }
    if (freed || !reaping_.load(std::memory_order_seq_cst)) {
      retired_.cancel();
      continue;
    }
    retired_.wait(ticket, waits ? now() + kLook : kNever);
  }
}

}  // namespace edgert
