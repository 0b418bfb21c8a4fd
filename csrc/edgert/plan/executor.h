// Takes activations through their plans: marks what is wanted, runs what is ready, resolves each
// execution once, and tells when a pipeline's outputs and an activation are complete.
//
// Thread rule: start() is called for one sensor by one thread at a time, in frame order. run() is
// called by lanes. Everything else happens inside these two.
//
// How an execution lives: init counts its unresolved inputs and one token for being wanted. Who
// takes the count to zero dispatches it: cheap ones run at once on the lane at hand, others go to
// their group's queue. finish() stores the outcome, tells dependents, conditions, pipelines and
// readers, and ends the activation with its last execution.
#pragma once

#include "edgert/plan/activation.h"
#include "edgert/plan/compiled.h"
#include "edgert/sched/scheduler.h"

namespace edgert {

// What the executor tells its owner. Called on whatever thread resolved the last piece.
class ExecutorEvents {
 public:
  virtual ~ExecutorEvents() = default;
  // All outputs of the pipeline in `slot` are resolved; called once for each due pipeline. The
  // owner reads them and calls answered().
  virtual void pipeline_ready(Activation& root, int slot) = 0;
  // Nothing of this root activation is used any more.
  virtual void retired(Activation& root) = 0;
  // A kept stream that was held back may go on.
  virtual void room(int sensor) = 0;
  // meet() is to be called then, after history.timer_fired().
  virtual void look_at(JoinHistory& history, Nanos when) = 0;
};

class Executor : public Runner {
 public:
  // `aside` runs nodes that may wait for something outside the core.
  Executor(const Clock& clock, Trace& trace, Scheduler& scheduler, Scheduler& aside, Ranker& ranker,
           ExecutorEvents& events, ResultCache* cache = nullptr)
      : clock_(clock),
        trace_(trace),
        queues_{&scheduler, &aside},
        ranker_(ranker),
        events_(events),
        cache_(cache) {}
  // Of the plan's next device; before the first frame.
  void add_device(Queues& queues) { queues_.push_back(&queues); }

  // Some plan has models that may run on several devices: from now on what waits and runs is
  // weighed, so that it is known where more ends first. Before that plan's first frame.
  void weigh_all() { weighs_.store(true, std::memory_order_relaxed); }

  // `root` has its frame, its number, and `due` and `deadline` of its pipelines set.
  void start(Activation& root);
  void run(Work* works, std::uint32_t group, int instance, Lane& lane) override;
  void settle(Work* work, Lane& lane) override;
  bool joins(const Handful& drawn, Work& next) override;
  bool prepare(Work* works, int instance, StreamRun& into) override;
  void complete(Work* works, StreamRun& run, Completion& completion, Lane& lane) override;

  // The owner is done with the outputs of the pipeline in `slot`.
  void answered(Activation& root, int slot);
  // Answers what can be answered, after something changed for those who wait there.
  void meet(JoinHistory& history);
  // For who looks at a root beside the executor: it does not end before the hold is released.
  void hold(Activation& root) { root.remaining.fetch_add(1, std::memory_order_relaxed); }
  void release(Activation& root);

  // From now on nothing is begun: what a lane draws ends as cancelled. What runs goes on.
  void close() { closed_.store(true, std::memory_order_relaxed); }

  std::int64_t copied_bytes() const { return copied_.value(); }

 private:
  // Executions that became ready while a thread resolves others, worked off in a loop so that
  // chains do not recurse; linked by Work::next.
  struct Turn {
    Executor* owner;
    Lane* lane;  // null on a thread that is no lane
    Turn* outer;
    Nanos time = 0;  // of the last reading in this turn; reading the clock costs as much as a queue
    Execution* head = nullptr;
    Execution* tail = nullptr;
    std::uint64_t cause = 0;  // the trace's record of what is being resolved
  };
  class TurnScope;  // executor_turn.h

