// Metrics as Python's dicts: milliseconds, and names as documents have them.
#include "bindings/metrics.h"

#include <pybind11/stl.h>

#include <string>

#include "edgert/base/clock.h"

namespace py = pybind11;
using namespace py::literals;

namespace edgert::python {
namespace {

py::dict distribution(const Distribution& of, const char* prefix) {
  py::dict out;
  const std::string name(prefix);
  out[py::str(name + "_mean")] = of.mean / kMillisecond;
  out[py::str(name + "_p50")] = of.p50 / kMillisecond;
  out[py::str(name + "_p99")] = of.p99 / kMillisecond;
  return out;
}

void merge(py::dict& into, const py::dict& from) {
  for (auto [key, value] : from) into[key] = value;
}

py::dict sensor_metrics(const SensorSnapshot& s, double uptime) {
  py::dict dropped("full"_a = s.dropped_full, "replaced"_a = s.dropped_replaced,
                   "late"_a = s.dropped_late, "unwanted"_a = s.dropped_unwanted,
                   "no_memory"_a = s.dropped_no_memory, "not_admitted"_a = s.dropped_not_admitted,
                   "left_over"_a = s.dropped_left_over);
  return py::dict("frames"_a = s.frames, "admitted"_a = s.admitted, "activations"_a = s.activations,
                  "in_flight"_a = s.in_flight, "waiting"_a = s.waiting, "dropped"_a = dropped,
                  "decode_ms"_a = static_cast<double>(s.decode) / kMillisecond, "ended"_a = s.ended,
                  "fps"_a = uptime > 0 ? static_cast<double>(s.frames) / uptime : 0.0);
}

py::dict refusals(const RefusalCounts& counts) {
  py::dict out;
  for (std::size_t i = 0; i < kRefusals; ++i)
    out[py::str(std::string(kRefusalNames[i]))] = counts[i];
  return out;
}

py::dict application_metrics(const ApplicationSnapshot& a) {
  return py::dict("weight"_a = a.weight, "device_s"_a = static_cast<double>(a.device) / kSecond,
                  "waiting"_a = a.waiting, "not_admitted"_a = refusals(a.refused),
                  "cache"_a = py::dict("hits"_a = a.cache.hits, "waits"_a = a.cache.waits,
                                       "misses"_a = a.cache.misses,
                                       "saved_s"_a = static_cast<double>(a.cache.saved) / kSecond));
}

py::object cache_metrics(const CacheSnapshot& c) {
  if (c.limit == 0) return py::none();
  return py::dict("bytes"_a = c.bytes, "limit"_a = c.limit, "contents"_a = c.contents,
                  "results"_a = c.results, "hits"_a = c.hits, "waits"_a = c.waits,
                  "misses"_a = c.misses, "evictions"_a = c.evictions, "refused"_a = c.refused,
                  "collisions"_a = c.collisions);
}

py::dict node_metrics(const NodeSnapshot& n) {
  py::dict out("id"_a = n.id, "op"_a = n.op, "name"_a = n.name, "scope"_a = n.scope,
               "executed"_a = n.executed, "demanded"_a = n.demanded, "failed"_a = n.failed,
               "skipped"_a = n.skipped, "recalled"_a = n.recalled, "expired"_a = n.expired,
               "cached"_a = n.cached, "applications"_a = n.applications);
  if (n.joins_streams) {
    py::dict joins;
    for (std::size_t i = 0; i < kJoinEnds; ++i)
      joins[py::str(std::string(kJoinEndNames[i]))] = n.joins[i];
    out["joins"] = joins;
  }
  if (n.op == "keep") out["kept"] = n.kept;
  if (n.op == "keep") out["lost"] = n.lost;
  merge(out, distribution(n.run, "run_ms"));
  merge(out, distribution(n.queue, "queue_ms"));
  return out;
}

py::object share_metrics(const ShareSnapshot& s) {
  if (s.path.empty()) return py::none();
  py::dict refused("no_slot"_a = s.refused_no_slot, "too_large"_a = s.refused_too_large,
                   "holds_all"_a = s.refused_holds_all, "not_reading"_a = s.refused_not_reading,
                   "behind"_a = s.refused_behind);
  return py::dict("path"_a = s.path, "slots"_a = s.slots, "clients"_a = s.clients,
                  "held"_a = s.held, "granted"_a = s.granted, "copied_bytes"_a = s.copied_bytes,
                  "reclaimed"_a = s.reclaimed, "misbehaved"_a = s.misbehaved,
                  "refused"_a = refused);
}

// `batches`: runs by how many works they were of. `places`: of a model that may run on several
// devices.
py::dict model_metrics(const ModelSnapshot& m) {
  py::dict batches;
  for (std::size_t i = 0; i < m.batches.size(); ++i)
    if (m.batches[i] > 0) batches[py::int_(i + 1)] = m.batches[i];
  py::list places;
  for (const PlaceSnapshot& place : m.places) {
    py::dict at("device"_a = place.device, "instances"_a = place.instances,
                "executed"_a = place.executed);
    merge(at, distribution(place.run, "run_ms"));
    merge(at, distribution(place.queue, "queue_ms"));
    places.append(at);
  }
  return py::dict("name"_a = m.name, "file"_a = m.file, "backend"_a = m.backend,
                  "instances"_a = m.instances, "device"_a = m.device, "places"_a = places,
                  "load_ms"_a = static_cast<double>(m.load) / kMillisecond,
                  "most_batch"_a = m.most_batch, "batch_refused"_a = m.batch_refused,
                  "batches"_a = batches);
}

py::dict deploy_metrics(const Snapshot& s) {
  return py::dict("generation"_a = s.generation, "draining"_a = s.draining,
                  "compile_ms"_a = static_cast<double>(s.deploy_compiled) / kMillisecond,
                  "swap_ms"_a = static_cast<double>(s.deploy_swapped) / kMillisecond);
}

}  // namespace

py::dict to_dict(const Snapshot& s) {
  const double uptime = static_cast<double>(s.uptime) / kSecond;
  py::dict sensors, pipelines, applications;
  for (const ApplicationSnapshot& a : s.applications)
    applications[py::str(a.name)] = application_metrics(a);
  py::list nodes, lanes, models;
  for (const SensorSnapshot& sensor : s.sensors)
    sensors[py::str(sensor.name)] = sensor_metrics(sensor, uptime);
  for (const NodeSnapshot& node : s.nodes) nodes.append(node_metrics(node));
  for (const PipelineSnapshot& p : s.pipelines) {
    py::dict entry("results"_a = p.results(), "refused"_a = p.refused, "unread"_a = p.unread,
                   "not_due"_a = p.not_due, "passed_over"_a = p.passed_over, "share"_a = p.share,
                   "rate"_a = uptime > 0 ? static_cast<double>(p.results()) / uptime : 0.0);
    entry["not_admitted"] = refusals(p.not_admitted);
    for (std::size_t i = 0; i < kOutcomes; ++i)
      entry[py::str(std::string(kOutcomeNames[i]))] = p.outcomes[i];
    merge(entry, distribution(p.latency, "latency_ms"));
    pipelines[py::str(p.name)] = entry;
  }
  for (const LaneSnapshot& lane : s.lanes)
    lanes.append(py::dict("device"_a = lane.device, "executions"_a = lane.executions,
                          "busy_s"_a = static_cast<double>(lane.busy) / kSecond));
  for (const ModelSnapshot& m : s.models) models.append(model_metrics(m));
  return py::dict("uptime_s"_a = uptime, "sensors"_a = sensors, "nodes"_a = nodes,
                  "pipelines"_a = pipelines, "applications"_a = applications, "lanes"_a = lanes,
                  "models"_a = models, "gathered_bytes"_a = s.gathered_bytes,
                  "buffer_bytes"_a = s.buffer_bytes, "buffer_bytes_apart"_a = s.buffer_bytes_apart,
                  "batched_bytes"_a = s.batched_bytes,
                  "engine_copied_bytes"_a = s.engine_copied_bytes, "deploy"_a = deploy_metrics(s),
                  "cache"_a = cache_metrics(s.cache), "share"_a = share_metrics(s.share));
}

}  // namespace edgert::python
