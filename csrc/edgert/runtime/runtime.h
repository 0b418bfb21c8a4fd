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
// Thread rule: create, start and stop from one thread; ports from any.
#pragma once

#include <memory>
#include <string_view>
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

class Runtime : private ExecutorEvents, private PortEvents {
 public:
  // Opens and warms every model. An error leaves nothing behind.
  static Result<std::unique_ptr<Runtime>> create(PlanSpec plan, const RuntimeOptions& options);
  ~Runtime() override;

  void start();
  // With `drain`, what was admitted is finished first, within `timeout`. Then lanes stop, waiting
  // readers wake, and pushes are refused. Calling it again does nothing.
  void stop(bool drain = true, Nanos timeout = 10 * kSecond);

  Result<SensorPort*> sensor(std::string_view name);
  // Takes frames again after finish(). Its pipelines' readers, who were told the end, begin anew.
  Status reopen(std::string_view name);
  // No frames of this sensor come for now (paused, lost, stalled), or they do again. Meanwhile no
  // frame of another sensor waits for it in a join. Any thread.
  Status rest(std::string_view name, bool resting);
  Result<PipelinePort*> pipeline(std::string_view full_name);  // "application/pipeline"
  // The next result of a pipeline, read through this so that its sensor goes on.
  bool next(PipelinePort& pipeline, Answer& into, Nanos deadline);
  // Nobody reads it from now on: its sensor, if it was held back, goes on.
  void detach_reader(PipelinePort& pipeline);

  const Plan& plan() const { return *plan_; }
  Snapshot snapshot() const;
  // Its order and a policy's table can be changed at any time.
  Ranker& ranker() { return ranker_; }
  // Lanes that long runs leave to short ones; by one thread at a time.
  void keep_free(const KeepFree& what) { scheduler_.keep_free(what); }
  // What a policy looks at; made by the first call, used by one thread at a time.
  LoadMeter& load_meter();
  Nanos uptime() const { return started_ ? plan_->clock->now() - started_ : 0; }
  // Works that may run as one, by model of the plan, 1 to the model's batch. Any time.
  void allow_batches(const std::vector<int>& items);
  // Of each pipeline's due frames the share that is taken, as the plan's pipelines. Any time.
  void admit(const std::vector<double>& shares);
  // Notes what happens from start() to stop(), before, while or after it runs.
  Trace& trace() { return *plan_->trace; }
  ShareServer* share() { return share_.get(); }  // null: nothing is shared
  const std::vector<std::unique_ptr<DeviceLanes>>& devices() const { return devices_; }

  // On a virtual clock, by the one thread that drives it: does all that is to be done at this
  // time; when something happens by itself.
  void work();
  Nanos next_event() const;
  // Somebody beside the lanes takes a core for so long.
  void interrupt(Nanos work);

 private:
  Runtime(std::unique_ptr<Plan> plan, int lanes, const RuntimeOptions& options,
          std::unique_ptr<ShareServer> share);
  void pipeline_ready(Activation& root, int slot) override;
  void retired(Activation& root) override;
  void room(int sensor) override;
  void look_at(JoinHistory& history, Nanos when) override;
  void admit(Activation& root) override;
  void ended() override;
  void make_devices(const RuntimeOptions& options);
  void set_batch_times(const DeviceTimes& times, int device);  // of models there; -1: lanes
  void pretend(const PretendOptions& options, std::uint64_t seed);
  void expire(const Expiry::Entry& entry);
  void tell_joins(std::size_t sensor, bool ended);
  bool drained();
  PipelinePort& port_of(const Activation& root, int slot);
  bool answer(Activation& root, int slot, std::uint64_t number, Status status);
  void release(Activation& root, int slot);

  std::unique_ptr<Plan> plan_;
  std::unique_ptr<ResultCache> cache_;  // null: nothing is kept
  std::unique_ptr<ShareServer> share_;
  Ranker ranker_;
  Scheduler scheduler_, aside_;
  Executor executor_;
  std::vector<Queues*> queues_;  // by CompiledNode::queue
  std::vector<std::unique_ptr<DeviceLanes>> devices_;
  Admission admission_;
  std::vector<std::unique_ptr<PipelinePort>> pipelines_;
  std::vector<std::unique_ptr<SensorPort>> sensors_;
  Expiry expiry_;
  std::unique_ptr<LoadMeter> load_meter_;
  EventCount drained_;
  Nanos started_ = 0;
  bool running_ = false;
};

}  // namespace edgert
