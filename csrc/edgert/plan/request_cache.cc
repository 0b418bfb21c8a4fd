#include "edgert/plan/request_cache.h"

#include <algorithm>
#include <map>
#include <optional>

#include "edgert/plan/builder_names.h"
#include "edgert/plan/compiled.h"

namespace edgert {
namespace {

void hash_format(const FrameFormat& format, Hasher& into) {
  into.number(static_cast<std::uint64_t>(format.kind)).text(format.text());
  into.number(static_cast<std::uint64_t>(format.image.siting));
  into.number(static_cast<std::uint64_t>(format.audio.max_chunk));
  into.number(static_cast<std::uint64_t>(format.table.max_rows));
  for (const std::string& column : format.table.columns) into.text(column);
}

// What a node computes, whichever sensor of that format its frame comes from; none where that does
// not follow from the frame.
class Identities {
 public:
  explicit Identities(Plan& plan) : plan_(plan) {}

  const std::optional<Hash128>& of(int global) {
    const auto found = known_.find(global);
    if (found != known_.end()) return found->second;
    return known_.emplace(global, make(plan_.node_at(global))).first->second;
  }

 private:
  std::optional<Hash128> make(const CompiledNode& node) {
    const NodeSpec& spec = *node.spec;
    Hasher hasher;
    if (node.kind() == NodeKind::kSource) {
      const int sensor = plan_.scopes[static_cast<std::size_t>(spec.scope)].sensor;
      hash_format(plan_.spec.sensors[static_cast<std::size_t>(sensor)].format, hasher);
      return hasher.digest();
    }
    if (!follows(node)) return {};
    hasher.number(static_cast<std::uint64_t>(spec.kind)).text(spec.op);
    spec.params.hash_into(hasher);
    if (spec.model >= 0)
      hasher.hash(model_identity(plan_.spec.models[static_cast<std::size_t>(spec.model)]));
    for (const ModelInput& input : spec.model_inputs) {
      hasher.number(static_cast<std::uint64_t>(input.kind))
          .number(static_cast<std::uint64_t>(input.value));
      hasher.text(input.constant).text(input.constant_shape.text());
    }
    for (const ValueRef& input : spec.inputs) {
      const auto& from = of(input.node);
      if (!from) return {};
      hasher.hash(*from).number(static_cast<std::uint64_t>(input.output));
    }
    return hasher.digest();
  }

  bool follows(const CompiledNode& node) const {
    // What was computed of an earlier frame is not this one's. Private work is nobody else's.
    if (node.sequencer || node.aside || !node.recalls.empty() || !node.spec->private_to.empty())
      return false;
    if (node.kind() == NodeKind::kTransform) return !node.transform->stateful();
    return node.kind() == NodeKind::kModel || node.kind() == NodeKind::kRegion ||
           node.kind() == NodeKind::kEach || node.kind() == NodeKind::kGather;
  }

  Plan& plan_;
  std::map<int, std::optional<Hash128>> known_;
};

// Inputs first: a node may wait for a condition that was added after it.
std::vector<int> order_of(const CompiledScope& scope) {
  std::vector<int> order;
  std::vector<std::size_t> waits;
  for (const CompiledNode& node : scope.nodes) {
    waits.push_back(node.waits_for.size());
    if (node.waits_for.empty()) order.push_back(node.local);
  }
  for (std::size_t i = 0; i < order.size(); ++i)
    for (int next : scope.nodes[static_cast<std::size_t>(order[i])].dependents)
      if (--waits[static_cast<std::size_t>(next)] == 0) order.push_back(next);
  return order;
}

bool is_work(const CompiledNode& node) {
  return node.kind() == NodeKind::kModel || node.kind() == NodeKind::kGather ||
         (node.kind() == NodeKind::kTransform && !node.cheap);
}

// What is cheap is done again, unless it is a result of work: then nothing before it is needed.
bool worth_keeping(const CompiledScope& scope, const CompiledNode& node) {
  if (node.kind() == NodeKind::kEach) return false;
  if (is_work(node)) return true;
  return !node.pipelines.empty() && std::ranges::any_of(node.ancestors, [&](int local) {
    return is_work(scope.nodes[static_cast<std::size_t>(local)]);
  });
}

// Somebody who wants it has a use for it.
bool may_be_found(const Plan& plan, int sensor, const CompiledNode& node) {
  return std::ranges::any_of(
      node.demanded_by, [&](int slot) { return plan.pipeline_at(sensor, slot).space != kNoSpace; });
}

void add_ancestors(const CompiledScope& scope, CompiledNode& node) {
  for (int local : node.waits_for) {
    const CompiledNode& before = scope.nodes[static_cast<std::size_t>(local)];
    node.ancestors.push_back(local);
    node.ancestors.insert(node.ancestors.end(), before.ancestors.begin(), before.ancestors.end());
  }
  std::ranges::sort(node.ancestors);
  node.ancestors.erase(std::unique(node.ancestors.begin(), node.ancestors.end()),
                       node.ancestors.end());
}

}  // namespace

void compile_request_cache(Plan& plan) {
  for (CompiledPipeline& pipeline : plan.pipelines) {
    const auto application = static_cast<std::size_t>(pipeline.application);
    pipeline.space =
        pipeline.spec->share == Share::kPrivate
            ? kNoSpace
            : space_of(plan.spec.applications[application].cache, pipeline.application);
  }
  Identities identities(plan);
  for (const SensorSpec& sensor : plan.spec.sensors) {
    if (!sensor.cache) continue;
    CompiledScope& scope = plan.scopes[static_cast<std::size_t>(sensor.scope)];
    scope.order = order_of(scope);
    for (int local : scope.order) {
      CompiledNode& node = scope.nodes[static_cast<std::size_t>(local)];
      add_ancestors(scope, node);
      if (local == scope.entry || !worth_keeping(scope, node) ||
          !may_be_found(plan, scope.sensor, node))
        continue;
      const auto& identity = identities.of(node.global);
      if (!identity) continue;
      node.cacheable = true;
      node.content_identity = *identity;
      scope.cacheable.push_back(local);
    }
  }
}

}  // namespace edgert
