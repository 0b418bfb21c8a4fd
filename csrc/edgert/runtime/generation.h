// One plan that runs, with the ports at its ends: what a deploy replaces.
//
// A sensor takes frames through one generation at a time, and goes to the next one between two
// frames. Activations under way stay in theirs. Ports of sensors and pipelines that the next
// generation has, too, are in both.
//
// Thread rule: everything but the counts is set before the first sensor comes, and read-only then.
#pragma once

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "edgert/plan/compiled.h"

namespace edgert {

class PipelinePort;
class SensorPort;

// What a sensor's frames are for, by slot of its pipelines.
struct SensorView {
  struct Slot {
    const CompiledPipeline* pipeline = nullptr;
    PipelinePort* port = nullptr;  // null: what a join of another sensor's pipeline wants kept
  };

  Generation* generation = nullptr;
  Plan* plan = nullptr;
  int index = -1;  // of the sensor, in the plan
  std::vector<Slot> slots;
  std::vector<Slot> read;  // those with a port

  CompiledScope& scope() const {
    return plan->scopes[static_cast<std::size_t>(
        plan->spec.sensors[static_cast<std::size_t>(index)].scope)];
  }
};

struct Generation {
  std::uint64_t number = 0;
  std::unique_ptr<Plan> plan;
  std::vector<std::shared_ptr<PipelinePort>> pipelines;  // as the plan's
  std::vector<std::shared_ptr<SensorPort>> sensors;      // as the plan's
  std::vector<std::unique_ptr<SensorView>> views;        // by sensor
  // Applications of earlier generations keep their places: their counts go on when they come back.
  std::set<std::string> gone;

  // Sensors that are here or on their way, and activations. Who takes it to zero tells the runtime.
  std::atomic<std::int64_t> under_way{0};
  std::atomic<std::int64_t> timers{0};  // of activations, that did not call back yet

  PipelinePort* port_at(int sensor, int slot) const {
    return views[static_cast<std::size_t>(sensor)]->slots[static_cast<std::size_t>(slot)].port;
  }
  // Relaxed: whoever has one may make more of it.
  void hold() { under_way.fetch_add(1, std::memory_order_relaxed); }
};

}  // namespace edgert
