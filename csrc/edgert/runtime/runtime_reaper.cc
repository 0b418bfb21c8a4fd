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

bool has(const Generation& generation, const std::shared_ptr<JoinHistory>& history) {
  return std::ranges::any_of(generation.plan->keeps, [&](const auto& keeps) {
    return std::ranges::any_of(keeps,
                               [&](const CompiledNode* keep) { return keep->history == history; });
  });
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

// Timers, too, look at its activations and histories. A history that another plan has stays with
// that one: not with what is freed together with this one, or is only being prepared.
bool Runtime::is_drained(const Generation& generation) const {
  if (generation.timers.load(std::memory_order_acquire) > 0) return false;
  const auto stays = [&](const std::shared_ptr<JoinHistory>& history) {
    if (has(*current_, history)) return true;
    return std::ranges::any_of(earlier_, [&](const auto& other) {
      return other && other.get() != &generation && has(*other, history);
    });
  };
  for (const auto& keeps : generation.plan->keeps)
    for (const CompiledNode* keep : keeps)
      if (keep->history->timers.load(std::memory_order_acquire) > 0 && !stays(keep->history))
        return false;
  return true;
}

// What is empty ends the pipelines that no other plan has any more, before it may be freed: so both
// go by one look at the plans.
std::vector<std::unique_ptr<Generation>> Runtime::take_drained() {
  const std::lock_guard looked(at_hand_);
  const auto busy_end =
      std::stable_partition(earlier_.begin(), earlier_.end(),
                            [](const auto& generation) { return !is_empty(*generation); });
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
