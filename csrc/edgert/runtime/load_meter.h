// What a policy looks at, as one record of plain numbers: how much waits, how often and how long
// things ran lately, what the devices and the applications did.
//
// The record: nine numbers (version, monotonic time in s, uptime in s, then the rows of each
// table), and the tables row by row, in this order and with these columns; times are in ms, rates
// a second, and all but `waiting` and `in_flight` fade as metrics/recent.h says.
//   lanes         busy (0 to 1; a run counts when it ends)
//   queues        waiting, rate, run mean, run p50, run p99, wait p50, wait p99, expected run,
//                 where it runs (an index in ModelSpec::devices; -1: where it ends first)
//   places        of models that may run on several devices, by queue and device: waiting, rate,
//                 run mean, run p50, run p99, wait p50, expected run
//   pipelines     ok, late, skipped, dropped, failed, stale, refused, limited (rates), latency
//                 p50, p99, share
//   applications  device (lanes' time a time), waiting
//   sensors       frames (rate), waiting, in_flight, dropped (rate)
//
// Thread rule: look() by one thread at a time, while everything runs. It allocates nothing after
// the first time.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "edgert/metrics/recent.h"
#include "edgert/plan/compiled.h"
#include "edgert/runtime/admission.h"
#include "edgert/runtime/pipeline_port.h"
#include "edgert/runtime/sensor_port.h"
#include "edgert/sched/scheduler.h"

namespace edgert {

inline constexpr int kLoadVersion = 2;
static_assert(kOutcomes == 6);  // another one is another version of the record

// One queue: the nodes whose executions wait in it, and where that is: a group of a scheduler, or
// one for each device that a model may run on.
struct QueueOutline {
  int model = -1;                       // in the plan; -1: a transform's
  bool aside = false;                   // of the lanes for what may wait
  const CompiledNode* first = nullptr;  // whose sites it has
  std::vector<int> nodes;               // global

  const std::vector<Site>& sites() const { return first->sites; }
};
std::vector<QueueOutline> outline_queues(Plan& plan);

// Parts of a runtime, which outlive the meter.
struct LoadParts {
  Generation* generation;
  const std::vector<Queues*>* queues;  // by Site::queue
  const Clock* clock;
};

class LoadMeter {
 public:
  explicit LoadMeter(const LoadParts& parts);

  const std::vector<double>& look(Nanos uptime);
  const std::vector<QueueOutline>& queues() const { return outlines_; }
  // In RankTable::groups.
  std::size_t place_of(const Site& site) const { return queues_of(site).number(site.group); }

 private:
  struct Times {
    std::vector<const Histogram*> runs, waits;
    RecentTimes run, wait;
    RecentRate rate;
  };
  struct Queue : Times {
    std::vector<const CompiledNode*> nodes;
    std::vector<Times> places;  // by site, where there are several
  };
  struct Pipeline {
    std::array<RecentRate, kOutcomes> outcomes;
    RecentRate refused, limited;
    RecentTimes latency;
  };
  struct Sensor {
    RecentRate frames, dropped;
  };
  void add(std::initializer_list<double> row) { record_.insert(record_.end(), row); }
  void lanes(Nanos passed);
  void queues(Nanos passed);
  void places(Nanos passed);
  std::size_t count_places() const;
  double waiting(const Site& site) const;
  const Queues& queues_of(const Site& site) const {
    return *(*parts_.queues)[static_cast<std::size_t>(site.queue)];
  }
  void pipelines(Nanos passed);
  void applications(Nanos passed);
  void sensors(Nanos passed);

  LoadParts parts_;
  Nanos before_;
  std::vector<QueueOutline> outlines_;
  std::vector<const Lane*> lanes_;
  std::vector<RecentRate> busy_, applications_;
  std::vector<Queue> queues_;
  std::vector<Pipeline> pipelines_;
  std::vector<Sensor> sensors_;
  std::vector<double> record_;
};

}  // namespace edgert
