#include "edgert/plan/compile_devices.h"

#include <algorithm>

#include "edgert/device/cuda/cuda_device.h"
#include "edgert/infer/model_cache.h"
#include "edgert/infer/registry.h"
#include "edgert/plan/builder.h"
#include "edgert/plan/compile_batches.h"

namespace edgert {

Status open_devices(Plan& plan) {
  plan.devices.resize(plan.spec.devices.size());
  if (plan.pretence) return {};
  for (std::size_t i = 0; i < plan.devices.size(); ++i) {
    const DeviceSpec& spec = plan.spec.devices[i];
    if (spec.type != "cuda") continue;
    auto opened = CudaDevice::open({spec.gpu, spec.streams, spec.in_flight});
    if (!opened.ok()) return opened.status().within("device '" + spec.name + "'");
    plan.devices[i] = std::move(opened).value();
  }
  return {};
}

Result<std::shared_ptr<ModelHost>> host_on_device(const Plan& plan, const ModelSpec& spec, int on) {
  const auto index = static_cast<std::size_t>(on);
  const DeviceSpec& device = plan.spec.devices[index];
  auto host = std::make_shared<ModelHost>();
  host->instances = std::min(device.streams * device.in_flight, 64);
  if (!plan.devices[index]) {
    if (spec.batch > 1) host->batching = std::make_unique<Batching>(spec.batch, spec.fixed);
    return host;
  }
  const Nanos start = now();
  EDGERT_RETURN_IF_ERROR(check_content(spec));
  EDGERT_ASSIGN_OR_RETURN(Backend * backend, find_backend(spec.backend));
  auto opened = backend->load_on(CudaDevice::place(plan.devices[index]), spec.file,
                                 {spec.threads, spec.engine});
  if (!opened.ok())
    return opened.status().within("model '" + spec.name + "' on device '" + device.name + "'");
  host->work = std::move(opened).value();
  EDGERT_ASSIGN_OR_RETURN(host->batching, make_batching(spec, host->work->io(), false));
  host->load_time = now() - start;
  return host;
}

namespace {

// An engine's first runs look for kernels and lay out its memory; then they do the same each time.
constexpr int kUntilSettled = 3;

constexpr int kTries = 3;  // to record: an engine may have left something for a later run

// `why` it is not recorded, or empty.
Status warm_stream(CudaDevice& device, int stream, StreamRun& run, std::string& why) {
  const auto ran = [&] {
    StreamRun once = run;  // which sets outputs whose size varies
    return device.run(stream, once);
  };
  for (int tries = 0; tries < kTries; ++tries) {
    for (int i = 0; i < kUntilSettled; ++i) EDGERT_RETURN_IF_ERROR(ran());
    why.clear();
    const CudaDevice::Recording outcome = device.record(stream, run, why);
    if (outcome == CudaDevice::Recording::kDone) return {};
    if (outcome == CudaDevice::Recording::kElsewhere)
      return Status::engine("engine", "it doesn't run the model on the stream that it was given",
                            "leave device out of the model, or use another release of the engine");
  }
  // What can't be recorded runs all the same; if trying left it broken, that shows here.
  return ran();
}

}  // namespace

CudaDevice& device_at(const Plan& plan, const Site& site) {
  return *plan.devices[static_cast<std::size_t>(site.queue - kFirstDevice)];
}

StreamRun run_on_device(const CompiledNode& node, const Site& site, std::vector<Tensor> inputs,
                        int rows) {
  StreamRun run;
  run.model = node.spec->model;
  run.work = site.model->work.get();
  run.inputs = std::move(inputs);
  for (const TensorSpec& output : node.spec->outputs)
    run.outputs.push_back(!output.shape.is_static()
                              ? Tensor()
                              : allocate_tensor(output.dtype, rows > 0
                                                                  ? with_items(output.shape, rows)
                                                                  : output.shape));
  return run;
}

Status reserve_on_device(const Plan& plan, const CompiledNode& node, const Site& site,
                         std::vector<Tensor> inputs) {
  const Batching* batching = site.model->batching.get();
  StreamRun run;
  run.inputs = std::move(inputs);
  for (const TensorSpec& output : node.spec->outputs)
    if (output.shape.is_static())
      run.outputs.push_back(allocate_tensor(output.dtype, output.shape));
  run.joined = 1;
  run.items = batching ? batching->rows(batching->most()) : 1;
  const std::string& name = plan.spec.models[static_cast<std::size_t>(node.spec->model)].name;
  const Status status = device_at(plan, site).reserve(CudaDevice::bytes_of(run));
  return status.ok() ? status : status.within("model '" + name + "' on a device");
}

Status warm_on_device(const Plan& plan, const CompiledNode& node, const Site& site,
                      std::vector<Tensor> inputs, int rows, std::string* unrecorded) {
  const ModelSpec& model = plan.spec.models[static_cast<std::size_t>(node.spec->model)];
  const std::string where = "model '" + model.name + "' on a device";
  StreamRun run = run_on_device(node, site, std::move(inputs), rows);
  CudaDevice& device = device_at(plan, site);
  Status status;
  std::string why, reason;
  for (int stream = 0; status.ok() && stream < device.streams(); ++stream) {
    status = warm_stream(device, stream, run, why);
    if (reason.empty()) reason = why;
  }
  // A single run of it may wait for the GPU while it is enqueued; batches are not made then.
  const Batching* batching = site.model->batching.get();
  if (!reason.empty() && rows <= (batching ? batching->rows(1) : 1)) device.run_apart(*run.work);
  if (unrecorded) *unrecorded = reason;
  return status.ok() ? status : status.within(where + ": warming run");
}

Status check_content(const ModelSpec& spec) {
  const std::string where = "model '" + spec.name + "'";
  const auto content = hash_file(spec.file);
  if (!content.ok()) return content.status().within(where);
  if (*content != spec.content)
    return Status::invalid(where, spec.file + " is not the file that the plan was made with",
                           "compile the plan again, or bring the file back");
  return {};
}

}  // namespace edgert
