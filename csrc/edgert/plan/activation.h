// One frame going through a plan: an execution with a slot for each node of a scope.
//
// The root activation runs the sensor's scope; each row of an each-node runs a child activation of
// the inner scope. Everything is allocated when an activation is first made; afterwards it is
// used again from its scope's pool.
//
// Who writes what: init writes all plainly before the first execution is published. Afterwards an
// execution's result belongs to whoever completes it, and is read by those who wait for it; the
// counters are atomic.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "edgert/base/status.h"
#include "edgert/memory/frame.h"
#include "edgert/plan/attachments.h"
#include "edgert/plan/compiled.h"
#include "edgert/plan/request_cache.h"
#include "edgert/sched/work.h"

namespace edgert {

struct Execution : Work {
  Activation* activation = nullptr;
  CompiledNode* node = nullptr;
  // Of the node's: where it waits and runs. Where there are several, it is set when the execution
  // is dispatched; before that it is where its predecessor in this activation was.
  std::atomic<const Site*> site{nullptr};
  std::uint64_t ticket = 0;  // of a sequenced node

  // Set by init, read-only afterwards.
  bool demanded = false;             // some due pipeline wants it, now or when a condition opens
  bool initial = false;              // wanted from the start
  std::uint32_t wanted_outputs = 0;  // by those pipelines, a bit each

  // Unresolved inputs, and one for being wanted; who takes it to zero makes the execution ready.
  std::atomic<std::int32_t> pending{0};
  // Demands that are still possible; who takes it to zero without it being wanted skips it.
  std::atomic<std::int32_t> demands{0};
  std::atomic<bool> wanted{false};
  // Of the lanes' time until `latest_start` and as much have passed: for its own run and, where
  // that has no other lanes, for what follows. 0: unknown, or without a bound.
  Nanos need = 0;
  int place = -1;                     // where others see that (Triage); -1: they don't
  Nanos booked = 0;                   // in the backlog
  Nanos weighed = 0;                  // among what its queue's lanes have to do
  int booked_slot = -1;               // of it
  std::size_t booked_on = 0;          // and of which device
  std::atomic<std::int32_t> uses{0};  // what it would cost unshared, for the metrics
  // Readers of the outputs, and one for its own completion; at zero the outputs are released.
  std::atomic<std::int32_t> readers{0};
  // The same by output, of those that are let go early (liveness.h).
  std::unique_ptr<std::atomic<std::int32_t>[]> early_readers;

  std::vector<Tensor> outputs;
  Status status;
  bool bypass = false;    // takes its turn without running
  bool alone = false;     // on a device: a run of several that it was one of failed
  bool open = false;      // of a gate or a recall
  bool recalled = false;  // its outputs are an earlier result
  Nanos started = 0, ended = 0;
  std::uint16_t batch = 1;  // how many ran at once, this one among them
  std::uint64_t cause = 0;  // the trace's record of what made it ready

  // In the stream's time: the oldest frame that its outputs are computed from. Of its frame until
  // it is dispatched.
  Nanos of_time = 0;
  // Of a node that has recalls: the one of this activation that found the newest result. Released
  // by the demand that it gives back, acquired by who gives back the last one.
  std::atomic<Execution*> accepted{nullptr};
  Attachments attachments;               // of such a node: recalls of later activations
  std::atomic<Nanos> flight_time{0};     // and its frame's time, for them
  std::uint32_t attached_following = 0;  // of a recall

  // Of a root activation with a content. Who leads sets `cache` before it is dispatched, for all
  // who may look.
  std::uint32_t space = kNoSpace;  // where its outputs may be seen
  std::uint64_t may_want = 0;      // bits of `owners`: who wants it, or will if a condition opens
  std::atomic<CacheUse> cache{CacheUse::kNone};
  bool detached = false;                // from the start it reads no inputs
  Nanos rows_time = 0;                  // of a gather: what its rows took
  std::unique_ptr<CacheSeeker> seeker;  // where the node may be asked for

