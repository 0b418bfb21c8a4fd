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

Scheduler::~Scheduler() { stop(); }

std::uint32_t Scheduler::add_group(int instances) {
  const auto id = static_cast<std::uint32_t>(groups_.size());
  groups_.push_back(std::make_unique<Group>(id, instances, order_, ready_));
  return id;
}

void Scheduler::start() {
  for (auto& lane : lanes_) {
    threads_.emplace_back([this, raw = lane.get()] { loop(*raw); });
    pthread_setname_np(threads_.back().native_handle(), ("edgert-lane" + std::to_string(lane->index)).c_str());
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
  events_.notify_one();
}

bool Scheduler::run_one(Lane& lane) {
  std::uint32_t contended = ReadySet::kNone;
  for (;;) {
    const std::uint32_t id = ready_.best(contended);
    if (id == ReadySet::kNone) return contended != ReadySet::kNone;  // its claimant is at it: look again
    const Group::Draw draw = groups_[id]->draw();
    if (draw.contended) {
      if (contended != ReadySet::kNone) return true;
      contended = id;
      continue;
    }
    if (!draw.work) continue;
    if (draw.more) events_.notify_one();
    const Nanos start = now();
    runner_.run(draw.work, id, draw.instance, lane);
    if (groups_[id]->give_back(draw.instance)) events_.notify_one();
    lane.busy_nanos.add(now() - start);
    lane.executions.add();
    return true;
  }
}

void Scheduler::loop(Lane& lane) {
  int idle = 0;
  while (!stopping_.load(std::memory_order_relaxed)) {
    if (run_one(lane)) {
      idle = 0;
      continue;
    }
    if (++idle < kSpins) {
      relax();
      continue;
    }
    const EventCount::Ticket ticket = events_.prepare();
    if (stopping_.load(std::memory_order_seq_cst) || ready_.best() != ReadySet::kNone) {
      events_.cancel();
      continue;
    }
    events_.wait(ticket);
    idle = 0;
  }
}

}  // namespace edgert
