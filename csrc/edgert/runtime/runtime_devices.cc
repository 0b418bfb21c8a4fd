// Devices beside the processor, and what stands for the processor on a virtual clock.
#include <algorithm>

#include "edgert/device/cuda/cuda_device.h"
#include "edgert/runtime/carried_times.h"
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
  const Plan& plan = *current_->plan;
  for (std::size_t i = 0; i < plan.models.size() && i < times.models.size(); ++i) {
    const auto& devices = plan.spec.models[i].devices;
    for (std::size_t k = 0; k < devices.size(); ++k) {
      Batching* batching = plan.models[i].hosts[k]->batching.get();
      if (batching && devices[k] == device)
        batching->set_measured(batch_times(times.models[i], batching->most()));
    }
  }
}

// Of models that may run there and elsewhere, until they did.
void Runtime::set_site_times(const DeviceTimes& times, int device) {
  const RunTimes known(times);
  for (CompiledScope& scope : current_->plan->scopes) {
    for (CompiledNode& node : scope.nodes) {
      const auto model = static_cast<std::size_t>(std::max(0, node.spec->model));
      for (const Site& site : node.sites)
        if (site.record && site.queue == queue_on(device) && model < times.models.size() &&
            !times.models[model].points.empty())
          site.record->times.prepare(static_cast<Nanos>(known.length(node.spec->model, 1, 0.5)), 0);
    }
  }
}

void Runtime::make_devices(const RuntimeOptions& options) {
  std::uint32_t number = scheduler_.most_groups();
  const PlanSpec& plan = current_->plan->spec;
  aside_.number_from(UINT32_MAX / 2);  // a policy's table says nothing of them
  for (std::size_t i = 0; i < plan.devices.size(); ++i) {
    const DeviceSpec& spec = plan.devices[i];
    const auto groups = static_cast<std::uint32_t>(plan.models.size());
    std::shared_ptr<StreamDevice> device = current_->plan->devices[i];
    if (!device)
      device = std::make_shared<SimDevice>(
          for_models(spec.times, plan),
          SimOptions{spec.streams, spec.in_flight, 0, options.seed + i}, clock_);
    devices_.push_back(
        std::make_unique<DeviceLanes>(spec.name, std::move(device), ranker_, groups, executor_));
    set_batch_times(spec.times, static_cast<int>(i));
    set_site_times(spec.times, static_cast<int>(i));
    Queues& queues = devices_.back()->queues();
    queues.number_from(number);
    number += groups;
    queues_.push_back(&queues);
    executor_.add_device(queues);
  }
  if (options.pretend) pretend(*options.pretend, options.seed);
}

// The lanes' work is a device's, too: a stream a lane, on which one thing runs at once.
void Runtime::pretend(const PretendOptions& options, std::uint64_t seed) {
  set_batch_times(options.times, kProcessor);
  set_site_times(options.times, kProcessor);
  const Plan& plan = *current_->plan;
  DeviceTimes times = for_models(options.times, plan.spec);
  carry_cheap_times(plan, times.nodes);
  for (Queues* queues : {queues_[kLanes], queues_[kAside]}) {
    const int lanes = static_cast<int>(queues->lanes().size());
    if (lanes == 0) continue;
    auto device = std::make_shared<SimDevice>(
        times, SimOptions{lanes, 1, options.among.cores, seed + 1000 + devices_.size()}, clock_,
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
    if (expiry_.next() > clock_.now()) return;
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
