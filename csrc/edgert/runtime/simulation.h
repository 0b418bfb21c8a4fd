// A workload on a box that need not be there: the same admission, scheduler, executor, joins and
// expiry as ever, on a virtual clock, with devices made of profiles and sensors that are numbers.
//
//   auto simulation = edgert::Simulation::create(std::move(plan), options);
//   (*simulation)->run(3600 * edgert::kSecond);
//   edgert::Snapshot what = (*simulation)->runtime().snapshot();
//
// Equal plans, options and seeds give equal results, to the nanosecond. Thread rule: one thread.
#pragma once

#include <memory>
#include <vector>

#include "edgert/runtime/arrivals.h"
#include "edgert/runtime/fine_histogram.h"
#include "edgert/runtime/runtime.h"

namespace edgert {

struct SimulationOptions {
  int lanes = 1;
  Order order = Order::kEarliestDeadline;
  Nanos ageing = 100 * kMillisecond;
  PretendOptions pretend;
  std::vector<ArrivalSpec> arrivals;  // at most one a sensor; without one no frame comes
  std::uint64_t seed = 1;
};

class Simulation {
 public:
  static Result<std::unique_ptr<Simulation>> create(PlanSpec plan,
                                                    const SimulationOptions& options);

  // Lets that much time pass.
  void run(Nanos duration);

  Runtime& runtime() { return *runtime_; }
  // Of the answers of a pipeline (ok and late), since the start or forget().
  const FineHistogram& latency(std::size_t pipeline) const { return *latencies_[pipeline]; }
  std::size_t pipelines() const { return latencies_.size(); }
  void forget();  // what was measured of latencies: the start is over
  Nanos elapsed() const { return clock_.now() - kStart; }

 private:
  static constexpr Nanos kStart = kSecond;  // 0 means "not yet" to those who note times

  struct Source {
    Arrivals arrivals;
    SensorPort* port;
    Tensor samples;        // of sound and tables: what every frame holds
    bool waiting = false;  // for a place in the inbox
    bool ended = false;
  };
  explicit Simulation(const SimulationOptions& options) : options_(options), clock_(kStart) {}
  Status add_source(const ArrivalSpec& spec);
  void add_latency(PipelinePort& port);
  Nanos next_arrival() const;
  bool push_due(Nanos time);
  void push(Source& source, Nanos time);

  const SimulationOptions options_;
  Clock clock_;
  std::unique_ptr<Runtime> runtime_;
  std::vector<Source> sources_;
  std::vector<std::unique_ptr<FineHistogram>> latencies_;  // by pipeline
};

}  // namespace edgert
