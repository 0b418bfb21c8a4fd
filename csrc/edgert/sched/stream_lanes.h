// The lanes of a device whose work completes later: one thread serves all its streams.
//
// While a stream has a place it draws the most urgent work, by the same queues and ranks as every
// lane, and enqueues it. What completed gives its instance back first, then the freed place is
// filled, and only then it is settled: the device waits for nobody's answers.
//
// It sleeps on one event count, for work while a place is free and for completions always. Why no
// wake is lost: it announces itself, then looks at the queues (while a place is free) and at the
// device; a submitter marks, then looks for waiters; the device completes, then tells. Without a
// free place it leaves a submitter's wake standing, so that further ones cost nothing: it draws
// before it next sleeps, and announces its search only when nothing is left to draw.
// Thread rule: start() and stop() from one thread. Without a thread, step() by who drives it.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "edgert/sched/queues.h"

namespace edgert {

class StreamLanes {
 public:
  // `queues` has a lane for each stream, and nobody else draws from it. `as_threads`: what stands
  // for lanes that are threads settles before it draws, as those do.
  StreamLanes(Queues& queues, StreamDevice& device, Runner& runner, bool as_threads = false);
  ~StreamLanes() { stop(); }

  void start(const std::string& name);
  // What is under way is waited for, as long as the device takes, and settled; what waits stays
  // undone.
  void stop();

  // Takes what completed and enqueues what can be. False: there was nothing to do.
  bool step();
  int in_flight() const { return in_flight_; }

 private:
  struct Slot : StreamRun {
    Drawn drawn;
    int stream = 0;
  };
  void loop();
  bool complete_one();
  bool feed();
  bool feed_one();
  bool free() const { return in_flight_ < static_cast<int>(slots_.size()); }

  Queues& queues_;
  StreamDevice& device_;
  Runner& runner_;
  const bool as_threads_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<Slot*> unused_;
  std::vector<int> loads_;  // runs on each stream
  int in_flight_ = 0;
  std::thread thread_;
};

}  // namespace edgert
