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
  for (const auto& lane : lanes()) {
    threads_.emplace_back([this, raw = lane.get(), niceness] {
      if (niceness > 0) nice_this_thread(niceness);
      loop(*raw);
    });
    pthread_setname_np(threads_.back().native_handle(),
                       (name_ + std::to_string(lane->index)).c_str());
  }
}

void Scheduler::stop() {
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
