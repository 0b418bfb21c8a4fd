// Batches on a device: each size that runs will have is run and recorded on every stream here, so
// that none pays for that later. What can't be recorded runs alone: an engine that meets another
// size in each run plans for it anew, which takes longer than many runs. Sizes between 1, 2, 4...
// are filled up to the next one, unless a run half way takes less than that.
#include <algorithm>

#include "edgert/device/cuda/cuda_device.h"
#include "edgert/plan/batch_check.h"
#include "edgert/plan/batch_trial.h"
#include "edgert/plan/compile_devices.h"

namespace edgert {
namespace {

constexpr int kRounds = 3;
// Of the largest number. Chosen for TF32, in which GPUs multiply: it has the halves' 10 bits, so
// float32 is allowed what halves are.
constexpr double kApart = 1e-2;
constexpr double kGain = 0.97;  // less than 3 % is not worth another recording

using Measured = std::vector<std::pair<int, Nanos>>;

class DeviceTrial {
 public:
  DeviceTrial(const Plan& plan, const CompiledNode& node, const ModelHost& host)
      : plan_(plan),
        node_(node),
        site_(*std::ranges::find(node.sites, &host, &Site::model)),
        device_(device_at(plan, site_)),
        batching_(*host.batching),
        trial_(plan, node, host, [this](std::span<const Tensor> inputs, std::span<Tensor> outputs) {
          return run(inputs, outputs);
        }) {}
  DeviceTrial(const DeviceTrial&) = delete;
  DeviceTrial& operator=(const DeviceTrial&) = delete;

  const Trial& trial() const { return trial_; }

  // Has runs of so many rows ready on all streams.
  Status prepare(int rows) {
    std::string why;
    EDGERT_RETURN_IF_ERROR(warm_on_device(
        plan_, node_, site_, trial_.inputs(0, std::min(rows, batching_.most()), rows), rows, &why));
    if (rows > 1 && !why.empty())
      batching_.refuse("a run of " + std::to_string(rows) + " can't be recorded: " + why);
    return {};
  }

  // What a run of so many rows takes while the others, on all streams, do the same.
  Result<Nanos> measure(int rows) {
    const StreamRun run =
        run_on_device(node_, site_, trial_.inputs(0, std::min(rows, batching_.most()), rows), rows);
    const int places = device_.streams() * device_.in_flight();
    std::vector<StreamRun> runs(static_cast<std::size_t>(places), run);
    std::vector<Nanos> took;
    Status failed;
    for (int round = 0; round < kRounds && failed.ok(); ++round) {
      int under_way = 0;
      for (int i = 0; i < places && failed.ok(); ++i) {
        failed = device_.enqueue(i % device_.streams(), runs[static_cast<std::size_t>(i)]);
        if (failed.ok()) ++under_way;
      }
      while (under_way > 0) {
        Completion completion;
        if (!device_.take(completion)) continue;
        --under_way;
        took.push_back(completion.ended - completion.started);
        if (failed.ok()) failed = completion.status;
      }
    }
    EDGERT_RETURN_IF_ERROR(failed);
    std::ranges::sort(took);
    return std::max<Nanos>(1, took[took.size() / 2]);
  }

 private:
  Result<Nanos> run(std::span<const Tensor> inputs, std::span<Tensor> outputs) {
    const auto rows = static_cast<int>(inputs[0].shape()[0]);
    StreamRun run = run_on_device(node_, site_, {inputs.begin(), inputs.end()}, rows);
    const Nanos start = now();
    EDGERT_RETURN_IF_ERROR(device_.run(0, run));
    std::ranges::copy(run.outputs, outputs.begin());
    return now() - start;
  }

  const Plan& plan_;
  const CompiledNode& node_;
  const Site& site_;
  CudaDevice& device_;
  Batching& batching_;
  const Trial trial_;
};

// What a run of the sizes between two takes, if that is less than the larger one's.
Status try_between(DeviceTrial& device, Batching& batching, Measured& measured) {
  const auto [above, least] = measured[measured.size() - 2];
  const auto [rows, took] = measured.back();
  if (rows - above < 2) return {};
  const int between = above + (rows - above) / 2;
  EDGERT_RETURN_IF_ERROR(device.prepare(between));
  EDGERT_ASSIGN_OR_RETURN(const Nanos took_between, device.measure(between));
  const bool worth = static_cast<double>(took_between) < static_cast<double>(took) * kGain;
  batching.pad(worth ? between : above, rows);
  if (!worth) return {};
  batching.pad(above, between);
  measured.insert(measured.end() - 1, {between, std::max(took_between, least)});
  return {};
}

Status measure_sizes(DeviceTrial& device, Batching& batching) {
  Measured measured;
  const bool refused = !batching.refused().empty();
  for (const int size : batch_sizes(refused ? 1 : batching.most())) {
    const int rows = batching.rows(size);
    EDGERT_RETURN_IF_ERROR(device.prepare(rows));
    EDGERT_ASSIGN_OR_RETURN(const Nanos took, device.measure(rows));
    measured.emplace_back(size, took);
    if (batching.fixed() == 0 && size > 1)
      EDGERT_RETURN_IF_ERROR(try_between(device, batching, measured));
    if (!refused && !batching.refused().empty()) measured.resize(1);
    if (!refused && !batching.refused().empty()) break;
  }
  batching.set_measured(measured);
  return {};
}

}  // namespace

Status try_batches_on_device(const Plan& plan, const std::vector<const CompiledNode*>& nodes,
                             const ModelHost& host) {
  const CompiledNode& node = *nodes.front();
  Batching& batching = *host.batching;
  for (const TensorSpec& output : node.spec->outputs) {
    if (output.shape.is_static()) continue;
    batching.refuse("the size of output '" + output.name + "' varies");
    return {};
  }
  DeviceTrial device(plan, node, host);
  Nanos took = 0;
  EDGERT_RETURN_IF_ERROR(device.trial().run(0, 1, &took).status());
  const auto all = device.trial().run(0, batching.most(), &took);
  if (!all.ok()) {
    batching.refuse("a run of " + std::to_string(batching.most()) +
                    " items failed: " + all.status().message());
  } else {
    EDGERT_RETURN_IF_ERROR(compare_with_single(device.trial(), batching, host.io(), *all, kApart));
  }
  EDGERT_RETURN_IF_ERROR(measure_sizes(device, batching));
  // Items of other shapes are as many in a run, with recordings of their own.
  for (std::size_t i = 1; i < nodes.size() && batching.refused().empty(); ++i) {
    DeviceTrial other(plan, *nodes[i], host);
    for (int items = 1; items <= batching.limit(); ++items)
      if (batching.rows(items) == items || batching.fixed() > 0)
        EDGERT_RETURN_IF_ERROR(other.prepare(batching.rows(items)));
  }
  return {};
}

}  // namespace edgert
