// The runtime: what embedders and the bindings call.
//
//   auto plan = edgert::load_plan("box.plan");
//   auto runtime = edgert::Runtime::create(*plan, {});
//   (*runtime)->pipeline("shop/people").value()->set_callback(on_people);
//   (*runtime)->start();
//   edgert::SensorPort* camera = (*runtime)->sensor("camera").value();
//   edgert::FrameRef frame = camera->blank();   // fill planes, format, owner
//   camera->push(std::move(frame));
//   camera->finish();
//   (*runtime)->stop();
//
// A runtime can be given another plan while it runs (deploy). The next plan is compiled aside, with
// what the one at hand has of it (plan/carry.h); then each sensor's frames go there, and what is
// under way ends where it began. Nothing waits for that but the caller.
//
// Thread rule: create, start, stop and deploy from one thread at a time; ports from any. A port,
// and plan(), are good until a deploy that has them no more; shared ones as long as they are held.
#pragma once

#include <memory>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "edgert/cache/result_cache.h"
#include "edgert/lease/share_server.h"
#include "edgert/metrics/snapshot.h"
#include "edgert/plan/executor.h"
#include "edgert/plan/plan_file.h"
#include "edgert/runtime/admission.h"
#include "edgert/runtime/device_lanes.h"
#include "edgert/runtime/expiry.h"
#include "edgert/runtime/load_meter.h"
#include "edgert/runtime/pipeline_port.h"
#include "edgert/runtime/sensor_port.h"

namespace edgert {

// A runtime that computes nothing, on a virtual clock. It has no threads: who drives the clock
// calls Runtime::work().
struct PretendOptions {
  PretenceSpec data;
  DeviceTimes times;  // of the processor's lanes
  AmongTimes among;   // the same among other work, as far as it was measured
};

struct RuntimeOptions {
  int lanes = 0;  // 0: one a core
  Order order = Order::kEarliestDeadline;
  // slot_bytes 0: as large as the largest frame that the sensors announce.
  ShareOptions share = {};
  // Under Order::kPriority, the waiting that makes up for a step of priority.
  Nanos ageing = 100 * kMillisecond;
  // Outlives the runtime.
  const Clock* clock = &Clock::real();
  const PretendOptions* pretend = nullptr;  // null: what runs is real
  std::uint64_t seed = 1;                   // of simulated devices
  // Of results kept for equal frames, on sensors that say so; 0: none are kept.
  std::size_t cache_bytes = 0;
};

// What deploys did so far.
struct DeployCounts {
  std::uint64_t generation = 1;  // of the plan at hand; 1 is the first
  int draining = 0;              // earlier plans that still have frames under way, or are looked at
  Nanos compiled = 0, swapped = 0;  // how long the last one took
};

class Runtime : private ExecutorEvents, private PortEvents {
 public:
  // Opens and warms every model. An error leaves nothing behind.
  static Result<std::unique_ptr<Runtime>> create(PlanSpec plan, const RuntimeOptions& options);
  ~Runtime() override;

  void start();
  // With `drain`, what was admitted is finished first, within `timeout`; what is left then is
  // answered as cancelled, and what still waits in inboxes is dropped, when the runs at hand have
  // ended. Then lanes stop, waiting readers wake, and pushes are refused. Calling it again does
  // nothing.
  void stop(bool drain = true, Nanos timeout = 10 * kSecond);

  // Compiles a plan to follow the one at hand, on a thread that is nicer than all others. An error
  // leaves all as it was. What is prepared is deployed before anything else is prepared, or never.
  Result<std::unique_ptr<Generation>> prepare(PlanSpec plan);
  // Returns when no sensor's frames go to the plan before any more. Results of pipelines that both
  // have go on; the others' end when what is under way is answered. Applications keep their places.
  Status swap(std::unique_ptr<Generation> next);
  Status deploy(PlanSpec plan);
  DeployCounts deploys() const;

  Result<SensorPort*> sensor(std::string_view name);
  Result<std::shared_ptr<SensorPort>> shared_sensor(std::string_view name);
  // Takes frames again after finish(). Its pipelines' readers, who were told the end, begin anew.
  Status reopen(std::string_view name);
  // No frames of this sensor come for now (paused, lost, stalled), or they do again. Meanwhile no
  // frame of another sensor waits for it in a join. Any thread.
  Status rest(std::string_view name, bool resting);
  Result<PipelinePort*> pipeline(std::string_view full_name);  // "application/pipeline"
  Result<std::shared_ptr<PipelinePort>> shared_pipeline(std::string_view full_name);
  // The next result of a pipeline, read through this so that its sensor goes on.
  bool next(PipelinePort& pipeline, Answer& into, Nanos deadline);
  // Nobody reads it from now on: its sensor, if it was held back, goes on.
  void detach_reader(PipelinePort& pipeline);