  std::unique_ptr<JoinQuery> query;   // of a join
  std::vector<Activation*> children;  // of an each-node
  std::atomic<std::int32_t> children_left{0};
};

// Relaxed: for who dispatched it, or got it from the queue there. Others see Executor::raise().
inline const Site& site_of(const Execution& execution) {
  return *execution.site.load(std::memory_order_relaxed);
}

// Its outputs are copies of what was computed for another activation, or will be.
inline bool came_from_cache(const Execution& execution) {
  // Relaxed: set by who started it, before anybody else was told of it.
  const CacheUse use = execution.cache.load(std::memory_order_relaxed);
  return use == CacheUse::kHit || use == CacheUse::kWait;
}

// What one pipeline waits for in one activation.
struct PipelineWait {
  std::atomic<std::int32_t> remaining{0};
  // Twice the activation's number, and 1 more once answered: who makes the step answers.
  std::atomic<std::uint64_t> answer{0};
  // What its nodes took so far; each adds before it tells who waits for it.
  std::atomic<Nanos> transforms{0}, models{0};
  // With on_miss: last, who is not done with it: the expiry and the work itself.
  std::atomic<int> parts{0};
  Nanos deadline = kNever;
  Nanos needed_until = kNever;  // later, its answer was given in another way
  std::uint64_t ticket = 0;     // the place of its result among the pipeline's
  std::uint64_t gaps = 0;       // frames of a stream that came too late for it, up to this one
  bool due = false;
  bool missed = false;
};

struct Activation {
  Activation(CompiledScope& of, std::size_t pipeline_count);

  Execution& at(int local) { return executions[static_cast<std::size_t>(local)]; }
  Execution& input(const InputLocation& location) {
    Activation* where = this;
    for (int up = location.up; up > 0; --up) where = where->parent;
    return where->at(location.local);
  }

  CompiledScope* scope;
  Activation* parent = nullptr;
  Activation* root = nullptr;
  int row = -1;
  FrameRef frame;            // of a root
  BufferRef content;         // of a root whose results are kept: the frame's, as the cache has it
  std::uint64_t number = 0;  // counts the sensor's activations
  std::uint64_t gaps = 0;    // in the sensor's stream, up to this frame
  Nanos admitted = 0;
  std::uint64_t cause = 0;  // the trace's record of its admission
  std::uint32_t pool_index = 0;
  // Unresolved executions, unanswered pipelines, and one for the starter.
  std::atomic<std::int32_t> remaining{0};
  std::unique_ptr<Execution[]> executions;
  std::unique_ptr<PipelineWait[]> pipelines;  // of a root, by slot
};

inline Activation::Activation(CompiledScope& of, std::size_t pipeline_count)
    : scope(&of),
      executions(new Execution[of.nodes.size()]),
      pipelines(new PipelineWait[pipeline_count]) {
  for (CompiledNode& node : of.nodes) {
    Execution& execution = at(node.local);
    execution.activation = this;
    execution.node = &node;
    execution.site.store(&node.sites.front(), std::memory_order_relaxed);
    execution.outputs.resize(node.spec->outputs.size());
    if (node.cacheable) execution.seeker = std::make_unique<CacheSeeker>(&execution);
    if (!node.early_outputs.empty())
      execution.early_readers.reset(new std::atomic<std::int32_t>[execution.outputs.size()]);
    if (node.kind() == NodeKind::kJoin) execution.query = std::make_unique<JoinQuery>();
    if (node.kind() != NodeKind::kEach) continue;
    execution.outputs.resize(1);  // its rows, or their times
    execution.children.reserve(64);
  }
}

inline Plan& plan_of(const Activation& activation) {
  return *activation.scope->plan;
}
inline Plan& plan_of(const Execution& execution) {
  return plan_of(*execution.activation);
}

}  // namespace edgert
