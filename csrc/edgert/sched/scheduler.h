// Lanes that pull work from groups. How they sleep and are woken: wakeup.h.
//
// Thread rule: submit() from any thread. add_group() before start(). Each lane is one thread; it
// looks for the most urgent group, draws its best execution, or several (Runner::joins), and runs
// what it drew to its end.
#pragma once

#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "edgert/base/histogram.h"
#include "edgert/memory/buffer.h"
#include "edgert/sched/group.h"
#include "edgert/sched/ranker.h"
#include "edgert/sched/wakeup.h"

namespace edgert {

// What a lane offers to what it runs.
class Lane {
 public:
  explicit Lane(int lane_index) : index(lane_index) {}
  std::byte* scratch(std::size_t bytes);  // grows, is never given back; 64-byte aligned

  const int index;
  Counter executions, busy_nanos;

 private:
  BufferRef scratch_;
};

// Runs what was drawn. Called on lanes.
class Runner {
 public:
  virtual ~Runner() = default;
  // Runs all works of the list (Work::next), which it leaves as it is, on the group's instance;
  // when it returns, another lane may use that.
  virtual void run(Work* works, std::uint32_t group, int instance, Lane& lane) = 0;
  // What follows from the run of one, on the same lane, without the instance.
  virtual void settle(Work* work, Lane& lane) = 0;
  // Whether `next`, the next best of the group, is drawn with what was drawn. Short: it is asked
  // while the group is claimed.
  virtual bool joins(const Handful& drawn, Work& next) { return joins_short(drawn, next); }
};

class Scheduler {
 public:
  // `ranker` may serve several schedulers. Threads are called `name` and their lane's number.
  Scheduler(int lanes, Ranker& ranker, std::uint32_t groups, Runner& runner,
            const char* name = "edgert-lane");
  ~Scheduler();

  // `instances` executions of a group may run at once (1..64). Groups are numbered from 0.
  std::uint32_t add_group(int instances);
  void start(int niceness = 0);  // of the lanes, over that of the thread that starts them
  void stop();                   // waits for what runs; what waits stays undone

  // Ranks it and lets it wait. Whoever runs it tells the ranker when it ended (Ranker::settle).
  void submit(std::uint32_t group, Work* work);
  // Work that waits in `group`, or soon will, got another owner: it gets the rank that it had as
  // `newcomer` (the same work, the new owner's alone) if that is better.
  void raise(std::uint32_t group, Work* work, const Work& newcomer);
  // From now on; what runs goes on. At least one lane is left to what is limited. By one thread at
  // a time.
  void keep_free(const KeepFree& what);
  std::int64_t waiting(std::uint32_t group) const { return groups_[group]->waiting(); }
  // Lanes that sleep or look for work. Stale by moments.
  int idle_lanes() const { return wakeup_.idle(); }
  const std::vector<std::unique_ptr<Lane>>& lanes() const { return lanes_; }

 private:
  void loop(Lane& lane);
  bool run_one(Lane& lane);
  void settle(Work* works, Lane& lane);
  void mark_waiting();

  Ranker& ranker_;
  Runner& runner_;
  const char* name_;
  ReadySet ready_;
  LaneQuota quota_;
  std::vector<std::unique_ptr<Group>> groups_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<std::thread> threads_;
  Wakeup wakeup_{ready_};
};

}  // namespace edgert