  const Plan& plan() const { return *current_->plan; }
  Snapshot snapshot() const;
  // Its order and a policy's table can be changed at any time.
  Ranker& ranker() { return ranker_; }
  // Lanes that long runs leave to short ones; by one thread at a time.
  void keep_free(const KeepFree& what) { scheduler_.keep_free(what); }
  // What a policy looks at; made by the first call after a deploy, used by one thread at a time,
  // not during a deploy.
  LoadMeter& load_meter();
  Nanos uptime() const { return started_ ? clock_.now() - started_ : 0; }
  // Works that may run as one, by model of the plan, 1 to the model's batch. Any time.
  void allow_batches(const std::vector<int>& items);
  // Where models run, by model of the plan: an index in its ModelSpec::devices, or
  // Whereabouts::kSoonest. A list that is shorter leaves the others where they are. From now on;
  // what waits or runs stays where it is. Any time.
  void place(const std::vector<int>& sites);
  // Of each pipeline's due frames the share that is taken, as the plan's pipelines. Any time.
  void admit(const std::vector<double>& shares);
  // Notes what happens from start() to stop(), before, while or after it runs.
  Trace& trace() { return *trace_; }
  ShareServer* share() { return share_.get(); }  // null: nothing is shared
  const std::vector<std::unique_ptr<DeviceLanes>>& devices() const { return devices_; }

  // On a virtual clock, by the one thread that drives it: does all that is to be done at this
  // time; when something happens by itself.
  void work();
  Nanos next_event() const;
  // Somebody beside the lanes takes a core for so long.
  void interrupt(Nanos work);

 private:
  Runtime(std::unique_ptr<Generation> first, int lanes, const RuntimeOptions& options,
          std::unique_ptr<ShareServer> share);
  void pipeline_ready(Activation& root, int slot) override;
  void retired(Activation& root) override;
  void room(int sensor_number) override;
  void look_at(JoinHistory& history, Nanos when) override;
  void admit(Activation& root) override;
  void ended(const SensorView& view) override;
  void left(Generation& generation) override;
  void make_devices(const RuntimeOptions& options);
  void set_batch_times(const DeviceTimes& times, int device);  // of models there; -1: lanes
  void set_site_times(const DeviceTimes& times, int device);   // likewise
  void pretend(const PretendOptions& options, std::uint64_t seed);
  Status fits(const PlanSpec& plan) const;
  Status seat(Plan& plan);
  void bind(Generation& next);
  std::shared_ptr<SensorPort> port_for(const Plan& plan, std::size_t sensor);
  std::vector<std::shared_ptr<PipelinePort>> ports_for(const Generation& next);
  void go_over(Generation& next, const Generation* before);
  // For who looks at it from outside; let go by left().
  Generation& hold_at_hand();
  void end_histories(const Generation& before);
  void retire(std::unique_ptr<Generation> generation);
  void reap();
  bool is_drained(const Generation& generation) const;  // of what is empty; with at_hand_ locked
  std::vector<std::unique_ptr<Generation>> take_drained();
  void expire(const Expiry::Entry& entry);
  void tell_joins(const Generation& generation, std::size_t sensor, bool ended);
  bool drained();
  bool drain(Nanos deadline);
  void abandon();
  bool answer(Activation& root, int slot, std::uint64_t number, Status status);
  void release(Activation& root, int slot);

  const Clock& clock_;
  const int lanes_count_;
  std::shared_ptr<Trace> trace_;
  std::unique_ptr<ResultCache> cache_;  // null: nothing is kept
  std::unique_ptr<ShareServer> share_;
  Ranker ranker_;
  Scheduler scheduler_, aside_;
  Executor executor_;
  std::vector<Queues*> queues_;  // by Site::queue
  std::vector<std::unique_ptr<DeviceLanes>> devices_;
  Admission admission_;
  // By number: for who was told it by a plan that is still there.
  std::unique_ptr<std::atomic<SensorPort*>[]> sensors_by_number_;
  std::mutex deploying_;        // one deploy at a time
  mutable std::mutex at_hand_;  // for looks at the plan at hand from outside the lanes; short
  std::unique_ptr<Generation> current_;
  std::vector<std::unique_ptr<Generation>> earlier_;  // that are not drained yet
  DeployCounts deploys_;
  Expiry expiry_;
  std::unique_ptr<LoadMeter> load_meter_;
  EventCount drained_;
  EventCount retired_;  // of the reaper
  std::atomic<bool> reaping_{false};
  std::thread reaper_;
  Nanos started_ = 0;
  bool running_ = false;
};

}  // namespace edgert
