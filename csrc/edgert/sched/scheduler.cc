#include "edgert/sched/scheduler.h"

#include <pthread.h>

#include <string>

namespace edgert {
namespace {

constexpr int kSpins = 64;  // looks before a lane sleeps: about a microsecond

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

std::byte* Lane::scratch(std::size_t bytes) {
  if (!scratch_ || scratch_->size() < bytes) scratch_ = allocate_buffer(bytes + bytes / 2);
  return scratch_ ? scratch_->data() : nullptr;
}

Scheduler::Scheduler(int lanes, Order order, std::uint32_t groups, Runner& runner)
    : runner_(runner), order_(order), ready_(groups) {
  for (int i = 0; i < lanes; ++i) lanes_.push_back(std::make_unique<Lane>(i));
}

Scheduler::~Scheduler() {
  stop();
}

std::uint32_t Scheduler::add_group(int instances) {
  const auto id = static_cast<std::uint32_t>(groups_.size());
  groups_.push_back(std::make_unique<Group>(id, instances, order_, ready_));
  return id;
}

void Scheduler::start() {
  for (auto& lane : lanes_) {
    threads_.emplace_back([this, raw = lane.get()] { loop(*raw); });
    pthread_setname_np(threads_.back().native_handle(),
                       ("edgert-lane" + std::to_string(lane->index)).c_str());
  }
}

void Scheduler::stop() {
  stopping_.store(true, std::memory_order_seq_cst);
  events_.notify_all();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

void Scheduler::submit(std::uint32_t group, Work* work) {
  groups_[group]->submit(work);
  wake_one();
}

void Scheduler::wake_one() {
  do {
    if (searching_.load() > 0 || waking_.exchange(true)) return;
    if (events_.notify_one()) return;
    waking_.store(false);
    // Another submitter may have relied on this wake, and a lane may have gone to sleep since.
  } while (events_.has_waiters() && ready_.best() != ReadySet::kNone);
}

// Draws from the most urgent group that no other lane is drawing from at this moment, and runs
// what it got. False: there was nothing to draw.
bool Scheduler::run_one(Lane& lane) {
  std::uint32_t contended = ReadySet::kNone;
  for (;;) {
    const std::uint32_t id = ready_.best(contended);
    if (id == ReadySet::kNone) return false;
    const Group::Draw draw = groups_[id]->draw();
    if (draw.contended) {
      if (contended != ReadySet::kNone) return false;
      contended = id;
      continue;
    }
    if (!draw.work) continue;
    if (draw.more) wake_one();
    runner_.run(draw.work, id, draw.instance, lane);
    if (groups_[id]->give_back(draw.instance)) wake_one();
    lane.executions.add();
    return true;
  }
}

// Looks for work for a short while. Finding some ends the search before the work is run.
bool Scheduler::search(Lane& lane) {
  searching_.fetch_add(1);
  waking_.store(false);
  for (int spin = 0; spin < kSpins && !stopping_.load(std::memory_order_relaxed); ++spin) {
    if (ready_.best() == ReadySet::kNone) {
      relax();
      continue;
    }
    // The last searcher leaves: if there is work for two, another lane must come.
    if (searching_.fetch_sub(1) == 1) wake_one();
    return run_one(lane);
  }
  searching_.fetch_sub(1);
  return false;
}

void Scheduler::sleep() {
  const EventCount::Ticket ticket = events_.prepare();
  if (stopping_.load() || ready_.best() != ReadySet::kNone) {
    events_.cancel();
    return;
  }
  events_.wait(ticket);
}

void Scheduler::loop(Lane& lane) {
  while (!stopping_.load(std::memory_order_relaxed)) {
    if (run_one(lane) || search(lane)) continue;
    sleep();
    // Searching tells that the wake arrived; until then submitters count on it and wake nobody.
    search(lane);
  }
}

}  // namespace edgert
