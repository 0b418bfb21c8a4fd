#include "edgert/plan/owners.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace edgert {
namespace {

using Follower = NodeTimes::Follower;

// How one pipeline wants a node.
struct Way {
  const CompiledNode* node = nullptr;
  bool always = false;  // whatever conditions say
  std::size_t owner = 0;
};

// Of one pipeline after the other: a node is found by its index in the plan.
class Ways {
 public:
  explicit Ways(const Plan& plan) : places_(plan.places.size(), kNone) {}

  void clear() {
    for (const Way& way : ways_) places_[index_of(*way.node)] = kNone;
    ways_.clear();
  }
  Way& at(const CompiledNode& node) {
    std::uint32_t& place = places_[index_of(node)];
    if (place == kNone) {
      place = static_cast<std::uint32_t>(ways_.size());
      ways_.push_back({&node, false, 0});
    }
    return ways_[place];
  }
  const Way* find(const CompiledNode& node) const {
    const std::uint32_t place = places_[index_of(node)];
    return place == kNone ? nullptr : &ways_[place];
  }
  const std::vector<Way>& all() const { return ways_; }

 private:
  static constexpr std::uint32_t kNone = ~0u;
  static std::size_t index_of(const CompiledNode& node) {
    return static_cast<std::size_t>(node.global);
  }
  std::vector<std::uint32_t> places_;
  std::vector<Way> ways_;
};

// Owners are in the order of their applications.
std::size_t place_of(const CompiledNode& node, const CompiledPipeline& pipeline) {
  const auto application = static_cast<std::uint32_t>(pipeline.application);
  const auto first = std::ranges::lower_bound(node.owners, application, {}, &Owner::application);
  const auto last = std::ranges::upper_bound(node.owners, application, {}, &Owner::application);
  const auto of = static_cast<std::uint32_t>(pipeline.of);
  const auto found = std::ranges::find(first, last, of, &Owner::pipeline);
  // Owners beyond the most that are told apart share the last place.
  if (found == last) return node.owners.size() - 1;
  return static_cast<std::size_t>(found - node.owners.begin());
}

// Of each sensor's pipelines, whose work they want, by slot.
std::vector<std::vector<Owner>> owners_by_slot(const Plan& plan) {
  std::vector<std::vector<Owner>> owners(plan.sensor_pipelines.size());
  for (const CompiledPipeline& pipeline : plan.pipelines)  // in the order of their slots
    owners[static_cast<std::size_t>(pipeline.sensor)].push_back(
        {static_cast<std::uint32_t>(pipeline.application),
         static_cast<std::uint32_t>(pipeline.of)});
  return owners;
}

// `by_slot`: of the sensor's pipelines.
void list_owners(CompiledNode& node, const std::vector<Owner>& by_slot) {
  node.owners.reserve(node.demanded_by.size());
  for (int slot : node.demanded_by) node.owners.push_back(by_slot[static_cast<std::size_t>(slot)]);
  std::ranges::stable_sort(node.owners, {}, &Owner::application);
  if (node.owners.size() > kMostOwners) node.owners.resize(kMostOwners);
}

void find_ways(const Plan& plan, CompiledPipeline& pipeline, Ways& ways) {
  ways.clear();
  for (std::size_t scope = 0; scope < plan.scopes.size(); ++scope) {
    if (plan.spec.scopes[scope].sensor != pipeline.sensor) continue;
    for (Demand& demand : pipeline.demands[scope]) {
      for (Demand::Want& want : demand.wants) {
        const CompiledNode& node = plan.scopes[scope].nodes[static_cast<std::size_t>(want.local)];
        Way& way = ways.at(node);
        way.owner = place_of(node, pipeline);
        way.always |= demand.gate_local < 0 && demand.beside.empty();
        want.owner = static_cast<int>(way.owner);
      }
    }
  }
}

class Following {
 public:
  Following(const Plan& plan, const Ways& ways) : plan_(plan), ways_(ways) {
    for (const CompiledScope& scope : plan.scopes) {
      auto& first = first_.emplace_back();
      for (const CompiledNode& node : scope.nodes)
        if (node.waits_for.empty() && node.local != scope.entry) first.push_back(&node);
    }
  }

