// Where a pipeline's results leave: a bounded queue for a reader, or a callback on the lane.
//
// Results leave in the order of their frames: one that is done early waits for those before it.
//
// Thread rule: deliver() from any lane; next() from any reader thread; a callback is never called
// twice at once. `credits` bound how many results may be under way to a reader who wants none
// dropped.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "edgert/base/histogram.h"
#include "edgert/memory/pool.h"
#include "edgert/metrics/snapshot.h"
#include "edgert/plan/activation.h"
#include "edgert/plan/answer.h"
#include "edgert/queue/event_count.h"
#include "edgert/queue/ring.h"
#include "edgert/runtime/admission.h"
#include "edgert/runtime/even_skip.h"
#include "edgert/runtime/last_answer.h"
#include "edgert/runtime/ordered_exit.h"
#include "edgert/runtime/outcome.h"

namespace edgert {

class SensorPort;

class PipelinePort {
 public:
  using Callback = std::function<void(const Answer&)>;

  // `sensor` is the one whose frames it is for; it may be of several plans that follow each other.
  PipelinePort(const PipelineSpec& spec, std::shared_ptr<SensorPort> sensor, const Clock& clock,
               Trace& trace);

  const std::string& full_name() const { return name_; }
  SensorPort& sensor() const { return *sensor_; }
  // Whether a pipeline of the next plan can go on here.
  bool serves(const PipelineSpec& spec, const SensorPort& sensor) const;
  // The last plan that has it.
  void be_in(std::uint64_t generation) { generation_.store(generation, std::memory_order_relaxed); }
  std::uint64_t generation() const { return generation_.load(std::memory_order_relaxed); }

  // From now on a full queue holds the sensor back (with when_full: block). To be called before
  // the start, or results may already have been dropped.
  void attach_reader() { reader_.store(true, std::memory_order_release); }
  void detach_reader() { reader_.store(false, std::memory_order_release); }
  void set_callback(Callback callback) { callback_ = std::move(callback); }  // before the start

  // For the sensor's pump, one thread at a time.
  bool has_credit() const;
  void take_credit();
  std::uint64_t take_ticket() { return exit_.take_ticket(); }  // after has_credit()
  bool due(const PipelineSpec& spec, const Frame& frame, Nanos media_time);
  void lose() { ++lost_; }  // a frame was too late for it at admission
  std::uint64_t lost() const { return lost_; }
  void crowded() { skip_.trouble(); }  // a frame found no place in the inbox

  // From any thread: of the frames that are due, the share that a policy lets it take, 0 to 1.
  void admit(double share) { admitted_share_.store(share, std::memory_order_relaxed); }

  // `pipeline` is this one in the activation's plan.
  void deliver(Activation& root, const CompiledPipeline& pipeline, Status status);
  // It was answered in time with an earlier answer; its own is ready now, for later ones.
  void remember(Activation& root, const CompiledPipeline& pipeline);

  // Moves the oldest result into `into`. False: none until `deadline`, or stopped, or finished.
  bool next(Answer& into, Nanos deadline);
  bool empty() const { return answers_.size() == 0; }
  void give_credit();
  void wake() { arrived_.notify_all(); }
  void set_over(bool over = true) {
    over_.store(over, std::memory_order_seq_cst);
    wake();
  }
  bool over() const { return over_.load(std::memory_order_acquire) && empty(); }

  PipelineSnapshot snapshot() const;
  const Histogram& latency() const { return latency_; }
  OutcomeCounts outcome_counts() const { return outcomes_.counts(); }
  double share() const { return skip_.share() * admitted_share_.load(std::memory_order_relaxed); }
  RefusalCounts refusals() const;
  Counter refused_at_admission;
  AdmissionGate gate;

 private:
  struct Pooled : Answer {
    std::uint32_t pool_index = 0;
  };
  bool by_rate(const PipelineSpec& spec, Nanos media_time);
  void count_stages(Answer& answer, Activation& root, int slot) const;
  void send(Pooled* answer);
  void finish(Pooled& answer);
  void note(const Pooled& answer) const;
  void enqueue(Pooled* answer);

  const PipelineSpec spec_;  // name, queue and when_full; all else may change with the plan
  const std::string name_;
  const std::shared_ptr<SensorPort> sensor_;
  std::atomic<std::uint64_t> generation_{0};
  const Clock& clock_;
  Trace& trace_;
  Callback callback_;
  ObjectPool<Pooled> pool_;
  OrderedExit<Pooled> exit_;
  Ring<Pooled*> answers_;
  EventCount arrived_;
  std::atomic<bool> reader_{false}, over_{false};
  std::atomic<std::int64_t> credits_;
  Nanos next_due_ = INT64_MIN;         // only the pumping thread
  std::uint64_t seen_ = 0, lost_ = 0;  // likewise
  OutcomeCounters outcomes_;
  LastAnswer last_;
  EvenSkip skip_;
  EvenPick admission_;  // only the pumping thread
  std::atomic<double> admitted_share_{1};
  Counter unread_, not_due_, passed_over_;
  Histogram latency_;
};

}  // namespace edgert
