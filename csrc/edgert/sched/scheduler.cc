#include "edgert/sched/scheduler.h"

#include <pthread.h>

#include <algorithm>
#include <string>

#include "edgert/sched/thread_priority.h"

namespace edgert {

std::byte* Lane::scratch(std::size_t bytes) {
  if (!scratch_ || scratch_->size() < bytes) scratch_ = allocate_buffer(bytes + bytes / 2);
  return scratch_ ? scratch_->data() : nullptr;
}

Scheduler::Scheduler(int lanes, Ranker& ranker, std::uint32_t groups, Runner& runner,
                     const char* name)
    : ranker_(ranker), runner_(runner), name_(name), ready_(groups) {
  for (int i = 0; i < lanes; ++i) lanes_.push_back(std::make_unique<Lane>(i));
}

Scheduler::~Scheduler() {
  stop();
}

std::uint32_t Scheduler::add_group(int instances) {
  const auto id = static_cast<std::uint32_t>(groups_.size());
  groups_.push_back(std::make_unique<Group>(id, instances, ready_, &ranker_.shares(), &quota_));
  return id;
}

void Scheduler::start(int niceness) {
  for (auto& lane : lanes_) {
    threads_.emplace_back([this, raw = lane.get(), niceness] {
      if (niceness > 0) nice_this_thread(niceness);
      loop(*raw);
    });
    pthread_setname_np(threads_.back().native_handle(),
                       (name_ + std::to_string(lane->index)).c_str());
  }
}

void Scheduler::stop() {
  wakeup_.stop();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

void Scheduler::submit(std::uint32_t group, Work* work) {
  ranker_.rank(*work, group);
  groups_[group]->submit(work);
  wakeup_.wake_one();
}

void Scheduler::raise(std::uint32_t group, Work* work, const Work& newcomer) {
  groups_[group]->raise(work, ranker_.major_for(newcomer, group));
}

void Scheduler::keep_free(const KeepFree& what) {
  const int lanes = static_cast<int>(lanes_.size());
  quota_.set(what.lanes > 0 ? std::max(1, lanes - what.lanes) : LaneQuota::kNoLimit,
             what.lanes > 0 ? what.longer_than : kNever);
  for (std::size_t i = 0; i < groups_.size(); ++i)
    groups_[i]->limit(what.lanes > 0 && i < what.groups.size() && what.groups[i]);
  mark_waiting();
}

// What was limited may run now. A group that has no instance free is marked for nothing, once.
void Scheduler::mark_waiting() {
  bool any = false;
  for (const auto& group : groups_) any |= group->mark_waiting();
  if (any) wakeup_.wake_one();
}

// Draws from the most urgent group that no other lane is drawing from at this moment, and runs
// what it got. False: there was nothing to draw.
bool Scheduler::run_one(Lane& lane) {
  std::uint32_t contended = ReadySet::kNone;
  for (;;) {
    const std::uint32_t id = ready_.best(contended);
    if (id == ReadySet::kNone) return false;
    const Group::Draw draw = groups_[id]->draw(
        [this](const Handful& drawn, Work& next) { return runner_.joins(drawn, next); });
    if (draw.contended) {
      if (contended != ReadySet::kNone) return false;
      contended = id;
      continue;
    }
    if (draw.count == 0) continue;
    if (draw.more) wakeup_.wake_one();
    for (const Work* work = draw.first; work; work = work->next) ranker_.drawn(*work);
    runner_.run(draw.first, id, draw.instance, lane);
    if (groups_[id]->give_back(draw.instance)) wakeup_.wake_one();
    if (draw.limited && quota_.give_back()) mark_waiting();
    settle(draw.first, lane);
    lane.executions.add(draw.count);
    return true;
  }
}

void Scheduler::settle(Work* works, Lane& lane) {
  while (Work* work = works) {
    works = work->next;  // settled work may be used again at once
    runner_.settle(work, lane);
  }
}

void Scheduler::loop(Lane& lane) {
  while (!wakeup_.stopping()) {
    if (run_one(lane) || (wakeup_.search() && run_one(lane))) continue;
    wakeup_.sleep();
    // Searching tells that the wake arrived; until then submitters count on it and wake nobody.
    if (wakeup_.search()) run_one(lane);
  }
}

}  // namespace edgert