  // What follows `way.node`.
  void add_to(std::vector<NodeTimes::Following>& found, const Way& way) const {
    const std::size_t before = found.size();
    const auto add = [&](const Follower& follower) { found.push_back({way.owner, follower}); };
    if (way.node->kind() == NodeKind::kEach) each_first(way.node->spec->inner, way.always, add);
    const CompiledNode* at = way.node;
    // Behind the last node of a scope comes what follows the each-node that runs it.
    while (each_dependent(*at, way.always, add) == 0 && found.size() == before) {
      const CompiledScope& scope = scope_of(at->spec->scope);
      if (scope.parent < 0) break;
      at = &scope_of(scope.parent).nodes[static_cast<std::size_t>(scope.each_local)];
    }
  }

  // The nodes of a scope that wait for nothing in it.
  template <class Add>
  void each_first(int scope, bool always, const Add& add) const {
    for (const CompiledNode* node : first_[static_cast<std::size_t>(scope)])
      look_at(*node, always, add);
  }

 private:
  const CompiledScope& scope_of(int index) const {
    return plan_.scopes[static_cast<std::size_t>(index)];
  }
  template <class Add>
  std::size_t each_dependent(const CompiledNode& node, bool always, const Add& add) const {
    const CompiledScope& scope = scope_of(node.spec->scope);
    std::size_t count = 0;
    for (int local : node.dependents)
      count += look_at(scope.nodes[static_cast<std::size_t>(local)], always, add);
    return count;
  }
  template <class Add>
  std::size_t look_at(const CompiledNode& node, bool always, const Add& add) const {
    const Way* way = ways_.find(node);
    if (!way || (always && !way->always)) return 0;
    add({node.times.get(), way->owner});
    return 1;
  }
  const Plan& plan_;
  const Ways& ways_;
  std::vector<std::vector<const CompiledNode*>> first_;  // by scope
};

// By a profile, or what was measured of batches.
Nanos expected_of(const CompiledNode& node) {
  const ModelHost* first = node.sites.front().model;
  if (node.spec->expected > 0 || !first || !first->batching) return node.spec->expected;
  return first->batching->expected(1);
}

void note_devices(CompiledPipeline& pipeline, const Way& way) {
  Movable movable{way.node->whereabouts, {}};
  for (const Site& site : way.node->sites) movable.devices.push_back(device_of(site.queue));
  for (const std::size_t device : movable.devices) pipeline.uses_devices |= 1u << device;
  if (!way.always) return;
  if (movable.whereabouts)
    pipeline.needs_movable.push_back(std::move(movable));
  else
    pipeline.needs_devices |= 1u << movable.devices.front();
}

}  // namespace

void compile_owners(Plan& plan) {
  std::unordered_map<std::string_view, int> applications;
  for (const ApplicationSpec& application : plan.spec.applications)
    applications.emplace(application.name, static_cast<int>(applications.size()));
  for (CompiledPipeline& pipeline : plan.pipelines)
    pipeline.application = applications.at(pipeline.spec->application);
  const auto owners = owners_by_slot(plan);
  for (CompiledScope& scope : plan.scopes)
    for (CompiledNode& node : scope.nodes)
      list_owners(node, owners[static_cast<std::size_t>(scope.sensor)]);
  std::vector<std::vector<NodeTimes::Following>> followers(plan.places.size());  // by node
  Ways ways(plan);
  const Following following(plan, ways);
  for (CompiledPipeline& pipeline : plan.pipelines) {
    find_ways(plan, pipeline, ways);
    for (const Way& way : ways.all()) note_devices(pipeline, way);
    for (const Way& way : ways.all())
      following.add_to(followers[static_cast<std::size_t>(way.node->global)], way);
    following.each_first(
        plan.spec.sensors[static_cast<std::size_t>(pipeline.sensor)].scope, true,
        [&](const Follower& follower) { pipeline.beginnings.push_back(follower); });
  }
  for (CompiledScope& scope : plan.scopes)
    for (CompiledNode& node : scope.nodes)
      node.times->prepare(expected_of(node), node.owners.size(),
                          std::move(followers[static_cast<std::size_t>(node.global)]));
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
