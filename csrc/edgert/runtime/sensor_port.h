// Where frames enter: a sensor's inbox, and what decides which frames become activations.
//
// Thread rule: push() and finish() from any thread (usually the source's own). pump() from any
// thread: one of the callers works for all, the others return at once.
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
  virtual void ended() = 0;                  // the last activation of a finished sensor retired
};

class SensorPort {
 public:
  // `pipelines` by slot; null: what a join of another sensor's pipeline wants kept, which has no
  // results.
  SensorPort(int index, Plan& plan, std::vector<PipelinePort*> pipelines, Admission& admission,
             PortEvents& events);

  // Lends this sensor's frames to other processes, too. Before the first push.
  void share_through(ShareServer* server) { share_ = server; }

  // Results of equal frames are kept there, if this sensor has such. Before the first push.
  void cache_in(ResultCache* cache);

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
  bool credits_left() const;
  bool held_back() const;
  bool begin(FrameRef frame);
  void drop(const Frame& frame, Counter& reason, TraceDrop why);
  std::uint64_t note(const Frame& frame, TraceKind kind, TraceDrop why, Nanos when);
  bool follows_gap(const Frame& frame);
  Status stopped() const;
  int mark_due(Activation& root);
  int mark_fed(Activation& root);
  bool take(Activation& root, PipelinePort& port, PipelineWait& wait);
  std::string where() const { return "sensor '" + spec_.name + "'"; }
  Status check(const Frame& frame) const;

  SensorSpec spec_;
  int index_;
  Plan& plan_;
  std::vector<PipelinePort*> slots_, pipelines_;  // the latter without the null ones
  Admission& admission_;
  PortEvents& events_;
  ShareServer* share_ = nullptr;
  ResultCache* cache_ = nullptr;
  FramePool frames_;
  Ring<FrameRef> inbox_;
  EventCount space_;
  std::atomic<std::uint64_t> sequence_{0};
  std::atomic<std::int64_t> in_flight_{0};
  Claim claim_;
  std::atomic<bool> finished_{false}, closed_{false}, told_{false}, resting_{false};
  // The sequence number after the last dropped frame that had a gap before it, or 0: the first
  // frame from there on is after the gap too.
  std::atomic<std::uint64_t> lost_gap_{0};
  // Only the pumping thread:
  std::uint64_t number_ = 0, gaps_ = 0;  // of activations
  std::uint64_t gap_taken_ = 0;          // of lost_gap_
  std::uint64_t expected_ = 0;           // the sequence number that continues the stream
  Counter frames_in_, admitted_, activations_, full_, replaced_, late_, unwanted_, no_memory_,
      not_admitted_, decode_;
};

}  // namespace edgert
