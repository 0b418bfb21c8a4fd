// Where frames enter: a sensor's inbox, and what decides which frames become activations.
//
// Its frames go through one plan at a time. take_over() names the next one: the pump goes over to
// it between two frames, so a frame is of one plan, and none is lost between two.
//
// Thread rule: push() and finish() from any thread (usually the source's own). pump() from any
// thread: one of the callers works for all, the others return at once. take_over() by one thread at
// a time, which waits for uses() before the next.
#pragma once

#include <atomic>
#include <functional>
#include <vector>

#include "edgert/base/histogram.h"
#include "edgert/memory/frame_pool.h"
#include "edgert/metrics/snapshot.h"
#include "edgert/plan/activation.h"
#include "edgert/queue/claim.h"
#include "edgert/queue/event_count.h"
#include "edgert/queue/ring.h"
#include "edgert/runtime/generation.h"

namespace edgert {

class Admission;
class PipelinePort;
class ResultCache;
class ShareServer;

// What a port tells its runtime.
class PortEvents {
 public:
  virtual ~PortEvents() = default;
  virtual void admit(Activation& root) = 0;  // deadlines are set: take it through the plan
  // The last activation of a finished sensor retired.
  virtual void ended(const SensorView& view) = 0;
  virtual void left(Generation& generation) = 0;  // no more of a sensor's frames go there
};

class SensorPort {
 public:
  // `number` is the sensor's in all plans (Plan::sensor_numbers). No frame is admitted before the
  // first take_over().
  SensorPort(const SensorSpec& spec, int number, const Admission& admission, PortEvents& events,
             const Clock& clock, Trace& trace);

  // Lends this sensor's frames to other processes, too. Before the first push.
  void share_through(ShareServer* server) { share_ = server; }

  // Results of equal frames are kept there, if this sensor has such. Before the first take_over().
  void cache_in(ResultCache* cache) { results_ = spec_.cache ? cache : nullptr; }

  // From the next frame on, they go there. Null: the sensor is no longer wanted, and closes. The
  // view's generation was held once for this; it is let go when the frames go elsewhere.
  void take_over(const SensorView* next);
  // Whether they do.
  bool uses(const SensorView* view) const { return used_.load(std::memory_order_acquire) == view; }

  int number() const { return number_in_plans_; }
  const std::string& name() const { return spec_.name; }
  const FrameFormat& format() const { return spec_.format; }

  // A blank frame to fill and push; null when too many are held by readers.
  FrameRef blank() { return frames_.take(); }

  // Takes the frame in. False: dropped, and counted. With a `block` inbox it waits for a place
  // until `deadline` and then answers kDeadline. Sequence, arrival and, where 0, capture are set
  // here.
  Result<bool> push(FrameRef frame, Nanos deadline = kNever);
  bool would_block() const { return spec_.inbox == InboxPolicy::kBlock && full(); }
  void finish();  // no more frames will come
  void reopen();  // after finish(): frames come again
  // No frames come for now (paused, lost, stalled), or they do again. Only notes it; the runtime
  // tells those who would wait for them.
  void set_resting(bool resting) { resting_.store(resting, std::memory_order_seq_cst); }
  bool resting() const { return resting_.load(std::memory_order_seq_cst); }
  void close();  // the runtime stops: waiting pushes return
  // After that: what still waits in the inbox is dropped, and counted.
  void abandon();

  void pump();
  void retire(Activation& root);
  bool finished() const;
  bool idle() const;
  SensorSnapshot snapshot() const;

 private:
  bool insert(FrameRef& frame);
  bool full() const { return inbox_.size() >= static_cast<std::size_t>(spec_.queue); }
  Status wait_for_place(Nanos deadline);
  void admit_waiting();
  void drop_waiting();
  bool credits_left() const;
  bool held_back() const;
  bool begin(FrameRef frame);
  void drop(const Frame& frame, Counter& reason, TraceDrop why);
  std::uint64_t note(const Frame& frame, TraceKind kind, TraceDrop why, Nanos when);
  bool follows_gap(const Frame& frame);
  Status stopped() const;
  int mark_due(Activation& root);
  int mark_fed(Activation& root);
  bool take(Activation& root, const SensorView::Slot& slot, PipelineWait& wait);
  void go_over(const SensorView* next);
  std::string where() const { return "sensor '" + spec_.name + "'"; }
  Status check(const Frame& frame) const;

  const SensorSpec spec_;
  const int number_in_plans_;
  const Admission& admission_;
  PortEvents& events_;
  const Clock& clock_;
  Trace& trace_;
  ShareServer* share_ = nullptr;
  ResultCache* results_ = nullptr;
  std::atomic<ResultCache*> cache_{nullptr};  // of the plan at hand
  std::atomic<const SensorView*> next_{nullptr}, used_{nullptr};
  FramePool frames_;
  Ring<FrameRef> inbox_;
  EventCount space_;
  std::atomic<std::uint64_t> sequence_{0};
  std::atomic<std::int64_t> in_flight_{0};
  Claim claim_;
  std::atomic<bool> finished_{false}, closed_{false}, told_{false}, resting_{false},
      abandoned_{false};
  // The sequence number after the last dropped frame that had a gap before it, or 0: the first
  // frame from there on is after the gap too.
  std::atomic<std::uint64_t> lost_gap_{0};
  std::atomic<bool> crowded_{false};  // a frame found no place; the pump tells the pipelines
  // Only the pumping thread:
  const SensorView* view_ = nullptr;
  std::uint64_t number_ = 0, gaps_ = 0;  // of activations
  std::uint64_t gap_taken_ = 0;          // of lost_gap_
  std::uint64_t expected_ = 0;           // the sequence number that continues the stream
  Counter frames_in_, admitted_, activations_, full_, replaced_, late_, unwanted_, no_memory_,
      not_admitted_, left_over_, decode_;
};

}  // namespace edgert
