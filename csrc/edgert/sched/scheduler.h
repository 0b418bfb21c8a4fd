// Lanes that pull work from queues. How they sleep and are woken: wakeup.h.
//
// Thread rule: each lane is one thread; it looks for the most urgent group, draws its best
// execution, or several (Runner::joins), and runs what it drew to its end.
#pragma once

#include <thread>
#include <vector>

#include "edgert/sched/queues.h"

namespace edgert {

class Scheduler : public Queues {
 public:
  // Threads are called `name` and their lane's number.
  Scheduler(int lanes, Ranker& ranker, std::uint32_t groups, Runner& runner,
            const char* name = "edgert-lane");
  ~Scheduler();

  void start(int niceness = 0);  // of the lanes, over that of the thread that starts them
  void stop();                   // waits for what runs; what waits stays undone
  // So many lanes at least, up to kMostLanes; by one thread at a time, also while they run.
  void grow(int lanes);

 private:
  void start_one(Lane& lane);
  void loop(Lane& lane);
  bool run_one(Lane& lane);

  Runner& runner_;
  const char* name_;
  std::vector<std::thread> threads_;
  int niceness_ = 0;
  bool running_ = false;
};

}  // namespace edgert
