// A device made of a profile: its runs compute nothing and take the time that real ones were
// measured to take.
//
// On the real clock a thread of its own tells when the next run ends. On a virtual one there is no
// thread: who drives the clock asks next(), sets the clock there, and takes what completed.
// Thread rule: as StreamDevice; next() by the serving thread.
#pragma once

#include <atomic>
#include <thread>
#include <vector>

#include "edgert/base/random.h"
#include "edgert/device/sim/among.h"
#include "edgert/device/sim/run_times.h"
#include "edgert/device/stream.h"
#include "edgert/queue/event_count.h"

namespace edgert {

struct SimOptions {
  int streams = 1;
  int in_flight = 1;  // runs that a stream takes
  int cores = 0;      // that streams and others share; 0: others take none
  std::uint64_t seed = 1;
};

class SimDevice : public StreamDevice {
 public:
  SimDevice(const DeviceTimes& times, const SimOptions& options, const Clock& clock,
            const AmongTimes& among = {});
  ~SimDevice() override;

  int streams() const override { return static_cast<int>(streams_.size()); }
  int in_flight() const override { return options_.in_flight; }
  Status enqueue(int stream, StreamRun& run) override;
  bool take(Completion& into) override;
  bool ready() const override;
  void tell(void (*told)(void*), void* context) override;
  void hurry() override;

  // A thread that isn't a lane takes a core for so long: where no core is free, one of the runs
  // waits.
  void interrupt(Nanos work);
  // When the next run ends, as things are; kNever: none is under way.
  Nanos next() const { return next_.load(std::memory_order_relaxed); }

 private:
  struct Run {
    StreamRun* run = nullptr;
    Nanos started = 0, end = kNever;
    double left = 0, speed = 1;  // nanoseconds of running alone; the part of them a nanosecond does
    double at = 0.5;             // the share of the runs that take less
    bool again = false;          // it follows a run of its own model
  };
  // The first of `waiting` runs, the others wait for it.
  struct Stream {
    Run running;
    std::vector<StreamRun*> waiting;
    Nanos ended = -1;    // the last run
    int last = -1;       // the model that ran last, with nothing but transforms since
    bool paused = true;  // it slept since then
  };
  void begin(Stream& stream, StreamRun* run, Nanos time);
  double length(Run& run, bool follows, bool paused) const;
  void pass_to(Nanos time);
  void change_speeds();
  double slowdown(const Run& run) const;
  void schedule();
  void loop();

  const SimOptions options_;
  const Clock& clock_;
  const RunTimes times_;
  const Among among_;
  Random random_;
  Spells spells_;
  std::vector<Stream> streams_;
  std::vector<int> running_;  // by model
  int busy_ = 0;              // streams
  Nanos time_ = 0;            // up to which `left` was worked off
  Stream* first_ = nullptr;   // the one whose run ends next
  // Written by the serving thread, read by the timer.
  std::atomic<Nanos> next_{kNever};
  std::atomic<bool> stopping_{false}, hurried_{false};
  void (*told_)(void*) = nullptr;
  void* context_ = nullptr;
  EventCount changed_;
  std::thread timer_;
};

}  // namespace edgert
