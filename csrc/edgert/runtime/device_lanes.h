// A device of a runtime: its queues, the device, and the lanes that take work from one to the
// other.
#pragma once

#include <memory>
#include <string>

#include "edgert/device/sim/sim_device.h"
#include "edgert/sched/stream_lanes.h"

namespace edgert {

class DeviceLanes {
 public:
  // With queues of its own, a lane for each stream.
  DeviceLanes(std::string name, std::shared_ptr<StreamDevice> device, Ranker& ranker,
              std::uint32_t groups, Runner& runner)
      : name_(std::move(name)),
        own_(std::make_unique<Queues>(device->streams(), ranker, groups, runner)),
        queues_(*own_),
        device_(std::move(device)),
        simulated_(dynamic_cast<SimDevice*>(device_.get())),
        lanes_(queues_, *device_, runner) {}
  // In place of the threads that would serve `queues`.
  DeviceLanes(std::string name, std::shared_ptr<SimDevice> device, Queues& queues, Runner& runner)
      : name_(std::move(name)),
        queues_(queues),
        device_(std::move(device)),
        simulated_(static_cast<SimDevice*>(device_.get())),
        lanes_(queues_, *device_, runner, true) {}

  const std::string& name() const { return name_; }
  bool own() const { return own_ != nullptr; }
  Queues& queues() { return queues_; }
  const Queues& queues() const { return queues_; }
  void start() { lanes_.start("edgert-" + name_); }
  void stop() { lanes_.stop(); }

  // On a virtual clock, where all devices are simulated.
  bool step() { return lanes_.step(); }
  Nanos next() const { return simulated_->next(); }
  void interrupt(Nanos work) { simulated_->interrupt(work); }

 private:
  const std::string name_;
  std::unique_ptr<Queues> own_;
  Queues& queues_;
  std::shared_ptr<StreamDevice> device_;  // ends before the queues: it may still tell of something
  SimDevice* const simulated_;            // null: real
  StreamLanes lanes_;
};

}  // namespace edgert
