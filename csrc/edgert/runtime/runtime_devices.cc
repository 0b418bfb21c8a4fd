// Devices beside the processor, and what stands for the processor on a virtual clock.
#include <algorithm>

#include "edgert/runtime/runtime.h"

namespace edgert {
namespace {

// One entry a model, whatever was said of them.
DeviceTimes for_models(DeviceTimes times, const PlanSpec& plan) {
  times.models.resize(plan.models.size());
  return times;
}

// Medians of runs of 1, 2, 4... items, as far as they were measured with the fewest instances.
std::vector<std::pair<int, Nanos>> batch_times(const ModelTimes& times, int most) {
  std::vector<std::pair<int, Nanos>> found;
  const RunTimes known(DeviceTimes{{times}, {}});
  for (const RunPoint& point : times.points)
    if (point.batch <= most) found.emplace_back(point.batch, 0);
  std::ranges::sort(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  for (auto& [items, took] : found) took = static_cast<Nanos>(known.length(0, items, 0.5));
  return found;
}

}  // namespace

void Runtime::set_batch_times(const DeviceTimes& times, int device) {
  for (std::size_t i = 0; i < plan_->models.size() && i < times.models.size(); ++i) {
    Batching* batching = plan_->models[i]->batching.get();
    if (batching && plan_->spec.models[i].device == device)
      batching->set_measured(batch_times(times.models[i], batching->most()));
  }
}

void Runtime::make_devices(const RuntimeOptions& options) {
  std::uint32_t number = static_cast<std::uint32_t>(plan_->group_instances.size());
  aside_.number_from(UINT32_MAX / 2);  // a policy's table says nothing of them
  for (std::size_t i = 0; i < plan_->spec.devices.size(); ++i) {
    const DeviceSpec& spec = plan_->spec.devices[i];
    const std::vector<int>& groups = plan_->device_instances[i];
    auto device = std::make_unique<SimDevice>(
        for_models(spec.times, plan_->spec),
        SimOptions{spec.streams, spec.in_flight, 0, options.seed + i}, *plan_->clock);
    devices_.push_back(std::make_unique<DeviceLanes>(spec.name, std::move(device), ranker_,
                                                     static_cast<std::uint32_t>(groups.size()),
                                                     executor_));
    set_batch_times(spec.times, static_cast<int>(i));
    Queues& queues = devices_.back()->queues();
    for (int instances : groups) queues.add_group(instances);
    queues.number_from(number);
    number += static_cast<std::uint32_t>(groups.size());
    queues_.push_back(&queues);
    executor_.add_device(queues);
  }
  if (options.pretend) pretend(*options.pretend, options.seed);
}

// The lanes' work is a device's, too: a stream a lane, on which one thing runs at once.
void Runtime::pretend(const PretendOptions& options, std::uint64_t seed) {
  set_batch_times(options.times, -1);
  for (Queues* queues : {queues_[kLanes], queues_[kAside]}) {
    const int lanes = static_cast<int>(queues->lanes().size());
    if (lanes == 0) continue;
    auto device = std::make_unique<SimDevice>(
        for_models(options.times, plan_->spec),
        SimOptions{lanes, 1, options.among.cores, seed + 1000 + devices_.size()}, *plan_->clock,
        options.among);
    devices_.push_back(std::make_unique<DeviceLanes>(queues == &aside_ ? "aside" : "cpu",
                                                     std::move(device), *queues, executor_));
  }
}

// What ends at the moment at which its bound does has kept it.
void Runtime::work() {
  for (;;) {
    for (bool any = true; any;) {
      any = false;
      for (auto& device : devices_) any |= device->step();
    }
    if (expiry_.next() > plan_->clock->now()) return;
    expiry_.call_due();
  }
}

void Runtime::interrupt(Nanos work) {
  for (auto& device : devices_) device->interrupt(work);
}

Nanos Runtime::next_event() const {
  Nanos next = expiry_.next();
  for (const auto& device : devices_) next = std::min(next, device->next());
  return next;
}

}  // namespace edgert
