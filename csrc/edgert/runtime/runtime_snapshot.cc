// What the runtime counted, gathered from where it is counted.
#include <algorithm>
#include <set>

#include "edgert/runtime/runtime.h"

namespace edgert {
namespace {

Distribution distribution(const Histogram& histogram) {
  return {histogram.count(), histogram.mean(), histogram.quantile(0.5), histogram.quantile(0.99)};
}

NodeSnapshot node_snapshot(const Plan& plan, const CompiledNode& node) {
  NodeSnapshot s;
  s.id = node.global;
  s.scope = node.spec->scope;
  s.op = node.spec->op;
  s.name = node.spec->name;
  const NodeMetrics& metrics = *node.metrics;
  s.executed = metrics.executed.value();
  s.demanded = metrics.demanded.value();
  s.failed = metrics.failed.value();
  s.skipped = metrics.skipped.value();
  s.recalled = metrics.recalled.value();
  s.expired = metrics.expired.value();
  s.cached = metrics.cached.value();
  s.run = distribution(metrics.run);
  s.queue = distribution(metrics.queue);
  if (node.history) {
    s.kept = node.history->kept();
    s.lost = node.history->lost();
  }
  s.joins_streams = node.joined != nullptr;
  for (std::size_t i = 0; i < kJoinEnds && node.joined; ++i)
    s.joins[i] = (*node.joined)[static_cast<std::size_t>(JoinAnswer::kMatched) + i].value();
  std::set<std::string> applications;
  const auto& siblings = plan.sensor_pipelines[static_cast<std::size_t>(
      plan.scopes[static_cast<std::size_t>(node.spec->scope)].sensor)];
  for (int slot : node.demanded_by)
    applications.insert(
        plan.pipelines[static_cast<std::size_t>(siblings[static_cast<std::size_t>(slot)])]
            .spec->application);
  s.applications.assign(applications.begin(), applications.end());
  return s;
}

// Of several devices the runs together, and the first reason.
void add_batches(ModelSnapshot& of, const Batching& batching) {
  of.most_batch = batching.most();
  if (of.batch_refused.empty()) of.batch_refused = batching.refused();
  of.batches.resize(static_cast<std::size_t>(batching.most()));
  for (int items = 1; items <= batching.most(); ++items)
    of.batches[static_cast<std::size_t>(items) - 1] +=
        batching.runs[static_cast<std::size_t>(items)].value();
}

// What its nodes ran there, and how long: of several nodes the one that ran most.
PlaceSnapshot place_snapshot(const Plan& plan, std::size_t model, std::size_t site) {
  PlaceSnapshot place;
  place.device = device_name(plan.spec, plan.spec.models[model].devices[site]);
  place.instances = plan.models[model].hosts[site]->instances;
  std::int64_t most = -1;
  for (const CompiledScope& scope : plan.scopes) {
    for (const CompiledNode& node : scope.nodes) {
      if (!node.whereabouts || node.spec->model != static_cast<int>(model)) continue;
      const SiteRecord& record = *node.sites[site].record;
      const std::int64_t executed = record.executed.value();
      place.executed += executed;
      if (executed <= most) continue;
      most = executed;
      place.run = distribution(record.run);
      place.queue = distribution(record.queue);
    }
  }
  return place;
}

ModelSnapshot model_snapshot(const Plan& plan, std::size_t index) {
  const ModelSpec& spec = plan.spec.models[index];
  const PlacedModel& model = plan.models[index];
  const int now = model.whereabouts ? model.whereabouts->now() : 0;
  ModelSnapshot s{spec.name, spec.file, spec.backend};
  s.instances = model.hosts[static_cast<std::size_t>(std::max(0, now))]->instances;
  s.device = now == Whereabouts::kSoonest
                 ? kSoonestName
                 : device_name(plan.spec, spec.devices[static_cast<std::size_t>(now)]);
  for (const auto& host : model.hosts) {
    s.load += host->load_time;
    if (host->batching) add_batches(s, *host->batching);
  }
  for (std::size_t i = 0; model.whereabouts && i < spec.devices.size(); ++i)
    s.places.push_back(place_snapshot(plan, index, i));
  return s;
}

std::vector<ApplicationSnapshot> application_snapshots(
    const Plan& plan, const std::vector<PipelineSnapshot>& pipelines) {
  std::vector<ApplicationSnapshot> all;
  for (const auto& account : plan.ledger.accounts)
    all.push_back({account->spec.name,
                   account->spec.weight,
                   account->device.value(),
                   account->waiting.value(),
                   {},
                   {account->cache_hits.value(), account->cache_waits.value(),
                    account->cache_misses.value(), account->cache_saved.value()}});
  for (const CompiledPipeline& pipeline : plan.pipelines)
    for (std::size_t i = 0; i < kRefusals && !pipeline.feeds; ++i)
      all[static_cast<std::size_t>(pipeline.application)].refused[i] +=
          pipelines[static_cast<std::size_t>(pipeline.index)].not_admitted[i];
  return all;
}

void count_buffers(const Plan& plan, Snapshot& into) {
  for (const auto& [owner, store] : plan.stores) into.buffer_bytes += store->used_bytes();
  for (const PlacedModel& model : plan.models) {
    for (const auto& host : model.hosts) {
      if (!host->batching) continue;
      const std::uint64_t own = host->batching->bytes();
      into.buffer_bytes += own;
      into.buffer_bytes_apart += own;
    }
  }
  for (const CompiledScope& scope : plan.scopes) {
    for (const CompiledNode& node : scope.nodes) {
      for (const auto& pool : node.pools) {
        if (!pool) continue;
        const std::uint64_t own = pool->buffer_size() * pool->most_out();
        into.buffer_bytes_apart += own;
        if (pool->buffer_size() < kLeastShared) into.buffer_bytes += own;
      }
    }
  }
}

}  // namespace

Snapshot Runtime::snapshot() const {
  const std::lock_guard locked(at_hand_);
  const Plan& plan = *current_->plan;
  Snapshot s;
  s.uptime = uptime();
  s.generation = deploys_.generation;
  s.draining = static_cast<std::int64_t>(earlier_.size());
  s.deploy_compiled = deploys_.compiled;
  s.deploy_swapped = deploys_.swapped;
  s.gathered_bytes = executor_.copied_bytes();
  for (const PlacedModel& model : plan.models)
    for (const auto& host : model.hosts)
      for (const auto& session : host->sessions)
        s.engine_copied_bytes += static_cast<std::int64_t>(session->bytes_copied());
  count_buffers(plan, s);
  for (const auto& sensor : current_->sensors) s.sensors.push_back(sensor->snapshot());
  for (const CompiledScope& scope : plan.scopes) {
    for (const CompiledNode& node : scope.nodes) {
      if (node.session)
        s.engine_copied_bytes += static_cast<std::int64_t>(node.session->bytes_copied());
      if (node.kind() != NodeKind::kSource && node.kind() != NodeKind::kRegion)
        s.nodes.push_back(node_snapshot(plan, node));  // those two only stand for what comes in
    }
  }
  for (const auto& pipeline : current_->pipelines) s.pipelines.push_back(pipeline->snapshot());
  s.applications = application_snapshots(plan, s.pipelines);
  std::erase_if(s.applications, [this](const ApplicationSnapshot& application) {
    return current_->gone.contains(application.name);
  });
  for (const auto& lane : scheduler_.lanes())
    s.lanes.push_back({"cpu", lane->executions.value(), lane->busy_nanos.value()});
  for (const auto& device : devices_)
    for (const auto& lane : device->queues().lanes())
      if (device->own())
        s.lanes.push_back({device->name(), lane->executions.value(), lane->busy_nanos.value()});
  for (std::size_t i = 0; i < plan.models.size(); ++i) {
    s.models.push_back(model_snapshot(plan, i));
    for (const auto& host : plan.models[i].hosts)
      if (host->batching) s.batched_bytes += host->batching->copied.value();
  }
  if (cache_ && std::ranges::any_of(plan.spec.sensors, &SensorSpec::cache))
    s.cache = cache_->counts();
  if (share_) s.share = share_->snapshot();
  return s;
}

}  // namespace edgert
