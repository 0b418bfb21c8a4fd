#include "edgert/plan/compile_models.h"

#include <algorithm>
#include <cstring>

#include "edgert/infer/model_cache.h"
#include "edgert/infer/registry.h"
#include "edgert/plan/builder.h"
#include "edgert/plan/builder_names.h"
#include "edgert/plan/carry.h"
#include "edgert/plan/compile_batches.h"
#include "edgert/plan/compile_devices.h"
#include "edgert/plan/compile_links.h"
#include "edgert/plan/lookup.h"

namespace edgert {
namespace {

// As said, or as many as lanes: where a session costs little all of them, else as many as were
// said to fit, or one.
int instances_of(const ModelSpec& spec, int lanes, bool cheap_sessions) {
  const int usual = cheap_sessions ? lanes : std::clamp(-spec.instances, 1, lanes);
  return std::min(spec.instances > 0 ? spec.instances : usual, 64);
}

Result<std::shared_ptr<ModelHost>> open_model(const ModelSpec& spec, int lanes) {
  const std::string where = "model '" + spec.name + "'";
  const Nanos start = now();
  EDGERT_RETURN_IF_ERROR(check_content(spec));
  EDGERT_ASSIGN_OR_RETURN(Backend * backend, find_backend(spec.backend));
  auto model = load_shared(*backend, spec.file, {spec.threads, spec.engine}, spec.content);
  if (!model.ok()) return model.status().within(where);
  auto host = std::make_shared<ModelHost>();
  host->model = std::move(model).value();
  EDGERT_ASSIGN_OR_RETURN(host->batching,
                          make_batching(spec, host->model->io(), host->model->keeps_state()));
  host->instances = instances_of(spec, lanes, host->model->cheap_sessions());
  for (int i = 0; i < host->instances && !host->model->keeps_state(); ++i) {
    auto session = host->model->session();
    if (!session.ok()) return session.status().within(where);
    host->sessions.push_back(std::move(session).value());
  }
  host->load_time = now() - start;
  return host;
}

Tensor zeros(DType dtype, Shape shape) {
  for (int axis = 0; axis < shape.rank(); ++axis)
    shape[axis] = std::max<std::int64_t>(shape[axis], 1);
  Tensor tensor = allocate_tensor(dtype, shape);
  std::memset(tensor.bytes_data(), 0, tensor.bytes());
  return tensor;
}

Tensor fresh_state(const CompiledNode& node, const ModelInput& feed) {
  const TensorSpec& output = node.spec->outputs[static_cast<std::size_t>(feed.state_output)];
  return zeros(output.dtype, output.shape);
}

void prepare_feeds(CompiledNode& node) {
  const ModelIo& io = node.loaded()->io();
  std::vector<Tensor>& state = node.memory->state;
  const bool fresh = state.empty();
  for (std::size_t i = 0; i < io.inputs.size(); ++i) {
    const ModelInput& feed = node.spec->model_inputs[i];
    Tensor constant;
    if (feed.kind == ModelInput::Kind::kConstant) {
      constant = zeros(io.inputs[i].dtype, feed.constant_shape);
      std::memcpy(constant.bytes_data(), feed.constant.data(), feed.constant.size());
    }
    if (feed.kind == ModelInput::Kind::kState && fresh) {
      state.resize(io.inputs.size());
      state[i] = fresh_state(node, feed);
    }
    node.constants.push_back(std::move(constant));
  }
}

Status warm(Session& session, const std::vector<Tensor>& inputs, const CompiledNode& node) {
  std::vector<Tensor> outputs(node.spec->outputs.size());
  Status status = session.run(inputs, outputs);
  if (!status.ok()) status = status.within(node_place(*node.spec) + ": warming run");
  return status;
}

std::vector<Tensor> zero_inputs(const Plan& plan, const CompiledNode& node) {
  const ModelIo& io = node.loaded()->io();
  std::vector<Tensor> inputs;
  for (std::size_t i = 0; i < io.inputs.size(); ++i) {
    const ModelInput& feed = node.spec->model_inputs[i];
    if (feed.kind == ModelInput::Kind::kConstant)
      inputs.push_back(node.constants[i]);
    else if (feed.kind == ModelInput::Kind::kState)
      inputs.push_back(fresh_state(node, feed));  // the node may run already, elsewhere
    else {
      const ValueRef ref = node.spec->inputs[static_cast<std::size_t>(feed.value)];
      const Shape& given =
          node_of(plan.spec, ref.node).outputs[static_cast<std::size_t>(ref.output)].shape;
      inputs.push_back(zeros(io.inputs[i].dtype, fed_shape(io.inputs[i].shape, given, 1)));
    }
  }
  return inputs;
}

// One run of each session on zeros, so that the first frame pays for nothing.
Status warm(const Plan& plan, CompiledNode& node, const Site& site) {
  const ModelHost& host = *site.model;
  // Which takes several items: tried with them.
  if (host.batching && host.batching->fixed() > 0) return {};
  std::vector<Tensor> inputs = zero_inputs(plan, node);
  if (host.work) return warm_on_device(plan, node, site, std::move(inputs));
  const Nanos start = now();
  if (node.session) {
    EDGERT_RETURN_IF_ERROR(warm(*node.session, inputs, node));
    return node.session->reset();
  }
  for (const auto& session : host.sessions) EDGERT_RETURN_IF_ERROR(warm(*session, inputs, node));
  // A first guess, as long as nothing is measured and no profile says more.
  if (site.record)
    site.record->times.prepare((now() - start) / std::max<int>(1, host.instances), 0);
  return {};
}

// A session that keeps state belongs to one node: another stream must not see it.
Status own_session(CompiledNode& node) {
  const ModelHost& host = *node.sites.front().model;
  if (!host.model || !host.model->keeps_state()) return {};
  auto session = host.model->session();
  if (!session.ok()) return session.status().within(node_place(*node.spec));
  node.session = std::move(session).value();
  return {};
}

// Where nothing is computed: as the engines' sessions would be made.
std::shared_ptr<ModelHost> pretended_host(const ModelSpec& spec, int lanes) {
  auto host = std::make_shared<ModelHost>();
  host->instances = instances_of(spec, lanes, spec.backend != "tflite");
  if (spec.batch > 1) host->batching = std::make_unique<Batching>(spec.batch, spec.fixed);
  return host;
}

Result<std::shared_ptr<ModelHost>> make_host(const Plan& plan, const ModelSpec& spec, int device,
                                             int lanes) {
  if (device != kProcessor) return host_on_device(plan, spec, device);
  if (plan.pretence) return pretended_host(spec, lanes);
  return open_model(spec, lanes);
}

}  // namespace

namespace {

// A node where it is to be warmed.
struct Cold {
  CompiledNode* node;
  const Site* site;
};

// What it took over runs already; what is new is to be warmed.
Status prepare_node(CompiledNode& node, std::vector<Cold>& cold) {
  const auto runs = [](const Site& site) { return site.model->seat != nullptr; };
  const bool any = std::ranges::any_of(node.sites, runs);
  if (!any) node.session = nullptr;  // of another model
  const bool carried = any && node.before;
  if (!node.session) EDGERT_RETURN_IF_ERROR(own_session(node));
  if (!carried) node.memory = std::make_shared<NodeMemory>();
  prepare_feeds(node);
  for (const Site& site : node.sites) {
    const bool warmed = runs(site) && (carried || !node.session);
    if (!warmed && site.model->computes()) cold.push_back({&node, &site});
  }
  return {};
}

// Devices have room for all before anything is recorded: a recording names its places there.
Status warm_all(const Plan& plan, const std::vector<Cold>& cold) {
  for (const auto& [node, site] : cold)
    if (site->model->work)
      EDGERT_RETURN_IF_ERROR(reserve_on_device(plan, *node, *site, zero_inputs(plan, *node)));
  for (const auto& [node, site] : cold) EDGERT_RETURN_IF_ERROR(warm(plan, *node, *site));
  return {};
}

Result<PlacedModel> place_model(const Plan& plan, int model, int lanes, const Plan* before) {
  const ModelSpec& spec = plan.spec.models[static_cast<std::size_t>(model)];
  PlacedModel placed;
  for (const int device : spec.devices) {
    auto host = carried_host(plan, model, device, before);
    if (!host) {
      EDGERT_ASSIGN_OR_RETURN(host, make_host(plan, spec, device, lanes));
      host->identity = host_identity(spec, device);
    }
    placed.hosts.push_back(std::move(host));
  }
  if (spec.devices.size() > 1) placed.whereabouts = carried_whereabouts(placed, before);
  return placed;
}

// Where the node before was there, too, its record goes on.
void make_sites(CompiledNode& node, const PlacedModel& model, const std::vector<int>& devices) {
  node.sites.resize(devices.size());
  node.whereabouts = model.whereabouts.get();
  for (std::size_t i = 0; i < devices.size(); ++i) {
    Site& site = node.sites[i];
    site.queue = queue_on(devices[i]);
    site.model = model.hosts[i].get();
    if (!node.whereabouts) continue;
    if (node.before)
      for (const Site& other : node.before->sites)
        if (other.model == site.model) site.record = other.record;
    if (!site.record) site.record = std::make_shared<SiteRecord>();
  }
}

}  // namespace

Status open_models(Plan& plan, int lanes, const Plan* before) {
  EDGERT_RETURN_IF_ERROR(open_devices(plan));
  for (std::size_t i = 0; i < plan.spec.models.size(); ++i) {
    EDGERT_ASSIGN_OR_RETURN(auto placed, place_model(plan, static_cast<int>(i), lanes, before));
    plan.models.push_back(std::move(placed));
  }
  std::vector<Cold> cold;
  for (CompiledScope& scope : plan.scopes) {
    for (CompiledNode& node : scope.nodes) {
      if (node.kind() != NodeKind::kModel) continue;
      const auto model = static_cast<std::size_t>(node.spec->model);
      make_sites(node, plan.models[model], plan.spec.models[model].devices);
      node.carries_over_gaps = node.spec->on_gap() == OnGap::kCarry;
      if (node.loaded()) EDGERT_RETURN_IF_ERROR(prepare_node(node, cold));
    }
  }
  return warm_all(plan, cold);
}

}  // namespace edgert
