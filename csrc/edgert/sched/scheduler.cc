#include "edgert/sched/scheduler.h"

#include <pthread.h>

#include <string>

#include "edgert/sched/thread_priority.h"

namespace edgert {

Scheduler::Scheduler(int lanes, Ranker& ranker, std::uint32_t groups, Runner& runner,
                     const char* name)
    : Queues(lanes, ranker, groups, runner), runner_(runner), name_(name) {}

Scheduler::~Scheduler() {
  stop();
}

void Scheduler::start(int niceness) {
  niceness_ = niceness;
  running_ = true;
  for (const auto& lane : lanes()) start_one(*lane);
}

void Scheduler::start_one(Lane& lane) {
  threads_.emplace_back([this, &lane] {
    if (niceness_ > 0) nice_this_thread(niceness_);
    loop(lane);
  });
  pthread_setname_np(threads_.back().native_handle(), (name_ + std::to_string(lane.index)).c_str());
}

void Scheduler::grow(int count) {
  while (static_cast<int>(lanes().size()) < count && lanes().size() < kMostLanes) {
    Lane& lane = add_lane();
    if (running_) start_one(lane);
  }
}

void Scheduler::stop() {
  running_ = false;
  wakeup().stop();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

// False: there was nothing to draw.
bool Scheduler::run_one(Lane& lane) {
  Drawn drawn;
  if (!draw(drawn)) return false;
  runner_.run(drawn.first, drawn.group, drawn.instance, lane);
  give_back(drawn);
  settle(drawn, lane);
  return true;
}

void Scheduler::loop(Lane& lane) {
  Wakeup& wake = wakeup();
  while (!wake.stopping()) {
    if (run_one(lane) || (wake.search() && run_one(lane))) continue;
    wake.sleep();
    // Searching tells that the wake arrived; until then submitters count on it and wake nobody.
    if (wake.search()) run_one(lane);
  }
}

}  // namespace edgert
