#include "edgert/runtime/load_meter.h"

#include <algorithm>

namespace edgert {
namespace {

constexpr double kMilli = 1e-6;  // ms of a nanosecond

bool has_queue(const CompiledNode& node) {
  if (node.kind() == NodeKind::kModel) return true;
  return node.kind() == NodeKind::kTransform && !node.cheap;
}

// By what its application may use; frames without time have a result.
std::int64_t limited(const RefusalCounts& counts) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < kRefusals; ++i)
    if (static_cast<Refusal>(i) != Refusal::kNoTime) sum += counts[i];
  return sum;
}

// Of the processor, and of each Device document; not those for what may wait.
std::vector<const Lane*> lanes_of(const std::vector<Queues*>& queues) {
  std::vector<const Lane*> lanes;
  for (std::size_t i = 0; i < queues.size(); ++i)
    if (i != kAside)
      for (const auto& lane : queues[i]->lanes()) lanes.push_back(&*lane);
  return lanes;
}

}  // namespace

std::vector<QueueOutline> outline_queues(Plan& plan) {
  std::vector<QueueOutline> queues;
  for (CompiledScope& scope : plan.scopes) {
    for (CompiledNode& node : scope.nodes) {
      if (!has_queue(node)) continue;
      const Site& site = node.sites.front();
      auto known = std::ranges::find_if(queues, [&site](const QueueOutline& queue) {
        return queue.sites().front().group == site.group &&
               queue.sites().front().queue == site.queue;
      });
      if (known == queues.end()) {
        const bool model = node.kind() == NodeKind::kModel;
        queues.push_back({model ? node.spec->model : -1, node.aside, &node, {}});
        known = queues.end() - 1;
      }
      known->nodes.push_back(node.global);
    }
  }
  return queues;
}

LoadMeter::LoadMeter(const LoadParts& parts)
    : parts_(parts),
      before_(parts.clock->now()),
      outlines_(outline_queues(*parts.generation->plan)),
      lanes_(lanes_of(*parts.queues)),
      busy_(lanes_.size()),
      applications_(parts.generation->plan->spec.applications.size()),
      queues_(outlines_.size()),
      pipelines_(parts.generation->pipelines.size()),
      sensors_(parts.generation->sensors.size()) {
  for (std::size_t i = 0; i < outlines_.size(); ++i) {
    for (int global : outlines_[i].nodes) {
      const CompiledNode& node = parts_.generation->plan->node_at(global);
      queues_[i].nodes.push_back(&node);
      queues_[i].runs.push_back(&node.metrics->run);
      queues_[i].waits.push_back(&node.metrics->queue);
      if (!node.whereabouts) continue;
      queues_[i].places.resize(node.sites.size());
      for (std::size_t k = 0; k < node.sites.size(); ++k) {
        queues_[i].places[k].runs.push_back(&node.sites[k].record->run);
        queues_[i].places[k].waits.push_back(&node.sites[k].record->queue);
      }
    }
  }
}

std::size_t LoadMeter::count_places() const {
  std::size_t count = 0;
  for (const Queue& queue : queues_) count += queue.places.size();
  return count;
}

double LoadMeter::waiting(const Site& site) const {
  return static_cast<double>(std::max<std::int64_t>(0, queues_of(site).waiting(site.group)));
}

const std::vector<double>& LoadMeter::look(Nanos uptime) {
  const Nanos time = parts_.clock->now(), passed = std::max<Nanos>(time - before_, 1);
  before_ = time;
  record_.clear();
  add({kLoadVersion, static_cast<double>(time) / kSecond, static_cast<double>(uptime) / kSecond});
  for (std::size_t rows : {lanes_.size(), queues_.size(), count_places(), pipelines_.size(),
                           applications_.size(), sensors_.size()})
    add({static_cast<double>(rows)});
  lanes(passed);
  queues(passed);
  places(passed);
  pipelines(passed);
  applications(passed);
  sensors(passed);
  return record_;
}

void LoadMeter::lanes(Nanos passed) {
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const std::int64_t busy = lanes_[i]->busy_nanos.value();
    add({std::min(1.0, busy_[i].look(busy, passed) / kSecond)});
  }
}

void LoadMeter::queues(Nanos passed) {
  for (std::size_t i = 0; i < queues_.size(); ++i) {
    Queue& queue = queues_[i];
    const CompiledNode& first = *outlines_[i].first;
    double waiting = 0;
    for (const Site& site : first.sites) waiting += this->waiting(site);
    const Distribution run = queue.run.look(queue.runs, passed);
    const Distribution wait = queue.wait.look(queue.waits, passed);
    Nanos expected = 0;
    for (const CompiledNode* node : queue.nodes)
      expected = std::max(expected, node->spec->expected);
    add({waiting, queue.rate.look(run.count, passed), run.mean * kMilli, run.p50 * kMilli,
         run.p99 * kMilli, wait.p50 * kMilli, wait.p99 * kMilli,
         static_cast<double>(expected) * kMilli,
         static_cast<double>(first.whereabouts ? first.whereabouts->now() : 0)});
  }
}

void LoadMeter::places(Nanos passed) {
  for (std::size_t i = 0; i < queues_.size(); ++i) {
    for (std::size_t k = 0; k < queues_[i].places.size(); ++k) {
      Times& place = queues_[i].places[k];
      const Distribution run = place.run.look(place.runs, passed);
      const Distribution wait = place.wait.look(place.waits, passed);
      Nanos expected = 0;
      for (const CompiledNode* node : queues_[i].nodes)
        expected = std::max(expected, node->sites[k].record->times.expected());
      add({waiting(outlines_[i].sites()[k]), place.rate.look(run.count, passed), run.mean * kMilli,
           run.p50 * kMilli, run.p99 * kMilli, wait.p50 * kMilli,
           static_cast<double>(expected) * kMilli});
    }
  }
}

void LoadMeter::pipelines(Nanos passed) {
  for (std::size_t i = 0; i < pipelines_.size(); ++i) {
    Pipeline& pipeline = pipelines_[i];
    const PipelinePort& port = *parts_.generation->pipelines[i];
    const OutcomeCounts counts = port.outcome_counts();
    for (std::size_t k = 0; k < kOutcomes; ++k) add({pipeline.outcomes[k].look(counts[k], passed)});
    const Histogram* const latencies[] = {&port.latency()};
    const Distribution latency = pipeline.latency.look(latencies, passed);
    add({pipeline.refused.look(port.refused_at_admission.value(), passed),
         pipeline.limited.look(limited(port.refusals()), passed), latency.p50 * kMilli,
         latency.p99 * kMilli, port.share()});
  }
}

void LoadMeter::applications(Nanos passed) {
  for (std::size_t i = 0; i < applications_.size(); ++i) {
    const Account& account = *parts_.generation->plan->ledger.accounts[i];
    add({applications_[i].look(account.device.value(), passed) / kSecond,
         static_cast<double>(account.waiting.value())});
  }
}

void LoadMeter::sensors(Nanos passed) {
  for (std::size_t i = 0; i < sensors_.size(); ++i) {
    const SensorSnapshot of = parts_.generation->sensors[i]->snapshot();
    const std::int64_t dropped = of.dropped_full + of.dropped_replaced + of.dropped_late +
                                 of.dropped_unwanted + of.dropped_no_memory;
    add({sensors_[i].frames.look(of.frames, passed), static_cast<double>(of.waiting),
         static_cast<double>(of.in_flight), sensors_[i].dropped.look(dropped, passed)});
  }
}

}  // namespace edgert
