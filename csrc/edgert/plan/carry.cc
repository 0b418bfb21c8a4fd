#include "edgert/plan/carry.h"

#include <algorithm>
#include <unordered_map>

#include "edgert/plan/builder_names.h"
#include "edgert/plan/compile_batches.h"
#include "edgert/plan/lookup.h"

namespace edgert {
namespace {

using ByKey = std::unordered_map<Hash128, const CompiledNode*>;

bool equal_formats(const FrameFormat& a, const FrameFormat& b) {
  return a.kind == b.kind && a.image == b.image && a.audio == b.audio && a.table == b.table;
}

bool equal_sensors(const SensorSpec& a, const SensorSpec& b) {
  return a.name == b.name && equal_formats(a.format, b.format) && a.inbox == b.inbox &&
         a.queue == b.queue && a.in_flight == b.in_flight && a.cache == b.cache;
}

// What is computed, and of which sensor.
Hash128 key_of(const Plan& plan, const CompiledNode& node) {
  const int sensor = plan.scopes[static_cast<std::size_t>(node.spec->scope)].sensor;
  Hash128 key = node.spec->identity;
  key.low += static_cast<std::uint64_t>(plan.sensor_numbers[static_cast<std::size_t>(sensor)]);
  return key;
}

bool equal_outputs(const NodeSpec& a, const NodeSpec& b) {
  return std::ranges::equal(a.outputs, b.outputs, [](const TensorSpec& x, const TensorSpec& y) {
    return x.dtype == y.dtype && x.shape == y.shape && x.max_bytes == y.max_bytes;
  });
}

// An identity doesn't say what a joined sensor's frames are like: its operation must have been made
// for the same shapes.
bool equal_shapes(const Plan& plan, const NodeSpec& node, const Plan& before,
                  const NodeSpec& from) {
  return equal_outputs(node, from) &&
         std::ranges::equal(node.inputs, from.inputs, [&](const ValueRef& a, const ValueRef& b) {
           return equal_outputs(node_of(plan.spec, a.node), node_of(before.spec, b.node));
         });
}

ByKey nodes_by_key(const Plan& plan) {
  ByKey nodes;
  nodes.reserve(plan.places.size());
  for (const CompiledScope& scope : plan.scopes)
    for (const CompiledNode& node : scope.nodes) nodes.try_emplace(key_of(plan, node), &node);
  return nodes;
}

void take_over(CompiledNode& node, const CompiledNode& from) {
  node.before = &from;
  node.transform = from.transform;
  node.session = from.session;
  node.memory = from.memory;
  node.pools = from.pools;
  node.most_buffers = from.most_buffers;
  node.sequencer = from.sequencer;
  node.seat = from.seat;
  node.joined = from.joined;
  node.last = from.last;
  node.metrics = from.metrics;
  node.times->follow(*from.times);
}

// Who asks there, and how, in their order.
std::vector<Hash128> askers_of(const Plan& plan, const CompiledNode& keep) {
  std::vector<Hash128> askers;
  for (const auto& joins : plan.spec.nodes)
    if (joins.kind == NodeKind::kJoin && joins.inputs[1].node == keep.global)
      askers.push_back(joins.identity);
  return askers;
}

}  // namespace

void number_sensors(Plan& plan, const Plan* before) {
  plan.next_sensor_number = before ? before->next_sensor_number : 0;
  for (const SensorSpec& sensor : plan.spec.sensors) {
    int number = -1;
    for (std::size_t i = 0; before && i < before->spec.sensors.size(); ++i)
      if (equal_sensors(before->spec.sensors[i], sensor)) number = before->sensor_numbers[i];
    plan.sensor_numbers.push_back(number >= 0 ? number : plan.next_sensor_number++);
  }
}

void carry_nodes(Plan& plan, const Plan& before) {
  ByKey known = nodes_by_key(before);
  for (CompiledScope& scope : plan.scopes) {
    for (CompiledNode& node : scope.nodes) {
      const auto found = known.find(key_of(plan, node));
      if (found == known.end()) continue;
      const CompiledNode& from = *found->second;
      if (!equal_shapes(plan, *node.spec, before, *from.spec)) continue;
      take_over(node, from);
      if (node.kind() == NodeKind::kKeep && askers_of(plan, node) == askers_of(before, from))
        node.history = from.history;
      known.erase(found);  // none serves two
    }
  }
}

std::shared_ptr<ModelHost> carried_host(const Plan& plan, int model, int device,
                                        const Plan* before) {
  if (!before) return nullptr;
  const Hash128 identity = host_identity(plan.spec.models[static_cast<std::size_t>(model)], device);
  for (const PlacedModel& placed : before->models)
    for (const auto& host : placed.hosts)
      if (host->identity == identity && batches_fit(plan, model, *host)) return host;
  return nullptr;
}

std::shared_ptr<Whereabouts> carried_whereabouts(const PlacedModel& model, const Plan* before) {
  if (before)
    for (const PlacedModel& other : before->models)
      if (other.whereabouts && other.hosts == model.hosts) return other.whereabouts;
  return std::make_shared<Whereabouts>();
}

}  // namespace edgert
