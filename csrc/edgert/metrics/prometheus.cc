#include <bit>
#include <cstdio>

#include "edgert/metrics/snapshot.h"

namespace edgert {
namespace {

std::string escaped(const std::string& value) {
  std::string out;
  for (char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

class Page {
 public:
  void family(const char* name, const char* type, const char* help) {
    name_ = name;
    text_ += "# HELP " + name_ + " " + help + "\n# TYPE " + name_ + " " + type + "\n";
  }
  void sample(const std::string& labels, double value) {
    char number[40];
    std::snprintf(number, sizeof number, "%.9g", value);
    text_ += name_ + (labels.empty() ? "" : "{" + labels + "}") + " " + number + "\n";
  }
  void sample(const std::string& labels, std::int64_t value) {
    text_ +=
        name_ + (labels.empty() ? "" : "{" + labels + "}") + " " + std::to_string(value) + "\n";
  }
  void part(const char* ending, const std::string& labels, std::int64_t value) {
    text_ += name_ + ending + "{" + labels + "} " + std::to_string(value) + "\n";
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_, name_;
};

std::string label(const char* key, const std::string& value) {
  return std::string(key) + "=\"" + escaped(value) + "\"";
}

constexpr double kSeconds = 1e-9;

void sensors(Page& page, const Snapshot& s) {
  page.family("edgert_sensor_frames_total", "counter", "Frames that a sensor's source pushed.");
  for (const auto& sensor : s.sensors) page.sample(label("sensor", sensor.name), sensor.frames);
  page.family("edgert_sensor_activations_total", "counter", "Frames that went through the plan.");
  for (const auto& sensor : s.sensors)
    page.sample(label("sensor", sensor.name), sensor.activations);
  page.family("edgert_sensor_dropped_total", "counter", "Frames dropped, by reason.");
  for (const auto& sensor : s.sensors) {
    const std::string of = label("sensor", sensor.name) + ",";
    page.sample(of + label("reason", "inbox full"), sensor.dropped_full);
    page.sample(of + label("reason", "replaced"), sensor.dropped_replaced);
    page.sample(of + label("reason", "late"), sensor.dropped_late);
    page.sample(of + label("reason", "unwanted"), sensor.dropped_unwanted);
    page.sample(of + label("reason", "no memory"), sensor.dropped_no_memory);
    page.sample(of + label("reason", "not admitted"), sensor.dropped_not_admitted);
    page.sample(of + label("reason", "left over"), sensor.dropped_left_over);
  }
}

std::string node_labels(const NodeSnapshot& node) {
  return label("node", std::to_string(node.id)) + "," + label("op", node.op) + "," +
         label("name", node.name);
}

void nodes(Page& page, const Snapshot& s) {
  page.family("edgert_node_executed_total", "counter", "Executions of a node.");
  for (const auto& node : s.nodes) page.sample(node_labels(node), node.executed);
  page.family("edgert_node_demanded_total", "counter",
              "Executions that would have been needed without sharing.");
  for (const auto& node : s.nodes) page.sample(node_labels(node), node.demanded);
  page.family("edgert_node_failed_total", "counter", "Executions that failed.");
  for (const auto& node : s.nodes) page.sample(node_labels(node), node.failed);
  page.family("edgert_node_run_seconds", "summary", "Run time of a node.");
  for (const auto& node : s.nodes) {
    page.sample(node_labels(node) + "," + label("quantile", "0.5"), node.run.p50 * kSeconds);
    page.sample(node_labels(node) + "," + label("quantile", "0.99"), node.run.p99 * kSeconds);
  }
}

void pipelines(Page& page, const Snapshot& s) {
  page.family("edgert_pipeline_results_total", "counter",
              "Results of a pipeline, each in one outcome.");
  for (const auto& pipeline : s.pipelines)
    for (std::size_t i = 0; i < kOutcomes; ++i)
      page.sample(
          label("pipeline", pipeline.name) + "," + label("outcome", std::string(kOutcomeNames[i])),
          pipeline.outcomes[i]);
  page.family("edgert_pipeline_refused_total", "counter",
              "Frames without a result: the latency bound had passed before work began.");
  for (const auto& pipeline : s.pipelines)
    page.sample(label("pipeline", pipeline.name), pipeline.refused);
  page.family("edgert_pipeline_not_admitted_total", "counter",
              "Frames that a pipeline did not take in, by reason.");
  for (const auto& pipeline : s.pipelines)
    for (std::size_t i = 0; i < kRefusals; ++i)
      page.sample(
          label("pipeline", pipeline.name) + "," + label("reason", std::string(kRefusalNames[i])),
          pipeline.not_admitted[i]);
  page.family("edgert_pipeline_unread_total", "counter",
              "Results that were let go because nobody took them.");
  for (const auto& pipeline : s.pipelines)
    page.sample(label("pipeline", pipeline.name), pipeline.unread);
  page.family("edgert_pipeline_passed_total", "counter",
              "Frames that a pipeline let pass, by reason.");
  for (const auto& pipeline : s.pipelines) {
    const std::string of = label("pipeline", pipeline.name) + ",";
    page.sample(of + label("reason", "not due"), pipeline.not_due);
    page.sample(of + label("reason", "overload"), pipeline.passed_over);
  }
  page.family("edgert_pipeline_latency_seconds", "summary",
              "From capture to answer, of results that are ok or late.");
  for (const auto& pipeline : s.pipelines) {
    if (pipeline.latency.count == 0) continue;
    const std::string of = label("pipeline", pipeline.name) + ",";
    page.sample(of + label("quantile", "0.5"), pipeline.latency.p50 * kSeconds);
    page.sample(of + label("quantile", "0.99"), pipeline.latency.p99 * kSeconds);
  }
}

void joins(Page& page, const Snapshot& s) {
  page.family("edgert_join_total", "counter",
              "Frames that asked another sensor, by what they got.");
  for (const auto& node : s.nodes)
    for (std::size_t i = 0; node.joins_streams && i < kJoinEnds; ++i)
      page.sample(label("node", std::to_string(node.id)) + "," + label("name", node.name) + "," +
                      label("end", std::string(kJoinEndNames[i])),
                  node.joins[i]);
  page.family("edgert_join_lost_total", "counter", "Samples for joins that found no place.");
  for (const auto& node : s.nodes)
    if (node.op == "keep")
      page.sample(label("node", std::to_string(node.id)) + "," + label("name", node.name),
                  node.lost);
}

void applications(Page& page, const Snapshot& s) {
  page.family("edgert_application_device_seconds_total", "counter",
              "Time that lanes worked for an application; shared work in equal parts.");
  for (const auto& application : s.applications)
    page.sample(label("application", application.name),
                static_cast<double>(application.device) * kSeconds);
  page.family("edgert_application_waiting", "gauge",
              "Frames that an application's pipelines were not answered for.");
  for (const auto& application : s.applications)
    page.sample(label("application", application.name), application.waiting);
}

// The last bound is +Inf, as the format wants it.
void batches(Page& page, const Snapshot& s) {
  page.family("edgert_model_batch_size", "histogram", "Works that ran as one run of a model.");
  for (const auto& model : s.models) {
    if (model.batches.empty()) continue;
    const std::string of = label("model", model.name);
    std::int64_t runs = 0, items = 0;
    for (std::size_t i = 0; i < model.batches.size(); ++i) {
      runs += model.batches[i];
      items += model.batches[i] * static_cast<std::int64_t>(i + 1);
      if (std::has_single_bit(i + 1))
        page.part("_bucket", of + "," + label("le", std::to_string(i + 1)), runs);
    }
    page.part("_bucket", of + "," + label("le", "+Inf"), runs);
    page.part("_sum", of, items);
    page.part("_count", of, runs);
  }
  page.family("edgert_model_place_runs_total", "counter",
              "Works of a model that may run on several devices, by where they ran.");
  for (const auto& model : s.models)
    for (const auto& place : model.places)
      page.sample(label("model", model.name) + "," + label("device", place.device), place.executed);
  page.family("edgert_batched_bytes_total", "counter",
              "Copied to bring the inputs of a batch together.");
  page.sample("", s.batched_bytes);
}

void cache(Page& page, const Snapshot& s) {
  page.family("edgert_cache_bytes", "gauge", "Memory of the request cache.");
  page.sample("", s.cache.bytes);
  page.family("edgert_cache_limit_bytes", "gauge", "Memory that the request cache may take.");
  page.sample("", s.cache.limit);
  page.family("edgert_cache_results", "gauge", "Results in the request cache.");
  page.sample("", s.cache.results);
  page.family("edgert_cache_evictions_total", "counter", "Results that had to make room.");
  page.sample("", s.cache.evictions);
  page.family("edgert_cache_refused_total", "counter", "Contents or results without room.");
  page.sample("", s.cache.refused);
  page.family("edgert_cache_collisions_total", "counter", "Contents with another one's hash.");
  page.sample("", s.cache.collisions);
  page.family("edgert_cache_lookups_total", "counter",
              "Nodes that an application asked the request cache for, by what it found.");
  for (const auto& application : s.applications) {
    const std::string of = label("application", application.name) + ",";
    page.sample(of + label("found", "result"), application.cache.hits);
    page.sample(of + label("found", "computing"), application.cache.waits);
    page.sample(of + label("found", "nothing"), application.cache.misses);
  }
  page.family("edgert_cache_saved_seconds_total", "counter",
              "Time of lanes that the request cache saved an application.");
  for (const auto& application : s.applications)
    page.sample(label("application", application.name),
                static_cast<double>(application.cache.saved) * kSeconds);
}

void share(Page& page, const ShareSnapshot& s) {
  page.family("edgert_share_clients", "gauge", "Processes that frames are lent to.");
  page.sample("", s.clients);
  page.family("edgert_share_held", "gauge", "Leases held by clients.");
  page.sample("", s.held);
  page.family("edgert_share_granted_total", "counter", "Leases granted.");
  page.sample("", s.granted);
  page.family("edgert_share_copied_bytes_total", "counter", "Copied into shared memory.");
  page.sample("", s.copied_bytes);
  page.family("edgert_share_reclaimed_total", "counter", "Leases of clients that went away.");
  page.sample("", s.reclaimed);
  page.family("edgert_share_refused_total", "counter", "Frames not lent, by reason.");
  page.sample(label("reason", "no slot"), s.refused_no_slot);
  page.sample(label("reason", "too large"), s.refused_too_large);
  page.sample(label("reason", "client holds all it may"), s.refused_holds_all);
  page.sample(label("reason", "client does not read"), s.refused_not_reading);
  page.sample(label("reason", "server behind"), s.refused_behind);
}

}  // namespace

std::string prometheus_text(const Snapshot& snapshot) {
  Page page;
  page.family("edgert_uptime_seconds", "gauge", "Time since the runtime started.");
  page.sample("", static_cast<double>(snapshot.uptime) * kSeconds);
  page.family("edgert_plan_generation", "gauge", "Of the plan that runs: 1 and a deploy each.");
  page.sample("", static_cast<double>(snapshot.generation));
  page.family("edgert_plans_draining", "gauge", "Earlier plans that are not freed yet.");
  page.sample("", static_cast<double>(snapshot.draining));
  sensors(page, snapshot);
  nodes(page, snapshot);
  joins(page, snapshot);
  pipelines(page, snapshot);
  applications(page, snapshot);
  batches(page, snapshot);
  page.family("edgert_lane_busy_seconds_total", "counter", "Time that a lane ran work.");
  for (std::size_t i = 0; i < snapshot.lanes.size(); ++i)
    page.sample(label("lane", std::to_string(i)),
                static_cast<double>(snapshot.lanes[i].busy) * kSeconds);
  if (snapshot.cache.limit > 0) cache(page, snapshot);
  if (!snapshot.share.path.empty()) share(page, snapshot.share);
  return page.take();
}

}  // namespace edgert