  void init(Activation& activation);
  void mark(Activation& activation, const CompiledPipeline& pipeline, const PipelineWait& wait);
  void count_inputs(Activation& activation);
  void drop_initial_tokens(Activation& activation, Turn& turn);
  void became_ready(Execution& execution, Turn& turn);
  static void push(Execution& execution, Turn& turn);
  static void pass(Execution& execution, Turn& turn);
  void drain(Turn& turn);
  void dispatch(Execution& execution, Turn& turn);
  void execute(Execution& execution, int instance, Lane& lane) const;
  void execute_batch(Work* works, int instance, Lane& lane) const;
  Nanos patience_of(const Execution& execution) const;
  bool time_permits(const Handful& drawn, const Work& next, Nanos longer) const;
  void resolve(Execution& execution, Turn& turn);
  bool given_up(const Execution& execution) const;
  bool has_no_time(const Execution& execution) const;
  Status not_begun(const Execution& execution) const;
  bool hopeless(const Execution& execution) const;
  bool hopeless_for(const Execution& execution, int slot) const;
  bool left_out(const Execution& execution) const;
  bool wants_in_time_only(const Execution& execution, int slot) const;
  void show_waiting(Execution& execution) const;
  void show_running(Execution& execution, Nanos cost) const;
  void show_running(std::span<Execution* const> together, Nanos cost) const;
  void show_no_more(Execution& execution) const;
  bool runs_again(Execution& execution);
  void skip(Execution& execution, const Status& status, Turn& turn);
  void take_over(Execution& execution, const Execution& recall, Turn& turn);
  void finish(Execution& execution, Status status, Turn& turn);
  void book(Execution& execution, const Site& site);
  void unbook(Execution& execution) const;
  void charge(const Execution& execution);
  void count(Execution& execution, const Status& status);
  void note(const Execution& execution, const Status& status, Turn& turn);
  void open_or_close(Execution& gate, Turn& turn);
  void want(Execution& execution, const Demand::Want& want, Nanos deadline, Turn& turn);
  void raise(Execution& execution, const Demand::Want& want, Nanos deadline, Nanos time);
  void raise(Execution& execution, const Work& newcomer);
  const Site& soonest(const CompiledNode& node) const;
  void send(Execution& execution);
  void weigh(Execution& execution) const;
  void unweigh(Execution& execution) const;
  void recall(Execution& execution, Status status, Turn& turn);
  Recall::Answer asked(Execution& execution);
  void decide(Execution& recall, bool use, Turn& turn);
  void keep_result(Execution& execution, Turn& turn);
  void keep(Execution& execution, Status status, Turn& turn);
  void ask(Execution& execution, Status status, Turn& turn);
  void look_up(Activation& root);
  bool ask_cache(Execution& execution);
  void hurry(Execution& lead, const Execution& waiter);
  bool found_in_cache(Execution& execution, Turn& turn);
  void complete(Execution& lead, Turn& turn);
  bool others_wait_for(const Execution& execution) const;
  static void note_saved(const Execution& execution, Nanos time);
  static void measure_rows(Execution& gather);
  void meet(JoinHistory& history, Turn& turn);
  void answer(JoinQuery& query, Turn& turn);
  void spawn(Execution& each, Turn& turn);
  Activation* make_child(Execution& each, const Tensor& rows, std::int64_t row);
  void row_done(Execution& each, Turn& turn);
  void end(Activation& activation, Turn& turn);
  void release(Activation& activation, Turn& turn);
  void read(Execution& execution);
  void recycle_rows(Execution& each);
  Status inputs_status(Execution& execution) const;

  Queues& queues_of(const Site& site) const {
    return *queues_[static_cast<std::size_t>(site.queue)];
  }
  Queues& queues_of(const Execution& execution) const { return queues_of(site_of(execution)); }

  bool has_devices() const { return queues_.size() > kFirstDevice; }

  const Clock& clock_;
  Trace& trace_;
  std::vector<Queues*> queues_;  // by Site::queue
  Ranker& ranker_;
  ExecutorEvents& events_;
  ResultCache* cache_;  // null: no request's results are kept
  Counter copied_;
  std::atomic<bool> closed_{false}, weighs_{false};
};

}  // namespace edgert
