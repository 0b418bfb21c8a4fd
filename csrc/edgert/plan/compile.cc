#include <algorithm>
#include <cstring>

#include "edgert/infer/model_cache.h"
#include "edgert/infer/registry.h"
#include "edgert/plan/activation.h"
#include "edgert/plan/builder.h"
#include "edgert/plan/compile_batches.h"
#include "edgert/plan/compile_joins.h"
#include "edgert/plan/compile_recalls.h"
#include "edgert/plan/compiled.h"
#include "edgert/plan/demand.h"
#include "edgert/plan/liveness.h"
#include "edgert/plan/most_rows.h"
#include "edgert/plan/owners.h"
#include "edgert/plan/request_cache.h"
#include "edgert/plan/validate.h"

namespace edgert {
namespace {

constexpr std::uint32_t kMostChildren = 4096, kMostBuffers = 8192;

std::string node_place(const NodeSpec& node) {
  return "node '" + node.name + "' (" + node.op + ")";
}

void place_nodes(Plan& plan) {
  plan.scopes.resize(plan.spec.scopes.size());
  for (std::size_t i = 0; i < plan.scopes.size(); ++i) {
    plan.scopes[i].index = static_cast<int>(i);
    plan.scopes[i].parent = plan.spec.scopes[i].parent;
    plan.scopes[i].sensor = plan.spec.scopes[i].sensor;
  }
  for (std::size_t i = 0; i < plan.spec.nodes.size(); ++i) {
    const NodeSpec& spec = plan.spec.nodes[i];
    CompiledScope& scope = plan.scopes[static_cast<std::size_t>(spec.scope)];
    CompiledNode node;
    node.spec = &spec;
    node.global = static_cast<int>(i);
    node.local = static_cast<int>(scope.nodes.size());
    plan.places.emplace_back(spec.scope, node.local);
    if (spec.kind == NodeKind::kSource || spec.kind == NodeKind::kRegion) scope.entry = node.local;
    scope.nodes.push_back(std::move(node));
  }
  for (CompiledScope& scope : plan.scopes) {
    const int each = plan.spec.scopes[static_cast<std::size_t>(scope.index)].each_node;
    if (each >= 0) scope.each_local = plan.places[static_cast<std::size_t>(each)].second;
  }
}

// Which inputs a node is computed from. A gate's second input only opens it, a join's only names
// what it asks; a region's is implied by its activation.
std::size_t real_inputs(const NodeSpec& spec) {
  if (spec.kind == NodeKind::kRegion) return 0;
  return spec.kind == NodeKind::kGate || spec.kind == NodeKind::kJoin ? 1 : spec.inputs.size();
}

void locate_inputs(Plan& plan, CompiledNode& node, const std::vector<std::vector<int>>& opening) {
  const int scope = node.spec->scope;
  const auto wait_for = [&](int global) {
    const auto [input_scope, local] = plan.places[static_cast<std::size_t>(global)];
    if (input_scope != scope || local == plan.scopes[static_cast<std::size_t>(scope)].entry) return;
    if (std::ranges::find(node.waits_for, local) == node.waits_for.end())
      node.waits_for.push_back(local);
  };
  for (std::size_t i = 0; i < real_inputs(*node.spec); ++i) {
    const ValueRef& ref = node.spec->inputs[i];
    const auto [input_scope, local] = plan.places[static_cast<std::size_t>(ref.node)];
    InputLocation location{0, local, ref.output};
    for (int at = scope; at >= 0 && at != input_scope;
         at = plan.scopes[static_cast<std::size_t>(at)].parent)
      ++location.up;
    node.inputs.push_back(location);  // of a gather's first input, only `local` counts
    wait_for(ref.node);
  }
  if (node.kind() != NodeKind::kEach) return;
  for (int need : outer_needs(plan.spec, opening, node.spec->inner)) wait_for(need);
}

Status check_cycles(const CompiledScope& scope) {
  std::vector<int> unresolved;
  for (const CompiledNode& node : scope.nodes)
    unresolved.push_back(static_cast<int>(node.waits_for.size()));
  std::vector<int> ready;
  for (std::size_t i = 0; i < unresolved.size(); ++i)
    if (unresolved[i] == 0) ready.push_back(static_cast<int>(i));
  std::size_t done = 0;
  while (!ready.empty()) {
    const int local = ready.back();
    ready.pop_back();
    ++done;
    for (int dependent : scope.nodes[static_cast<std::size_t>(local)].dependents)
      if (--unresolved[static_cast<std::size_t>(dependent)] == 0) ready.push_back(dependent);
  }
  if (done == scope.nodes.size()) return {};
  for (const CompiledNode& node : scope.nodes)
    if (unresolved[static_cast<std::size_t>(node.local)] > 0)
      return Status::invalid(node_place(*node.spec),
                             "waits for itself: a condition reads all rows of a step and opens "
                             "another step on the same rows",
                             "put the condition on the single row, or window the stream apart");
  return {};
}

Status link_nodes(Plan& plan) {
  const auto opening = opening_gates(plan.spec);
  for (CompiledScope& scope : plan.scopes) {
    for (CompiledNode& node : scope.nodes) locate_inputs(plan, node, opening);
    for (CompiledNode& node : scope.nodes)
      for (int local : node.waits_for)
        scope.nodes[static_cast<std::size_t>(local)].dependents.push_back(node.local);
    EDGERT_RETURN_IF_ERROR(check_cycles(scope));
  }
  return {};
}

Status make_transforms(Plan& plan, int lanes) {
  for (CompiledScope& scope : plan.scopes) {
    for (CompiledNode& node : scope.nodes) {
      if (node.kind() != NodeKind::kTransform) continue;
      std::vector<InputFormat> formats;
      for (const ValueRef& ref : node.spec->inputs) {
        const NodeSpec& of = plan.spec.nodes[static_cast<std::size_t>(ref.node)];
        if (of.kind == NodeKind::kSource) {
          formats.push_back(
              {&plan.spec.sensors[static_cast<std::size_t>(scope.sensor)].format, nullptr});
        } else {
          formats.push_back({nullptr, &of.outputs[static_cast<std::size_t>(ref.output)]});
        }
      }
      auto made = make_transform(node.spec->op, node.spec->params, formats);
      if (!made.ok()) return made.status().within(node_place(*node.spec));
      node.transform = std::move(made).value();
      node.cheap = node.transform->cheap();
      node.aside = node.transform->aside();
      if (node.aside) node.queue = kAside;
      auto& groups = node.aside ? plan.aside_instances : plan.group_instances;
      node.group = static_cast<std::uint32_t>(groups.size());
      groups.push_back(node.aside || node.transform->stateful() ? 1 : lanes);
    }
  }
  return {};
}

Result<std::unique_ptr<ModelHost>> open_model(const ModelSpec& spec, int lanes) {
  const std::string where = "model '" + spec.name + "'";
  const Nanos start = now();
  auto content = hash_file(spec.file);
  if (!content.ok()) return content.status().within(where);
  if (*content != spec.content)
    return Status::invalid(where, spec.file + " is not the file that the plan was made with",
                           "compile the plan again, or bring the file back");
  EDGERT_ASSIGN_OR_RETURN(Backend * backend, find_backend(spec.backend));
  auto model = load_shared(*backend, spec.file, {spec.threads, spec.engine}, spec.content);
  if (!model.ok()) return model.status().within(where);
  auto host = std::make_unique<ModelHost>();
  host->model = std::move(model).value();
  EDGERT_ASSIGN_OR_RETURN(host->batching, make_batching(spec, *host->model));
  const int instances = spec.instances > 0              ? spec.instances
                        : host->model->cheap_sessions() ? lanes
                                                        : 1;
  host->instances = std::min(instances, 64);
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

void prepare_feeds(CompiledNode& node) {
  const ModelIo& io = node.model->model->io();
  for (std::size_t i = 0; i < io.inputs.size(); ++i) {
    const ModelInput& feed = node.spec->model_inputs[i];
    Tensor constant, state;
    if (feed.kind == ModelInput::Kind::kConstant) {
      constant = zeros(io.inputs[i].dtype, feed.constant_shape);
      std::memcpy(constant.bytes_data(), feed.constant.data(), feed.constant.size());
    }
    if (feed.kind == ModelInput::Kind::kState) {
      const TensorSpec& output = node.spec->outputs[static_cast<std::size_t>(feed.state_output)];
      state = zeros(output.dtype, output.shape);
    }
    node.constants.push_back(std::move(constant));
    node.state.push_back(std::move(state));
  }
}

Status warm(Session& session, const std::vector<Tensor>& inputs, const CompiledNode& node) {
  std::vector<Tensor> outputs(node.model->model->io().outputs.size());
  Status status = session.run(inputs, outputs);
  if (!status.ok()) status = status.within(node_place(*node.spec) + ": warming run");
  return status;
}

// One run of each session on zeros, so that the first frame pays for nothing.
Status warm(Plan& plan, CompiledNode& node) {
  const ModelIo& io = node.model->model->io();
  // Which takes several items: tried with them.
  if (node.model->batching && node.model->batching->fixed() > 0) return {};
  std::vector<Tensor> inputs;
  for (std::size_t i = 0; i < io.inputs.size(); ++i) {
    const ModelInput& feed = node.spec->model_inputs[i];
    if (feed.kind == ModelInput::Kind::kConstant)
      inputs.push_back(node.constants[i]);
    else if (feed.kind == ModelInput::Kind::kState)
      inputs.push_back(node.state[i]);
    else {
      const ValueRef ref = node.spec->inputs[static_cast<std::size_t>(feed.value)];
      const Shape& given = plan.spec.nodes[static_cast<std::size_t>(ref.node)]
                               .outputs[static_cast<std::size_t>(ref.output)]
                               .shape;
      inputs.push_back(zeros(io.inputs[i].dtype, fed_shape(io.inputs[i].shape, given, 1)));
    }
  }
  if (node.session) {
    EDGERT_RETURN_IF_ERROR(warm(*node.session, inputs, node));
    return node.session->reset();
  }
  for (auto& session : node.model->sessions) EDGERT_RETURN_IF_ERROR(warm(*session, inputs, node));
  return {};
}

// A session that keeps state belongs to one node: another stream must not see it.
Status own_session(CompiledNode& node) {
  if (!node.model->model->keeps_state()) return {};
  auto session = node.model->model->session();
  if (!session.ok()) return session.status().within(node_place(*node.spec));
  node.session = std::move(session).value();
  return {};
}

int queue_of(const ModelSpec& spec) {
  return spec.device < 0 ? kLanes : kFirstDevice + spec.device;
}

std::vector<int>& instances_of(Plan& plan, int queue) {
  return queue == kLanes ? plan.group_instances
                         : plan.device_instances[static_cast<std::size_t>(queue - kFirstDevice)];
}

// As many runs as the device takes at once; nothing is opened for one that only pretends.
std::unique_ptr<ModelHost> host_on(const DeviceSpec& device, const ModelSpec& spec) {
  auto host = std::make_unique<ModelHost>();
  host->instances = std::min(device.streams * device.in_flight, 64);
  if (spec.batch > 1) host->batching = std::make_unique<Batching>(spec.batch, spec.fixed);
  return host;
}

// Where nothing is computed: as the engines' sessions would be made.
std::unique_ptr<ModelHost> pretended_host(const ModelSpec& spec, int lanes) {
  auto host = std::make_unique<ModelHost>();
  const bool cheap_sessions = spec.backend != "tflite";
  host->instances = std::min(spec.instances > 0 ? spec.instances : cheap_sessions ? lanes : 1, 64);
  if (spec.batch > 1) host->batching = std::make_unique<Batching>(spec.batch, spec.fixed);
  return host;
}

Result<std::unique_ptr<ModelHost>> make_host(const Plan& plan, const ModelSpec& spec, int lanes) {
  if (spec.device >= 0)
    return host_on(plan.spec.devices[static_cast<std::size_t>(spec.device)], spec);
  if (plan.pretence) return pretended_host(spec, lanes);
  return open_model(spec, lanes);
}

Status open_models(Plan& plan, int lanes) {
  plan.device_instances.resize(plan.spec.devices.size());
  for (const ModelSpec& spec : plan.spec.models) {
    EDGERT_ASSIGN_OR_RETURN(auto host, make_host(plan, spec, lanes));
    auto& groups = instances_of(plan, queue_of(spec));
    host->group = static_cast<std::uint32_t>(groups.size());
    groups.push_back(host->instances);
    plan.models.push_back(std::move(host));
  }
  for (CompiledScope& scope : plan.scopes) {
    for (CompiledNode& node : scope.nodes) {
      if (node.kind() != NodeKind::kModel) continue;
      node.model = plan.models[static_cast<std::size_t>(node.spec->model)].get();
      node.queue = queue_of(plan.spec.models[static_cast<std::size_t>(node.spec->model)]);
      node.group = node.model->group;
      node.carries_over_gaps = node.spec->on_gap() == OnGap::kCarry;
      if (!node.model->model) continue;  // nothing is computed there
      EDGERT_RETURN_IF_ERROR(own_session(node));
      prepare_feeds(node);
      EDGERT_RETURN_IF_ERROR(warm(plan, node));
    }
  }
  return {};
}

// Buffers that histories hold beside the frames under way: each kept sample may be one.
std::uint32_t kept_of(const Plan& plan, int node) {
  std::size_t most = 0;
  for (const auto& keeps : plan.keeps)
    for (const CompiledNode* keep : keeps)
      if (keep->spec->inputs[0].node == node) most += keep->history->most();
  return static_cast<std::uint32_t>(most);
}

// One for all, but what is private isn't even written where somebody else's data was.
std::shared_ptr<BlockStore> store_of(Plan& plan, const CompiledNode& node) {
  std::shared_ptr<BlockStore>& store = plan.stores[node.spec->private_to];
  if (!store) store = std::make_shared<BlockStore>();
  return store;
}

// A model's output of open shape stays in the engine's memory; all else comes from a pool.
void make_pools(Plan& plan, CompiledNode& node, std::uint32_t kept_elsewhere) {
  for (const TensorSpec& output : node.spec->outputs) {
    const bool passes_on =
        node.kind() == NodeKind::kRegion || node.kind() == NodeKind::kKeep ||
        node.kind() == NodeKind::kRecall ||
        (node.kind() == NodeKind::kJoin && node.asks->rule(node.joiner).by != JoinBy::kInterpolate);
    const bool pooled = !passes_on && output.bytes() > 0 &&
                        (node.kind() != NodeKind::kModel || output.shape.is_static());
    const std::uint32_t most = kMostBuffers + kept_elsewhere + node.kept_for_recalls;
    auto store = output.bytes() < kLeastShared ? nullptr : store_of(plan, node);
    node.pools.push_back(
        pooled ? std::make_unique<BufferPool>(output.bytes(), most, std::move(store)) : nullptr);
  }
}

bool holds_order(const CompiledNode& node) {
  if (node.transform && node.transform->stateful()) return true;
  if (node.hold > 0 || node.session || (node.recall && node.recall->ordered())) return true;
  if (node.kind() == NodeKind::kKeep || node.kind() == NodeKind::kJoin) return true;
  return std::ranges::any_of(node.spec->model_inputs, [](const ModelInput& input) {
    return input.kind == ModelInput::Kind::kState;
  });
}

bool any_sequenced_within(const Plan& plan, int scope) {
  for (const CompiledScope& inner : plan.scopes) {
    if (inner.index == scope && !inner.sequenced.empty()) return true;
    if (inner.parent == scope && any_sequenced_within(plan, inner.index)) return true;
  }
  return false;
}

void make_sequencers(Plan& plan) {
  for (auto scope = plan.scopes.rbegin(); scope != plan.scopes.rend();
       ++scope) {  // inner ones first
    for (CompiledNode& node : scope->nodes) {
      if (node.kind() == NodeKind::kGate) {
        node.hold = static_cast<Nanos>(node.spec->params.real("hold_ms", 0).value() * kMillisecond);
      }
      const bool ordered = node.kind() == NodeKind::kEach
                               ? any_sequenced_within(plan, node.spec->inner)
                               : holds_order(node);
      if (!ordered) continue;
      node.sequencer = std::make_unique<Sequencer<Execution>>(
          kMostRoots * static_cast<std::uint64_t>(scope->max_rows));
      scope->sequenced.push_back(node.local);
    }
  }
}

}  // namespace

CompiledNode& Plan::node_at(int global) {
  const auto [scope, local] = places[static_cast<std::size_t>(global)];
  return scopes[static_cast<std::size_t>(scope)].nodes[static_cast<std::size_t>(local)];
}

Result<std::unique_ptr<Plan>> compile_plan(PlanSpec spec, int lanes, const PretenceSpec* pretence) {
  EDGERT_RETURN_IF_ERROR(validate_plan(spec));
  auto plan = std::make_unique<Plan>();
  plan->spec = std::move(spec);
  if (pretence) plan->pretence = std::make_unique<Pretence>(plan->spec, *pretence);
  place_nodes(*plan);
  EDGERT_RETURN_IF_ERROR(link_nodes(*plan));
  EDGERT_RETURN_IF_ERROR(make_transforms(*plan, lanes));
  EDGERT_RETURN_IF_ERROR(make_histories(*plan));
  EDGERT_RETURN_IF_ERROR(open_models(*plan, lanes));
  EDGERT_RETURN_IF_ERROR(make_recalls(*plan));
  EDGERT_RETURN_IF_ERROR(prepare_batches(*plan));
  EDGERT_RETURN_IF_ERROR(compile_demands(*plan));
  compile_early_outputs(*plan);
  compile_owners(*plan);
  int streams = 0;
  for (const DeviceSpec& device : plan->spec.devices) streams += device.streams;
  plan->ledger = Ledger(plan->spec.applications, lanes + streams);
  for (CompiledScope& scope : plan->scopes) {
    if (scope.parent >= 0)
      scope.max_rows =
          most_rows(plan->spec, plan->spec.scopes[static_cast<std::size_t>(scope.index)]) *
          plan->scopes[static_cast<std::size_t>(scope.parent)].max_rows;
    for (CompiledNode& node : scope.nodes)
      if (!plan->pretence) make_pools(*plan, node, kept_of(*plan, node.global));
    scope.pool =
        std::make_unique<ObjectPool<Activation>>(scope.parent < 0 ? kMostRoots : kMostChildren);
  }
  make_sequencers(*plan);
  compile_request_cache(*plan);
  return plan;
}

}  // namespace edgert
