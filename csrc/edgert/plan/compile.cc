#include <algorithm>

#include "edgert/plan/activation.h"
#include "edgert/plan/carry.h"
#include "edgert/plan/compile_batches.h"
#include "edgert/plan/compile_joins.h"
#include "edgert/plan/compile_links.h"
#include "edgert/plan/compile_models.h"
#include "edgert/plan/compile_recalls.h"
#include "edgert/plan/compiled.h"
#include "edgert/plan/demand.h"
#include "edgert/plan/liveness.h"
#include "edgert/plan/lookup.h"
#include "edgert/plan/most_rows.h"
#include "edgert/plan/owners.h"
#include "edgert/plan/request_cache.h"
#include "edgert/plan/room_plan.h"
#include "edgert/plan/validate.h"

namespace edgert {
namespace {

constexpr std::uint32_t kMostChildren = 4096, kMostBuffers = 8192;

Status make_transforms(Plan& plan, int lanes) {
  for (CompiledScope& scope : plan.scopes) {
    for (CompiledNode& node : scope.nodes) {
      if (node.kind() != NodeKind::kTransform) continue;
      std::vector<InputFormat> formats;
      for (const ValueRef& ref : node.spec->inputs) {
        const NodeSpec& of = node_of(plan.spec, ref.node);
        if (of.kind == NodeKind::kSource) {
          formats.push_back(
              {&plan.spec.sensors[static_cast<std::size_t>(scope.sensor)].format, nullptr});
        } else {
          formats.push_back({nullptr, &of.outputs[static_cast<std::size_t>(ref.output)]});
        }
      }
      if (!node.transform) {
        auto made = make_transform(node.spec->op, node.spec->params, formats);
        if (!made.ok()) return made.status().within(node_place(*node.spec));
        node.transform = std::move(made).value();
      }
      node.cheap = node.transform->cheap();
      node.aside = node.transform->aside();
      if (node.aside) node.sites.front().queue = kAside;
      node.instances = node.aside || node.transform->stateful() ? 1 : lanes;
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

Stay stay_of(const ShortOutputs& short_ones, const CompiledNode& node, std::size_t output) {
  return short_ones[static_cast<std::size_t>(node.global)][output] ? Stay::kShort : Stay::kLong;
}

// Whether the pools that it took over are as they were made now.
bool has_pools(const CompiledNode& node, std::uint32_t most, const ShortOutputs& short_ones) {
  if (!node.before || node.most_buffers != most) return false;
  for (std::size_t i = 0; i < node.pools.size(); ++i)
    if (node.pools[i] && node.pools[i]->stay() != stay_of(short_ones, node, i)) return false;
  return true;
}

// A model's output of open shape stays in the engine's memory; all else comes from a pool.
void make_pools(Plan& plan, CompiledNode& node, const ShortOutputs& short_ones) {
  const std::uint32_t most = kMostBuffers + kept_of(plan, node.global) + node.kept_for_recalls;
  if (has_pools(node, most, short_ones)) return;
  node.most_buffers = most;
  node.pools.clear();
  for (std::size_t i = 0; i < node.spec->outputs.size(); ++i) {
    const TensorSpec& output = node.spec->outputs[i];
    const bool passes_on =
        node.kind() == NodeKind::kRegion || node.kind() == NodeKind::kKeep ||
        node.kind() == NodeKind::kRecall ||
        (node.kind() == NodeKind::kJoin && node.asks->rule(node.joiner).by != JoinBy::kInterpolate);
    const bool pooled = !passes_on && output.bytes() > 0 &&
                        (node.kind() != NodeKind::kModel || output.shape.is_static());
    auto store = output.bytes() < kLeastShared ? nullptr : store_of(plan, node);
    node.pools.push_back(pooled
                             ? std::make_shared<BufferPool>(output.bytes(), most, std::move(store),
                                                            stay_of(short_ones, node, i))
                             : nullptr);
  }
}

// What one frame's work needs lies in one region, where nodes run one after the other.
void make_all_pools(Plan& plan) {
  const ShortOutputs short_ones = short_outputs(plan.spec);
  for (CompiledScope& scope : plan.scopes)
    for (CompiledNode& node : scope.nodes) make_pools(plan, node, short_ones);
  const RoomPlan room = plan_room(plan.spec, short_ones);
  for (const auto& [owner, store] : plan.stores) {
    const auto region = room.regions.find(owner);
    if (region != room.regions.end()) store->plan_short(static_cast<std::size_t>(region->second));
  }
}

// What no equal node of the plan before had.
void make_memory(Plan& plan) {
  for (CompiledScope& scope : plan.scopes) {
    for (CompiledNode& node : scope.nodes) {
      if (!node.memory) node.memory = std::make_shared<NodeMemory>();
      if (!node.metrics) node.metrics = std::make_shared<NodeMetrics>();
    }
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
      if (!ordered) {
        node.sequencer = nullptr;
        continue;
      }
      if (!node.sequencer)
        node.sequencer = std::make_shared<Sequencer<Execution>>(
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

bool Plan::has_choices() const {
  return std::ranges::any_of(models,
                             [](const PlacedModel& model) { return model.whereabouts != nullptr; });
}

Result<std::unique_ptr<Plan>> compile_plan(PlanSpec spec, int lanes, const PretenceSpec* pretence,
                                           const Plan* before) {
  EDGERT_RETURN_IF_ERROR(validate_plan(spec));
  auto plan = std::make_unique<Plan>();
  plan->spec = std::move(spec);
  if (pretence) plan->pretence = std::make_unique<Pretence>(plan->spec, *pretence);
  place_nodes(*plan);
  number_sensors(*plan, before);
  if (before) {
    carry_nodes(*plan, *before);
    plan->stores = before->stores;
    plan->trace = before->trace;
    plan->clock = before->clock;
  }
  make_memory(*plan);
  const std::vector<PlanPart> parts = parts_of(plan->spec);
  EDGERT_RETURN_IF_ERROR(link_nodes(*plan, opening_gates(plan->spec, parts)));
  EDGERT_RETURN_IF_ERROR(make_transforms(*plan, lanes));
  EDGERT_RETURN_IF_ERROR(make_histories(*plan));
  EDGERT_RETURN_IF_ERROR(open_models(*plan, lanes, before));
  EDGERT_RETURN_IF_ERROR(make_recalls(*plan));
  EDGERT_RETURN_IF_ERROR(prepare_batches(*plan));
  EDGERT_RETURN_IF_ERROR(compile_demands(*plan, parts));
  compile_early_outputs(*plan);
  compile_owners(*plan);
  std::vector<DeviceLedger> devices{{kProcessorName, lanes}};
  for (const DeviceSpec& device : plan->spec.devices)
    devices.emplace_back(device.name, device.streams);
  plan->ledger = Ledger(plan->spec.applications, std::move(devices));
  if (before) plan->ledger.follow(before->ledger);
  for (CompiledScope& scope : plan->scopes) {
    if (scope.parent >= 0)
      scope.max_rows = most_rows(plan->spec, scope_of(plan->spec, scope.index)) *
                       plan->scopes[static_cast<std::size_t>(scope.parent)].max_rows;
    scope.pool =
        std::make_unique<ObjectPool<Activation>>(scope.parent < 0 ? kMostRoots : kMostChildren);
  }
  if (!plan->pretence) make_all_pools(*plan);
  make_sequencers(*plan);
  compile_request_cache(*plan);
  return plan;
}

}  // namespace edgert
