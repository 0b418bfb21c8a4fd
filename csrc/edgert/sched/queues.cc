#include "edgert/sched/queues.h"

#include <algorithm>

namespace edgert {

GroupSeat::~GroupSeat() {
  const std::lock_guard locked(queues_.unused_lock_);
  queues_.unused_.push_back(group_);
}

Queues::Queues(int lanes, Ranker& ranker, std::uint32_t most, Runner& runner)
    : ranker_(ranker),
      runner_(runner),
      most_(most),
      ready_(0, most),
      groups_(new std::unique_ptr<Group>[most]) {
  lanes_.reserve(kMostLanes);  // those that are there stay where they are
  for (int i = 0; i < lanes; ++i) add_lane();
}

Lane& Queues::add_lane() {
  lanes_.push_back(std::make_unique<Lane>(static_cast<int>(lanes_.size())));
  return *lanes_.back();
}

std::uint32_t Queues::add_group(int instances) {
  const std::uint32_t id = count();
  groups_[id] = std::make_unique<Group>(id, instances, ready_, &ranker_.shares(), &quota_);
  ready_.reach(id);
  count_.store(id + 1, std::memory_order_release);  // who counts them finds it made
  return id;
}

std::shared_ptr<const GroupSeat> Queues::seat(int instances) {
  const std::lock_guard locked(unused_lock_);
  if (unused_.empty()) {
    if (count() == most_) return nullptr;
    return std::make_shared<const GroupSeat>(*this, add_group(instances));
  }
  const std::uint32_t group = unused_.back();
  unused_.pop_back();
  groups_[group]->reset(instances);
  return std::make_shared<const GroupSeat>(*this, group);
}

void Queues::submit(std::uint32_t group, Work* work) {
  ranker_.rank(*work, number(group));
  groups_[group]->submit(work);
  wakeup_.wake_one();
}

void Queues::raise(std::uint32_t group, Work* work, const Work& newcomer) {
  groups_[group]->raise(work, ranker_.major_for(newcomer, number(group)));
}

void Queues::keep_free(const KeepFree& what) {
  const int lanes = static_cast<int>(lanes_.size());
  quota_.set(what.lanes > 0 ? std::max(1, lanes - what.lanes) : LaneQuota::kNoLimit,
             what.lanes > 0 ? what.longer_than : kNever);
  for (std::uint32_t i = 0; i < count(); ++i)
    groups_[i]->limit(what.lanes > 0 && i < what.groups.size() && what.groups[i]);
  mark_waiting();
}

// What was limited may run now. A group that has no instance free is marked for nothing, once.
void Queues::mark_waiting() {
  bool any = false;
  for (std::uint32_t i = 0; i < count(); ++i) any |= groups_[i]->mark_waiting();
  if (any) wakeup_.wake_one();
}

void Queues::give_back(const Drawn& drawn) {
  if (groups_[drawn.group]->give_back(drawn.instance)) wakeup_.wake_one();
  if (drawn.limited && quota_.give_back()) mark_waiting();
}

bool Queues::draw(Drawn& into) {
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
    into = {draw, id, draw.instance, draw.limited};
    return true;
  }
}

void Queues::settle(const Drawn& drawn, Lane& lane) {
  for (Work* works = drawn.first; works;) {
    Work* work = works;
    works = work->next;  // settled work may be used again at once
    runner_.settle(work, lane);
  }
  lane.executions.add(drawn.count);
}

}  // namespace edgert
