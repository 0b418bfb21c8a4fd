// What waits for the lanes of one kind (the processor's, or a device's streams): a queue a model or
// transform, in one order. Submitting wakes a lane; lanes draw, and say when what they drew is
// done.
//
// Thread rule: submit() and raise() from any thread; draw() and give_back() by lanes. seat() by one
// thread at a time, also while others work; whoever submits to its group got the seat from there.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "edgert/sched/group.h"
#include "edgert/sched/ranker.h"
#include "edgert/sched/runner.h"
#include "edgert/sched/triage.h"
#include "edgert/sched/wakeup.h"
#include "edgert/sched/workload.h"

namespace edgert {

// What a lane drew: it has the group's instance until it gives it back.
struct Drawn : Handful {
  std::uint32_t group = 0;
  int instance = -1;
  bool limited = false;  // it holds a place of the quota, too
};

class Queues;

// A group that is somebody's as long as this is held. Whoever lets it go has nothing waiting there.
class GroupSeat {
 public:
  GroupSeat(Queues& queues, std::uint32_t group) : queues_(queues), group_(group) {}
  ~GroupSeat();
  GroupSeat(const GroupSeat&) = delete;
  GroupSeat& operator=(const GroupSeat&) = delete;
  std::uint32_t group() const { return group_; }

 private:
  Queues& queues_;
  const std::uint32_t group_;
};

class Queues {
 public:
  // `ranker` may serve several of these. `runner` says what is drawn together. `most` groups.
  Queues(int lanes, Ranker& ranker, std::uint32_t most, Runner& runner);

  // Where its groups' offsets stand in a policy's table (RankTable::groups); from the start: 0.
  void number_from(std::uint32_t first) { first_ = first; }
  std::uint32_t number(std::uint32_t group) const { return first_ + group; }
  // `instances` executions of a group may run at once (1..64). Groups are numbered from 0.
  std::uint32_t add_group(int instances);
  // The same for a while: a group that nobody has, or a new one. Null: there are `most` already.
  std::shared_ptr<const GroupSeat> seat(int instances);

  // Ranks it and lets it wait. Whoever runs it tells the ranker when it ended (Ranker::settle).
  void submit(std::uint32_t group, Work* work);
  // Work that waits in `group`, or soon will, got another owner: it gets the rank that it had as
  // `newcomer` (the same work, the new owner's alone) if that is better.
  void raise(std::uint32_t group, Work* work, const Work& newcomer);
  // From now on; what runs goes on. At least one lane is left to what is limited. By one thread at
  // a time.
  void keep_free(const KeepFree& what);
  std::int64_t waiting(std::uint32_t group) const { return groups_[group]->waiting(); }
  // Lanes that sleep or look for work, or streams of a device that have nothing. Stale by moments.
  int idle_lanes() const {
    const int streams = idle_streams_.load(std::memory_order_relaxed);
    return streams >= 0 ? streams : wakeup_.idle();
  }
  // By who serves streams: beside the one for which it draws next.
  void set_idle_streams(int streams) { idle_streams_.store(streams, std::memory_order_relaxed); }
  const std::vector<std::unique_ptr<Lane>>& lanes() const { return lanes_; }
  std::uint32_t most_groups() const { return most_; }

  // From the most urgent group that no other lane is drawing from at this moment: its best, or
  // several (Runner::joins). False: there was nothing to draw.
  bool draw(Drawn& into);
  // Its run has ended: another may have the instance.
  void give_back(const Drawn& drawn);
  // What follows from the runs, without the instance; counted for the lane.
  void settle(const Drawn& drawn, Lane& lane);
  Wakeup& wakeup() { return wakeup_; }
  // Of what waits and runs here, as far as its runner tells.
  Triage& triage() { return triage_; }
  Workload& workload() { return workload_; }  // likewise
  const Workload& workload() const { return workload_; }

  static constexpr std::size_t kMostLanes = 64;

 protected:
  Lane& add_lane();

 private:
  friend class GroupSeat;
  void mark_waiting();
  std::uint32_t count() const { return count_.load(std::memory_order_acquire); }

  Ranker& ranker_;
  Runner& runner_;
  std::uint32_t first_ = 0;
  std::atomic<int> idle_streams_{-1};  // -1: lanes of threads
  const std::uint32_t most_;
  ReadySet ready_;
  LaneQuota quota_;
  Triage triage_;
  Workload workload_;
  std::unique_ptr<std::unique_ptr<Group>[]> groups_;
  std::atomic<std::uint32_t> count_{0};  // of them
  std::mutex unused_lock_;
  std::vector<std::uint32_t> unused_;  // groups whose seats were let go
  std::vector<std::unique_ptr<Lane>> lanes_;
  Wakeup wakeup_{ready_};
};

}  // namespace edgert
