// The builder's devices.
#include "edgert/plan/builder.h"
#include "edgert/plan/builder_names.h"

namespace edgert {
namespace {

constexpr int kMostGpus = 255;
constexpr int kMostRuns = 64;  // at once, of one device: a group has as many instances

}  // namespace

Result<int> PlanBuilder::device(const DeviceSpec& spec) {
  const std::string where = "device " + quoted(spec.name);
  if (spec.name.empty()) return Status::invalid("device", "has no name");
  if (find_named(plan_.devices, spec.name) >= 0)
    return Status::invalid(where, "is there already", "give it another name");
  if (spec.type != "sim" && spec.type != "cuda")
    return Status::invalid(where, "there is no type " + quoted(spec.type), "known are: cuda, sim");
  if (spec.name == kProcessorName)
    return Status::invalid(where, "is what the processor is called", "give it another name");
  if (spec.name == kSoonestName)
    return Status::invalid(where, "is the word for wherever a run ends first",
                           "give it another name");
  if (plan_.devices.size() == kMostDevices)
    return Status::invalid(where, "is one too many", "a plan has 16 devices at most");
  if (spec.gpu < 0 || spec.gpu > kMostGpus)
    return Status::invalid(where, "gpu is " + std::to_string(spec.gpu),
                           "GPUs are numbered from 0; see edgert doctor");
  if (spec.streams < 1 || spec.in_flight < 1 || spec.streams > kMostRuns / spec.in_flight)
    return Status::invalid(where, "streams times in_flight must be 1 to 64",
                           "give it fewer streams, or fewer runs in flight on each");
  plan_.devices.push_back(spec);
  return static_cast<int>(plan_.devices.size()) - 1;
}

Status PlanBuilder::run_times(int device, int model, ModelTimes times) {
  if (device < 0 || device >= static_cast<int>(plan_.devices.size()))
    return Status::invalid("run times", "the device is not of this plan");
  if (model < 0 || model >= static_cast<int>(plan_.models.size()))
    return Status::invalid("run times", "the model is not of this plan");
  auto& models = plan_.devices[static_cast<std::size_t>(device)].times.models;
  models.resize(plan_.models.size());
  models[static_cast<std::size_t>(model)] = std::move(times);
  return {};
}

}  // namespace edgert
