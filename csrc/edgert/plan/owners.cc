#include "edgert/plan/owners.h"

#include <algorithm>
#include <map>
#include <utility>

#include "edgert/plan/builder_names.h"

namespace edgert {
namespace {

using Follower = NodeTimes::Follower;

struct Way {
  bool always = false;  // wanted whatever conditions say
  std::size_t owner = 0;
};

// By node: how one pipeline wants it.
using Ways = std::map<const CompiledNode*, Way>;

std::size_t place_of(const CompiledNode& node, int pipeline) {
  const auto found = std::ranges::find(node.owners, static_cast<std::uint32_t>(pipeline),
                                       [](const Owner& owner) { return owner.pipeline; });
  // Owners beyond the most that are told apart share the last place.
  const auto place = static_cast<std::size_t>(found - node.owners.begin());
  return std::min(place, node.owners.size() - 1);
}

void list_owners(Plan& plan, CompiledNode& node, int sensor) {
  for (int slot : node.demanded_by) {
    const int index =
        plan.sensor_pipelines[static_cast<std::size_t>(sensor)][static_cast<std::size_t>(slot)];
    const CompiledPipeline& pipeline = plan.pipelines[static_cast<std::size_t>(index)];
    const int application = find_named(plan.spec.applications, pipeline.spec->application);
    node.owners.push_back(
        {static_cast<std::uint32_t>(application), static_cast<std::uint32_t>(pipeline.of)});
  }
  std::ranges::stable_sort(node.owners, {}, &Owner::application);
  if (node.owners.size() > kMostOwners) node.owners.resize(kMostOwners);
}

Ways ways_of(Plan& plan, CompiledPipeline& pipeline) {
  Ways ways;
  for (std::size_t scope = 0; scope < plan.scopes.size(); ++scope) {
    for (Demand& demand : pipeline.demands[scope]) {
      for (Demand::Want& want : demand.wants) {
        const CompiledNode& node = plan.scopes[scope].nodes[static_cast<std::size_t>(want.local)];
        Way& way = ways[&node];
        way.owner = place_of(node, pipeline.of);
        way.always |= demand.gate_local < 0 && demand.beside.empty();
        want.owner = static_cast<int>(way.owner);
      }
    }
  }
  return ways;
}

class Following {
 public:
  Following(const Plan& plan, const Ways& ways) : plan_(plan), ways_(ways) {}

  std::vector<Follower> of(const CompiledNode& node, const Way& way) const {
    std::vector<Follower> found;
    if (node.kind() == NodeKind::kEach) add_first(scope_of(node.spec->inner), way, found);
    const CompiledNode* at = &node;
    // Behind the last node of a scope comes what follows the each-node that runs it.
    while (add_dependents(*at, way, found) == 0 && found.empty()) {
      const CompiledScope& scope = scope_of(at->spec->scope);
      if (scope.parent < 0) break;
      at = &scope_of(scope.parent).nodes[static_cast<std::size_t>(scope.each_local)];
    }
    return found;
  }

  // The nodes of a scope that wait for nothing in it.
  std::size_t add_first(const CompiledScope& scope, const Way& from,
                        std::vector<Follower>& into) const {
    std::size_t count = 0;
    for (const CompiledNode& node : scope.nodes)
      if (node.waits_for.empty() && node.local != scope.entry) count += add(node, from, into);
    return count;
  }

 private:
  const CompiledScope& scope_of(int index) const {
    return plan_.scopes[static_cast<std::size_t>(index)];
  }
  std::size_t add_dependents(const CompiledNode& node, const Way& from,
                             std::vector<Follower>& into) const {
    std::size_t count = 0;
    for (int local : node.dependents)
      count += add(scope_of(node.spec->scope).nodes[static_cast<std::size_t>(local)], from, into);
    return count;
  }
  std::size_t add(const CompiledNode& node, const Way& from, std::vector<Follower>& into) const {
    const auto way = ways_.find(&node);
    if (way == ways_.end() || (from.always && !way->second.always)) return 0;
    into.push_back({node.times.get(), way->second.owner});
    return 1;
  }
  const Plan& plan_;
  const Ways& ways_;
};

// By a profile, or what was measured of batches.
Nanos expected_of(const CompiledNode& node) {
  if (node.spec->expected > 0 || !node.model || !node.model->batching) return node.spec->expected;
  return node.model->batching->expected(1);
}

}  // namespace

void compile_owners(Plan& plan) {
  std::map<const CompiledNode*, std::vector<std::vector<Follower>>> followers;
  for (CompiledScope& scope : plan.scopes) {
    for (CompiledNode& node : scope.nodes) {
      list_owners(plan, node, scope.sensor);
      followers[&node].resize(node.owners.size());
    }
  }
  for (CompiledPipeline& pipeline : plan.pipelines) {
    pipeline.application = find_named(plan.spec.applications, pipeline.spec->application);
    const Ways ways = ways_of(plan, pipeline);
    const Following following(plan, ways);
    for (const auto& [node, way] : ways) {
      auto& all = followers[node][way.owner];
      const auto more = following.of(*node, way);
      all.insert(all.end(), more.begin(), more.end());
    }
    const auto root = static_cast<std::size_t>(
        plan.spec.sensors[static_cast<std::size_t>(pipeline.sensor)].scope);
    following.add_first(plan.scopes[root], {true, 0}, pipeline.beginnings);
  }
  for (CompiledScope& scope : plan.scopes)
    for (CompiledNode& node : scope.nodes)
      node.times->prepare(expected_of(node), std::move(followers[&node]));
  // What a profile says of the last nodes reaches the first ones; a plan has no cycles.
  for (bool changed = true; changed;) {
    changed = false;
    for (CompiledScope& scope : plan.scopes)
      for (CompiledNode& node : scope.nodes) changed |= node.times->look_ahead();
  }
}

Nanos expected_latency(const CompiledPipeline& pipeline) {
  Nanos longest = 0;
  for (const Follower& first : pipeline.beginnings)
    longest = std::max(longest, first.times->rest(first.owner));
  return longest;
}

Nanos expected_latency_now(const CompiledPipeline& pipeline) {
  Nanos longest = 0;
  for (const Follower& first : pipeline.beginnings)
    longest = std::max(longest, first.times->rest_now(first.owner));
  return longest;
}

}  // namespace edgert
